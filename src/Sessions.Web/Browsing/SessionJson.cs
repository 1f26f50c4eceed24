using System.Text.Json;
using Sessions.Database.Properties;
using Sessions.Queries;

namespace Sessions.Web.Browsing;

/// <summary>Writes sessions and events for the API: one flat object each, absent properties null.</summary>
internal static class SessionJson
{
    public static void Write(Utf8JsonWriter json, SessionRow session) => PropertyJson.Write(json, session);

    public static void Write(Utf8JsonWriter json, Guid sessionId, EventRow row) =>
        JsonSerializer.Serialize(json, EventJson.Of(sessionId, row), SessionJsonContext.Default.EventJson);
}
