using System.Globalization;
using System.Text.Json;

namespace Sessions.Database.Properties;

/// <summary>
/// Writes sessions as JSON: one flat object each; missing properties are null. The API, streams and webhooks all use
/// this form.
/// </summary>
public static class PropertyJson
{
    /// <summary>Writes a session.</summary>
    public static void Write(Utf8JsonWriter json, SessionRow session)
    {
        json.WriteStartObject();
        WriteProperties(json, session);
        json.WriteEndObject();
    }

    /// <summary>Writes the properties of a session into an object that the caller has begun.</summary>
    public static void WriteProperties(Utf8JsonWriter json, SessionRow session)
    {
        for (int place = 0; place < session.Values.Count; place++)
        {
            json.WritePropertyName(SessionProperties.All[place].Name);
            WriteValue(json, session.Values[place]);
        }
    }

    /// <summary>Writes a value of a property; null when it is missing.</summary>
    public static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case int number:
                json.WriteNumberValue(number);
                break;
            case decimal seconds:
                // The division removes the decimal's trailing zeros.
                json.WriteNumberValue(seconds / 1.0000000000000000000000000000m);
                break;
            case bool yes:
                json.WriteBooleanValue(yes);
                break;
            case Guid id:
                json.WriteStringValue(id);
                break;
            case DateTimeOffset time:
                json.WriteStringValue(Time(time));
                break;
            case IReadOnlyList<string> texts:
                json.WriteStartArray();
                foreach (string text in texts)
                {
                    json.WriteStringValue(text);
                }

                json.WriteEndArray();
                break;
            default:
                throw new ArgumentException($"{value.GetType()} is no property's type.", nameof(value));
        }
    }

    /// <summary>Formats a time as ISO 8601 in UTC with milliseconds, or with microseconds when it has some.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString(
        time.Ticks % TimeSpan.TicksPerMillisecond < TimeSpan.TicksPerMicrosecond
            ? "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"
            : "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'",
        CultureInfo.InvariantCulture);
}
