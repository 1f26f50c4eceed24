using System.Text.Json;

namespace Sessions.Capture.Cookieless;

/// <summary>
/// The properties of an event that tell a cookieless visitor from others. Null when the event lacks them.
/// </summary>
internal readonly record struct CookielessFields(string? Host, string? CurrentUrl, string? UserAgent, string? TimeZone)
{
    // Deep enough for every event: the parser drops deeper ones by its own, lower limit.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 10_000 };

    /// <param name="properties">
    /// An event's kept properties: valid JSON with valid text in its strings, or nothing.
    /// </param>
    public static CookielessFields Read(ReadOnlySpan<byte> properties)
    {
        var found = default(CookielessFields);
        if (properties.IsEmpty)
        {
            return found;
        }

        var reader = new Utf8JsonReader(properties, Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("$host"u8))
            {
                found = found with { Host = Text(ref reader) };
            }
            else if (reader.ValueTextEquals("$current_url"u8))
            {
                found = found with { CurrentUrl = Text(ref reader) };
            }
            else if (reader.ValueTextEquals("$raw_user_agent"u8))
            {
                found = found with { UserAgent = Text(ref reader) };
            }
            else if (reader.ValueTextEquals("$timezone"u8))
            {
                found = found with { TimeZone = Text(ref reader) };
            }
            else
            {
                reader.Skip();
            }
        }

        return found;
    }

    /// <summary>Moves the reader to the value, and returns it if it is a string that is not empty.</summary>
    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return null;
        }

        return reader.GetString() is { Length: > 0 } text ? text : null;
    }
}
