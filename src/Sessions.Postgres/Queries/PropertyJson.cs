using System.Globalization;
using System.Text.Json;

namespace Sessions.Postgres.Queries;

/// <summary>Sessions as JSON: one flat object each, absent properties null. API, streams and webhooks all have this form.</summary>
public static class PropertyJson
{
    /// <summary>Writes a session.</summary>
    public static void Write(Utf8JsonWriter json, SessionRow session)
    {
        json.WriteStartObject();
        for (int place = 0; place < session.Values.Count; place++)
        {
            json.WritePropertyName(SessionProperties.All[place].Name);
            WriteValue(json, session.Values[place]);
        }

        json.WriteEndObject();
    }

    /// <summary>A value of a property; null when it is absent.</summary>
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
                // Without the zeros that a decimal keeps at its end.
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
            default:
                throw new ArgumentException($"{value.GetType()} is no property's type.", nameof(value));
        }
    }

    /// <summary>ISO 8601 in UTC with milliseconds, and microseconds when there are some.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString(
        time.Ticks % TimeSpan.TicksPerMillisecond < TimeSpan.TicksPerMicrosecond
            ? "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"
            : "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'",
        CultureInfo.InvariantCulture);
}
