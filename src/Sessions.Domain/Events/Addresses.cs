using System.Text.Json;

namespace Sessions.Domain.Events;

/// <summary>Removes IP addresses from an event's properties: <c>$ip</c>, which SDKs and backends send.</summary>
public static class Addresses
{
    private static readonly JsonReaderOptions Reading = new() { MaxDepth = 100_000 };

    /// <summary>
    /// Returns the properties with null as the address; the same properties when they have no address.
    /// </summary>
    /// <param name="properties">A JSON object as UTF-8, or nothing.</param>
    public static ReadOnlyMemory<byte> Erase(ReadOnlyMemory<byte> properties)
    {
        // However the name is escaped, it ends like this. Nearly all events return here.
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
            // Invalid JSON is refused later with a reason.
            return properties;
        }

        return erased ?? properties;
    }
}
