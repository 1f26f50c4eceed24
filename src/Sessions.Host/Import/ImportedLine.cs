using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sessions.Host.Import;

/// <summary>What a line of an imported file is.</summary>
/// <param name="Event">The event as capture takes it; null when there is none in the line.</param>
/// <param name="Time">When it happened.</param>
/// <param name="Skipped">Why there is no event in the line.</param>
internal readonly record struct ImportedLine(JsonObject? Event, DateTimeOffset Time, string? Skipped)
{
    /// <summary>A line without an event.</summary>
    public static ImportedLine Skip(string why) => new(null, default, why);
}

/// <summary>Reads lines of PostHog's event export: a JSON object each.</summary>
internal static class ExportLine
{
    /// <param name="line">The line.</param>
    /// <param name="offset">Where it begins in its file: an event without an id gets one of line and place.</param>
    public static ImportedLine Read(string line, long offset)
    {
        JsonObject? read;
        try
        {
            read = JsonNode.Parse(line) as JsonObject;
        }
        catch (JsonException)
        {
            return ImportedLine.Skip("no_json");
        }

        if (read is null)
        {
            return ImportedLine.Skip("not_an_object");
        }

        // Without a time it would have happened now, which is the one thing that is certainly wrong.
        if (Text(read, "timestamp") is not { } timestamp
            || !DateTimeOffset.TryParse(
                timestamp,
                System.Globalization.CultureInfo.InvariantCulture,
                System.Globalization.DateTimeStyles.AssumeUniversal,
                out DateTimeOffset time))
        {
            return ImportedLine.Skip("no_timestamp");
        }

        JsonObject happened = new()
        {
            ["uuid"] = Text(read, "uuid") ?? ImportIds.Of(line, offset),
            ["event"] = Text(read, "event"),
            ["timestamp"] = time.UtcDateTime.ToString("O"),
            ["properties"] = Properties(read["properties"]),
        };
        if (Text(read, "distinct_id") is { } person)
        {
            happened["distinct_id"] = person;
        }

        return new ImportedLine(happened, time, null);
    }

    /// <summary>Some exports hold the properties as text.</summary>
    private static JsonObject Properties(JsonNode? properties)
    {
        try
        {
            return properties switch
            {
                JsonObject all => (JsonObject)all.DeepClone(),
                JsonValue text when text.TryGetValue(out string? json) => JsonNode.Parse(json) as JsonObject ?? [],
                _ => [],
            };
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static string? Text(JsonObject read, string name) =>
        read[name] is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0 ? text : null;
}

/// <summary>Ids that a line has again when it is imported again.</summary>
internal static class ImportIds
{
    /// <summary>The id of what stands in a line at a place.</summary>
    public static string Of(string line, long offset)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{offset}\n{line}")));
        return new Guid(hash.AsSpan(0, 16)).ToString();
    }

    /// <summary>A visitor of whom only address and browser are known. Whoever lacks the key can't get back to the address.</summary>
    public static string Visitor(byte[] key, string address, string userAgent) =>
        "log-" + Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{address}\n{userAgent}")).AsSpan(0, 16));
}
