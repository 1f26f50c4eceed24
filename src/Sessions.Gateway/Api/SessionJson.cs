using System.Text.Json;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Api;

/// <summary>Sessions and events as the API writes them: one flat object each, absent properties null.</summary>
internal static class SessionJson
{
    public static void Write(Utf8JsonWriter json, SessionRow session) => PropertyJson.Write(json, session);

    public static void Write(Utf8JsonWriter json, Guid sessionId, EventRow row)
    {
        json.WriteStartObject();
        json.WriteString("session_id", sessionId);
        json.WriteString("event_id", row.EventId);
        json.WriteString("timestamp", PropertyText.Time(row.Timestamp));
        json.WriteString("received_at", PropertyText.Time(row.ReceivedAt));
        json.WriteString("event", row.Event);
        json.WriteString("distinct_id", row.DistinctId);
        json.WriteString("device_id", row.DeviceId);
        json.WriteString("window_id", row.WindowId);
        json.WriteString("current_url", row.CurrentUrl);
        json.WriteString("pathname", row.Pathname);
        json.WriteNumber("sender_order", row.SenderOrder);
        json.WritePropertyName("properties");
        // As Postgres wrote it: it is valid, and numbers keep all their digits.
        json.WriteRawValue(row.PropertiesJson ?? "{}", skipInputValidation: true);
        json.WriteEndObject();
    }

    /// <summary>A page: its results, and the cursor of the next one or null.</summary>
    public static void WritePage<T>(Utf8JsonWriter json, IReadOnlyList<T> results, Action<Utf8JsonWriter, T> write, string? next)
    {
        json.WriteStartObject();
        WriteList(json, "results", results, write);
        json.WriteString("next", next);
        json.WriteEndObject();
    }

    public static void WriteList<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (T item in items)
        {
            write(json, item);
        }

        json.WriteEndArray();
    }

    /// <summary>A value of a property; null when it is absent.</summary>
    public static void WriteValue(Utf8JsonWriter json, object? value) => PropertyJson.WriteValue(json, value);
}
