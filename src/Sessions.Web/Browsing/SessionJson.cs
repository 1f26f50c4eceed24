using System.Text.Json;
using Sessions.Database.Properties;
using Sessions.Queries;

namespace Sessions.Web.Browsing;

/// <summary>Writes sessions and events for the API: one flat object each, absent properties null.</summary>
internal static class SessionJson
{
    public static void Write(Utf8JsonWriter json, SessionRow session) => PropertyJson.Write(json, session);

    /// <summary>Writes some properties of a session.</summary>
    public static void Write(Utf8JsonWriter json, SessionRow session, IReadOnlyList<SessionProperty> properties)
    {
        json.WriteStartObject();
        foreach (SessionProperty property in properties)
        {
            json.WritePropertyName(property.Name);
            PropertyJson.WriteValue(json, session[property.Name]);
        }

        json.WriteEndObject();
    }

    /// <summary>Writes a session with the time of its last event, as who is on now has it.</summary>
    public static void WriteLive(Utf8JsonWriter json, SessionRow session)
    {
        json.WriteStartObject();
        PropertyJson.WriteProperties(json, session);
        json.WritePropertyName(LiveJson.LastEventAt);
        // The end of a session is the time of its latest event, and parts of a recording count as events here.
        PropertyJson.WriteValue(json, session["$end_timestamp"]);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, Guid sessionId, EventRow row) =>
        JsonSerializer.Serialize(json, EventJson.Of(sessionId, row), SessionJsonContext.Default.EventJson);
}
