using System.Globalization;
using System.Text.Json.Nodes;

namespace Sessions.SystemTests.Harness;

/// <summary>Events as SDKs write them.</summary>
public static class Events
{
    /// <summary>ISO 8601 with milliseconds, as JavaScript writes times.</summary>
    public const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>An event with an id and a time, and the properties given.</summary>
    public static JsonObject Event(
        string name,
        string distinctId,
        string? sessionId = null,
        DateTimeOffset? timestamp = null,
        params (string Name, JsonNode? Value)[] properties)
    {
        JsonObject all = new(properties.Select(property => KeyValuePair.Create(property.Name, property.Value)));
        if (sessionId is not null)
        {
            all["$session_id"] = sessionId;
        }

        return new JsonObject
        {
            ["uuid"] = Guid.CreateVersion7().ToString(),
            ["event"] = name,
            ["distinct_id"] = distinctId,
            ["timestamp"] = (timestamp ?? DateTimeOffset.UtcNow).UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture),
            ["properties"] = all,
        };
    }

    /// <summary>An id as a client makes them for its sessions.</summary>
    public static string NewSessionId() => Guid.CreateVersion7().ToString();

    /// <summary>A name that no other test uses.</summary>
    public static string NewDistinctId(string kind) => $"{kind}-{Guid.NewGuid():N}";
}
