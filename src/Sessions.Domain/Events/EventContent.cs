using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sessions.Domain.Replay;

namespace Sessions.Domain;

/// <summary>
/// What an event says. An id is the client's word, and a client may use one twice: two events of a device with one id
/// are the same event only when they say the same.
/// </summary>
/// <param name="Digest">
/// A hash of name, person and properties. Of properties only what the client says of the event counts: not what the
/// server adds or erases (the country, an address), nor how the server is to read it, nor how the JSON is spelled.
/// </param>
/// <param name="Window">The event's window; null when it names none, and then the window can't tell it from another.</param>
/// <param name="Time">When it happened, by the server's clock.</param>
/// <param name="ClientTime">
/// When it happened by the client's own clock, which stays the same however often the event is sent; null when the
/// client named no time, or it is not known any more. The time then can't tell the event from another.
/// </param>
public sealed record EventContent(Guid Digest, string? Window, DateTimeOffset Time, DateTimeOffset? ClientTime)
{
    // As the reader of facts: what is deeper is refused before it gets here.
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 10_000 };

    /// <summary>What an entry of the journal says.</summary>
    public static EventContent Of(JournalEntry entry) => Of(
        entry.Kind == EntryKind.Replay,
        entry.Name,
        entry.DistinctId,
        entry.WindowId,
        entry.Properties,
        entry.Time,
        entry.ClientTime);

    /// <summary>What an event on its way says.</summary>
    /// <param name="happened">The event, its timestamp settled.</param>
    /// <param name="clientTime">When it happened by its client's own clock; null when the client named no time.</param>
    public static EventContent Of(SessionEvent happened, DateTimeOffset? clientTime) => Of(
        happened.IsReplay,
        happened.Name,
        happened.DistinctId,
        happened.WindowId,
        happened.Properties,
        happened.Timestamp!.Value,
        clientTime);

    /// <summary>What an event with these parts says.</summary>
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
            // When it was recorded by the client's clock, and how much. Where it is stored, and by how much the clock is off,
            // is found out anew for each request that brings it.
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
    /// Whether this is the stored event, sent again. The time that is sent is the client's own, or, out of an export,
    /// the one that was stored.
    /// </summary>
    public bool IsSameAs(EventContent stored) =>
        Digest == stored.Digest
        && (Window is null || stored.Window is null || Window == stored.Window)
        && (ClientTime is not { } sent || stored.ClientTime is not { } known || sent == known || sent == stored.Time);

    /// <summary>
    /// The id under which the event is kept when another one has its own: a UUIDv8, the same for the same event.
    /// </summary>
    /// <param name="eventId">The id that the client gave it.</param>
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

    /// <summary>Whether an id may be one that <see cref="IdBeside"/> made. Clients seldom make ids of this version.</summary>
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
            // What Postgres won't take either: it is only like itself.
            said.Write(properties.Span);
        }
    }

    /// <summary>What the server adds, erases or keeps elsewhere, and what only says how it is to take the event.</summary>
    private static bool IsNotOfTheEvent(JsonProperty member) => member.Name switch
    {
        "$ip" or "$geoip_country_code" or "$device_id" or "$window_id" => true,
        "$ignore_sent_at" or "$geoip_disable" or "$cookieless_mode" => true,
        // Events are only compared within a session. What is no session's id is a property like any other.
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
