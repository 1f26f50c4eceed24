using System.Text.Json.Nodes;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Sdk;

/// <summary>
/// posthog-react-native makes its own sessions as the browser does, and has screens in place of pages.
/// </summary>
[Collection(Lane.Shared)]
public sealed class ReactNativeTests(SharedCluster shared)
{
    [Fact]
    public async Task An_apps_sessions_are_those_of_the_SDK_over_screens_identify_reset_and_a_long_pause()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        string person = Events.NewDistinctId("app-user");

        IReadOnlyList<JsonObject> sent = await Phone.Use(
            gateway,
            ["screen", "Home"],
            ["screen", "Cart"],
            ["identify", person],
            ["capture", "bought", new JsonObject { ["price"] = 12 }],
            ["appState", "background"],
            ["appState", "active"],
            ["flush"],
            ["reset"],
            ["screen", "Home"],
            ["later", 31 * 60 * 1000],
            ["capture", "came back"]);

        string[] sessions = [.. sent.Select(SessionOf).Distinct()];
        Assert.Equal(3, sessions.Length);
        Assert.Equal(
            [
                "Application Installed", "Application Opened", "$screen", "$screen", "$identify", "bought",
                "Application Backgrounded", "Application Became Active",
            ],
            sent.Where(e => SessionOf(e) == sessions[0]).Select(e => (string)e["event"]!));

        StoredEvent[] stored = [.. (await Books.EventsOf(cluster.Reader)).Where(e => sessions.Contains(e.SessionId.ToString()))];
        Assert.Equal(
            sent.Select(e => $"{e["uuid"]} {e["event"]} in {SessionOf(e)} by {e["distinct_id"]}").Order(),
            stored.Select(e => $"{e.EventId} {e.Name} in {e.SessionId} by {e.DistinctId}").Order());
        await Books.AddUp(cluster.Reader, sessions);

        JsonObject first = (await gateway.Session(sessions[0]))!;
        Assert.Equal(2, (int?)first["$screen_count"]);
        Assert.Equal(0, (int?)first["$pageview_count"]);
        Assert.Equal(person, (string?)first["distinct_id"]);
        Assert.Equal("Mobile", (string?)first["$device_type"]);
        Assert.Null(first["$entry_current_url"]);
        Assert.Equal(("Home", "Cart"), ((string?)first["$entry_screen_name"], (string?)first["$exit_screen_name"]));
        Assert.Equal(("Home", "Cart"), ((string?)first["$entry_pathname"], (string?)first["$exit_pathname"]));
        Assert.Equal(2, (int?)first["$unique_url_count"]);
        Assert.False((bool?)first["$is_bounce"]);
        Assert.Equal("live", (string?)first["status"]);
        Assert.Equal(sessions[0], (string?)(await gateway.LiveSession(person))!["$session_id"]);

        // One look at a screen, then nothing for longer than the timeout: over before it was sent.
        JsonObject second = (await gateway.Session(sessions[1]))!;
        Assert.True((bool?)second["$is_bounce"]);
        Assert.Equal("ended", (string?)second["status"]);
        Assert.Equal("live", (string?)(await gateway.Session(sessions[2]))!["status"]);
    }

    private static string SessionOf(JsonObject sent) => (string)sent["properties"]!["$session_id"]!;
}
