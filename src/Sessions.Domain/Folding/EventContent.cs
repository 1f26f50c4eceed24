using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sessions.Domain.Events;
using Sessions.Domain.Replay;

namespace Sessions.Domain.Folding;

/// <summary>
/// The content of an event, for comparison. A client may use the same id for different events, so two events of a
/// device with the same id are the same event only if their contents are equal.
/// </summary>
/// <param name="Digest">
/// A hash of name, person and properties. It leaves out properties that the server adds or erases (the country, an
/// address) or that only tell the server how to process the event, and does not depend on the spelling of the JSON.
/// </param>
/// <param name="Window"> The event's window; null when it has none, and then the window is not compared. </param>
/// <param name="Time">The event's time by the server's clock.</param>
/// <param name="ClientTime">
/// The event's time by the client's own clock, which stays the same however often the event is sent. Null when the
/// client sent no time, or when the time is not known any more; then the time is not compared.
/// </param>
public sealed record EventContent(Guid Digest, string? Window, DateTimeOffset Time, DateTimeOffset? ClientTime)
{
    // The same limit as in EventFactsReader, which refuses deeper events before.
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 10_000 };

    /// <summary>The content of a journal entry.</summary>
    public static EventContent Of(JournalEntry entry) => Of(
        entry.Kind == EntryKind.Replay,
        entry.Name,
        entry.DistinctId,
        entry.WindowId,
        entry.Properties,
        entry.Time,
        entry.ClientTime);

    /// <summary>The content of an event that arrives.</summary>
    /// <param name="happened">The event with its final timestamp.</param>
    /// <param name="clientTime">The event's time by the client's own clock; null when the client sent no time.</param>
    public static EventContent Of(SessionEvent happened, DateTimeOffset? clientTime) => Of(
        happened.IsReplay,
        happened.Name,
        happened.DistinctId,
        happened.WindowId,
        happened.Properties,
        happened.Timestamp!.Value,
        clientTime);

    /// <summary>The content of an event with these parts.</summary>
    public static EventContent Of(
        bool isReplay,
        string name,
        string distinctId,
        string? windowId,
        ReadOnlyMemory<byte> properties,
        DateTimeOffset time,
        DateTimeOffset? clientTime)
    {
        var said = new ArrayBufferWriter<byte>(properties.Length + 256);
        WriteText(name, said);
        WriteText(distinctId, said);
        if (isReplay && ReplaySummary.TryRead(properties.Span, out ReplaySummary? summary))
        {
            // Compares when the block was recorded by the client's clock, and its counts. Its storage place and the
            // clock's offset are left out, because they are determined for each request again.
            WriteNumber(summary.StartMs - summary.SkewMs, said);
            WriteNumber(summary.EndMs - summary.SkewMs, said);
            WriteNumber(summary.Events, said);
            clientTime = null;
        }
        else
        {
            WriteProperties(properties, said);
        }

        return new EventContent(HashOf(said.WrittenSpan), string.IsNullOrEmpty(windowId) ? null : windowId, time, clientTime);
    }

    /// <summary>
    /// Whether this is the same event as a stored one. Its time must equal the client's own time or, if the event comes
    /// from an export, the stored time.
    /// </summary>
    public bool IsSameAs(EventContent stored) =>
        Digest == stored.Digest
        && (Window is null || stored.Window is null || Window == stored.Window)
        && (ClientTime is not { } sent || stored.ClientTime is not { } known || sent == known || sent == stored.Time);

    /// <summary>
    /// The id under which the event is stored when a different event has its id: a UUIDv8, always the same for the same
    /// event.
    /// </summary>
    /// <param name="eventId">The id that the client sent.</param>
    public Guid IdBeside(Guid eventId)
    {
        var said = new ArrayBufferWriter<byte>(128);
        WriteId(eventId, said);
        WriteId(Digest, said);
        WriteNumber(ClientTime?.UtcTicks ?? -1, said);
        WriteText(Window ?? "", said);
        Span<byte> id = stackalloc byte[16];
        HashOf(said.WrittenSpan).TryWriteBytes(id);
        id[6] = (byte)((id[6] & 0x0F) | 0x80);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true);
    }

    /// <summary>Whether <see cref="IdBeside"/> may have made an id. Clients rarely use UUIDs of this version.</summary>
    public static bool MayBeBeside(Guid storedId) => storedId.Version == 8;

    private static void WriteProperties(ReadOnlyMemory<byte> properties, ArrayBufferWriter<byte> said)
    {
        if (properties.IsEmpty)
        {
            return;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(properties, Reading);
            CanonicalJson.WriteMembers(document.RootElement, IsNotOfTheEvent, said);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // Postgres refuses such JSON too. It is equal only to the same bytes.
            said.Write(properties.Span);
        }
    }

    /// <summary>
    /// Whether a property is left out: the server adds, erases or stores it elsewhere, or it only tells the server how
    /// to process the event.
    /// </summary>
    private static bool IsNotOfTheEvent(JsonProperty member) => member.Name switch
    {
        "$ip" or "$geoip_country_code" or "$device_id" or "$window_id" => true,
        "$ignore_sent_at" or "$geoip_disable" or "$cookieless_mode" => true,
        // Left out because events are compared only within a session. An invalid session id is an ordinary property.
        "$session_id" => member.Value.ValueKind == JsonValueKind.String && ClientSessionId.TryParse(member.Value.GetString(), out _),
        _ => false,
    };

    private static void WriteText(string text, ArrayBufferWriter<byte> said)
    {
        BinaryPrimitives.WriteInt32LittleEndian(said.GetSpan(sizeof(int)), text.Length);
        said.Advance(sizeof(int));
        said.Advance(Encoding.UTF8.GetBytes(text, said.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
    }

    private static void WriteNumber(long number, ArrayBufferWriter<byte> said)
    {
        BinaryPrimitives.WriteInt64LittleEndian(said.GetSpan(sizeof(long)), number);
        said.Advance(sizeof(long));
    }

    private static void WriteId(Guid id, ArrayBufferWriter<byte> said)
    {
        id.TryWriteBytes(said.GetSpan(16));
        said.Advance(16);
    }

    private static Guid HashOf(ReadOnlySpan<byte> said)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(said, hash);
        return new Guid(hash[..16]);
    }
}
