using System.Text.Json;

namespace Sessions.Domain;

/// <summary>IP addresses among an event's properties: <c>$ip</c>, which SDKs and backends send.</summary>
public static class Addresses
{
    private static readonly JsonReaderOptions Reading = new() { MaxDepth = 100_000 };

    /// <summary>The properties with null for the address; the same ones when they have none.</summary>
    /// <param name="properties">A JSON object as UTF-8, or nothing.</param>
    public static ReadOnlyMemory<byte> Erase(ReadOnlyMemory<byte> properties)
    {
        // However the name is escaped, it ends so: nearly all events are through here.
        if (properties.Span.IndexOf("ip\""u8) < 0)
        {
            return properties;
        }

        byte[]? erased = null;
        try
        {
            var reader = new Utf8JsonReader(properties.Span, Reading);
            while (reader.Read())
            {
                if (reader is { TokenType: JsonTokenType.PropertyName, CurrentDepth: 1 }
                    && reader.ValueTextEquals("$ip"u8)
                    && reader.Read()
                    && reader.TokenType == JsonTokenType.String
                    && reader.BytesConsumed - reader.TokenStartIndex >= "null"u8.Length)
                {
                    erased ??= properties.ToArray();
                    Span<byte> value = erased.AsSpan((int)reader.TokenStartIndex, (int)(reader.BytesConsumed - reader.TokenStartIndex));
                    value.Fill((byte)' ');
                    "null"u8.CopyTo(value);
                }
            }
        }
        catch (JsonException)
        {
            // What is no JSON is refused as such.
            return properties;
        }

        return erased ?? properties;
    }
}
