using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Sessions.Domain.Events;
using Sessions.Domain.Time;

namespace Sessions.Run.Import;

/// <summary>
/// Reads exported events: PostHog's, and those of <c>GET /api/export/events</c>. The export's own fields count.
/// Nothing is derived from the importer's connection, because its address and browser are not the visitor's.
/// </summary>
/// <param name="seen">Counts events without an id.</param>
internal sealed class ExportedEvent(Occurrences seen)
{
    // The id that SDKs send for every cookieless visitor. PostHog replaces it before it exports.
    private const string CookielessId = "$posthog_cookieless";

    // Capture decides whether an event is too deep.
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 1_000 };

    /// <param name="entry">A JSON object.</param>
    public ImportedLine Read(FileEntry entry)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(entry.Text, Reading);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Read(document.RootElement, entry.Offset)
                : ImportedLine.Skip(LeftOutReason.NotAnObject);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return ImportedLine.Skip(LeftOutReason.NoJson);
        }
    }

    private ImportedLine Read(JsonElement read, long offset)
    {
        // Capture would give an event without a time the current one, which is certainly wrong.
        if (Find(read, "timestamp") is not { } timestamp || TimeOf(timestamp) is not { } time)
        {
            return ImportedLine.Skip(LeftOutReason.NoTimestamp);
        }

        JsonElement? properties = Find(read, "properties");
        using JsonDocument? inText = ParsedText(properties);
        properties = inText?.RootElement ?? properties;
        JsonElement? person = PersonOf(read, properties);
        if (person is { } shared && IsCookielessId(shared))
        {
            return ImportedLine.Skip(LeftOutReason.CookielessWithoutId);
        }

        var happened = new ArrayBufferWriter<byte>(512);
        happened.Write("{"u8);
        Write(happened, "event", Find(read, "event"));
        Write(happened, "distinct_id", person);
        Write(happened, "timestamp"u8, Encoding.ASCII.GetBytes($"\"{time:O}\""));
        happened.Write(",\"properties\":"u8);
        WriteProperties(happened, read, properties);

        string order = Find(read, "sender_order") is { ValueKind: JsonValueKind.Number } sent ? sent.GetRawText() : $"{offset}";
        string id = (Find(read, "uuid") ?? Find(read, "event_id")) is { } named
            ? named.GetRawText()
            : $"\"{IdOf(happened.WrittenSpan, time, offset)}\"";
        happened.Write(Encoding.UTF8.GetBytes($",\"uuid\":{id},\"sender_order\":{order}}}"));
        return new ImportedLine(happened.WrittenMemory, time, null);
    }

    private Guid IdOf(ReadOnlySpan<byte> said, DateTimeOffset time, long offset)
    {
        Guid content = ImportIds.ContentOf(Compact(said));
        return ImportIds.Of(content, seen.Count(content, time, offset));
    }

    /// <summary>Removes white space, so that the layout of the file does not matter.</summary>
    private static ReadOnlySpan<byte> Compact(ReadOnlySpan<byte> unfinished)
    {
        var compact = new ArrayBufferWriter<byte>(unfinished.Length + 1);
        using JsonDocument document = JsonDocument.Parse((byte[])[.. unfinished, (byte)'}'], Reading);
        using var writer = new Utf8JsonWriter(compact, new JsonWriterOptions { MaxDepth = Reading.MaxDepth });
        document.WriteTo(writer);
        writer.Flush();
        return compact.WrittenSpan;
    }

    /// <summary>
    /// Reads a time as the gateway does: a text in one of many forms, or a number of seconds or milliseconds since
    /// 1970.
    /// </summary>
    private static DateTimeOffset? TimeOf(JsonElement value)
    {
        string? text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => null,
        };
        return TimestampText.TryParse(text, out Moment moment) ? moment.ToInstant() : null;
    }

    /// <summary>
    /// The event's person. If the event has the id of all cookieless visitors, another of its ids may be the visitor's
    /// own: PostHog also writes the ids that it derives there.
    /// </summary>
    private static JsonElement? PersonOf(JsonElement read, JsonElement? properties)
    {
        JsonElement? said = Find(read, "distinct_id") ?? In(properties, "distinct_id");
        if (said is not { } person || !IsCookielessId(person))
        {
            return said;
        }

        JsonElement? own = In(properties, "$distinct_id");
        own = own is { } id && !IsCookielessId(id) ? own : In(properties, "$device_id");
        return own ?? said;
    }

    private static bool IsCookielessId(JsonElement id) => id.ValueKind == JsonValueKind.String && id.ValueEquals(CookielessId);

    /// <summary>
    /// Some exports write the properties as text. Null when these are not a text, or a text that can't be read.
    /// </summary>
    private static JsonDocument? ParsedText(JsonElement? properties)
    {
        if (properties is not { ValueKind: JsonValueKind.String } text)
        {
            return null;
        }

        try
        {
            return JsonDocument.Parse(text.GetString()!, Reading);
        }
        catch (JsonException)
        {
            // Capture refuses it and names the reason.
            return null;
        }
    }

    private static void WriteProperties(ArrayBufferWriter<byte> happened, JsonElement read, JsonElement? properties)
    {
        if (properties is { ValueKind: not JsonValueKind.Object } none)
        {
            happened.Write(JsonMarshal.GetRawUtf8Value(none));
            return;
        }

        List<(string Name, string Json)> own = [.. OwnOf(read, properties)];
        happened.Write("{"u8);
        if (properties is { } all)
        {
            foreach (JsonProperty property in all.EnumerateObject())
            {
                if (!own.Exists(one => property.NameEquals(one.Name)))
                {
                    Write(happened, JsonMarshal.GetRawUtf8PropertyName(property), JsonMarshal.GetRawUtf8Value(property.Value));
                }
            }
        }

        foreach ((string name, string json) in own)
        {
            Write(happened, Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(json));
        }

        happened.Write("}"u8);
    }

    /// <summary>Properties that carry what else the export knows, in place of those that were sent.</summary>
    private static IEnumerable<(string Name, string Json)> OwnOf(JsonElement read, JsonElement? properties)
    {
        // The export already has the visitor's ids. As a text, the property keeps its meaning for queries, but capture
        // does not derive another id from the importer's address and browser.
        if (In(properties, "$cookieless_mode") is { ValueKind: JsonValueKind.True })
        {
            yield return ("$cookieless_mode", "\"true\"");
        }

        // An address in the event is the visitor's. Without one, capture would use the importer's.
        if (In(properties, "$ip") is not { ValueKind: JsonValueKind.String } || In(properties, "$geoip_country_code") is not null)
        {
            yield return ("$geoip_disable", "true");
        }

        JsonElement? device = In(properties, "$device_id");
        if (!IsOurs(read))
        {
            if (device is { } shared && IsCookielessId(shared))
            {
                yield return ("$device_id", "null");
            }

            yield break;
        }

        // The session and the device under which the event was stored. The sender may have named others.
        JsonElement? said = In(properties, "$session_id");
        if (Find(read, "session_id") is { } session && (said is not { } other || IsSessionId(other)))
        {
            yield return ("$session_id", session.GetRawText());
        }

        string taken = Find(read, "device_id")?.GetRawText() ?? "null";
        if ((device?.GetRawText() ?? "null") != taken)
        {
            yield return ("$device_id", taken);
        }
    }

    /// <summary>Whether it is a line of <c>GET /api/export/events</c>.</summary>
    private static bool IsOurs(JsonElement read) =>
        Find(read, "session_id") is { } session && IsSessionId(session) && Find(read, "event_id") is not null && Find(read, "received_at") is not null;

    private static bool IsSessionId(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && ClientSessionId.TryParse(value.GetString(), out _);

    private static JsonElement? In(JsonElement? properties, string name) =>
        properties is { ValueKind: JsonValueKind.Object } all ? Find(all, name) : null;

    /// <summary>Returns a member; null when it is absent, null or an empty text.</summary>
    private static JsonElement? Find(JsonElement read, string name) =>
        read.TryGetProperty(name, out JsonElement value)
        && value.ValueKind is not JsonValueKind.Null
        && !(value.ValueKind == JsonValueKind.String && value.ValueEquals(""))
            ? value
            : null;

    private static void Write(ArrayBufferWriter<byte> happened, string name, JsonElement? value)
    {
        if (value is { } there)
        {
            Write(happened, Encoding.UTF8.GetBytes(name), JsonMarshal.GetRawUtf8Value(there));
        }
    }

    private static void Write(ArrayBufferWriter<byte> happened, ReadOnlySpan<byte> name, ReadOnlySpan<byte> json)
    {
        happened.Write(happened.WrittenSpan[^1] == '{' ? "\""u8 : ",\""u8);
        happened.Write(name);
        happened.Write("\":"u8);
        happened.Write(json);
    }
}
