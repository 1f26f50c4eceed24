using System.Text.Json.Nodes;

namespace Sessions.SystemTests.Input;

/// <summary>What only SDKs can tell: screens, who somebody is, sessions that the client names.</summary>
internal static class AppHistory
{
    private static readonly DateTimeOffset Begin = new(2025, 6, 1, 8, 0, 0, TimeSpan.Zero);

    /// <summary>How many sessions it makes.</summary>
    public const int Sessions = 4;

    /// <summary>The events of a way; every device has an id of its own that begins with the way's name.</summary>
    public static IEnumerable<JsonObject> Events(Way way)
    {
        string named = Harness.Events.NewSessionId();
        // A phone whose screens have no address, two of them in one moment; then it idles and goes on.
        yield return Of("$screen", "phone", 0, ("$screen_name", "Home"));
        yield return Of("$screen", "phone", 0, ("$screen_name", "Products"));
        yield return Of("tapped", "phone", 5, ("price", 12.5));
        yield return Of("$screen", "phone", 10, ("$screen_name", "Cart"));
        yield return Of("$screen", "phone", 200, ("$screen_name", "Home"));
        // Somebody signs in; what they do belongs to one session.
        yield return Of("$pageview", "web", 0, ("$current_url", "https://shop.example/"), ("$referring_domain", "$direct"));
        yield return By("$identify", $"{way.Name}-user", "web", 4, ("$anon_distinct_id", $"{way.Name}-web"));
        yield return By("$autocapture", $"{way.Name}-user", "web", 8, ("$current_url", "https://shop.example/account"));
        // A client that names its session, with an id that names nobody in the middle.
        yield return Of("$pageview", "tab", 0, ("$session_id", named), ("$current_url", "https://shop.example/x"));
        yield return By("$identify", "null", "tab", 1, ("$session_id", named), ("$anon_distinct_id", $"{way.Name}-tab"));
        yield return Of("$pageview", "tab", 2, ("$session_id", named), ("$current_url", "https://shop.example/y"));

        JsonObject Of(string name, string device, int second, params (string Name, JsonNode? Value)[] properties) =>
            By(name, $"{way.Name}-{device}", device, second, properties);

        JsonObject By(string name, string distinctId, string device, int second, params (string Name, JsonNode? Value)[] properties)
        {
            JsonObject e = Harness.Events.Event(
                name, distinctId, null, Begin.AddSeconds(second), [("$device_id", $"{way.Name}-{device}-device"), .. properties]);
            e["uuid"] = Guid.NewGuid().ToString();
            return e;
        }
    }
}
