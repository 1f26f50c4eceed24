using System.Diagnostics;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Idle;

/// <summary>Sessions end by themselves, and later events revive or amend them.</summary>
public sealed class IdleTests(SharedCluster shared)
{
    // The promise is 5 s on a healthy cluster; this machine runs the rest of the suite at the same time.
    private static readonly TimeSpan Punctual = Ending.Timeout + TimeSpan.FromSeconds(5 + 15);

    [Fact]
    public async Task A_session_ends_a_minute_after_its_last_event_and_only_a_timely_event_revives_it()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        string device = Events.NewDistinctId("idle");
        string named = Events.NewSessionId();
        DateTimeOffset first = DateTimeOffset.UtcNow;
        var clock = Stopwatch.StartNew();
        await gateway.Track(Events.Event("$pageview", $"{device}-named", named, first));
        await gateway.Track(Events.Event("$pageview", device, null, first));
        string made = (string)(await gateway.LiveSession(device))!["$session_id"]!;

        await Ending.OfItself(cluster, named, Punctual);
        await Ending.OfItself(cluster, made, Punctual);

        Assert.True(clock.Elapsed > Ending.Timeout, $"It ended after {clock.Elapsed.TotalSeconds:0.0} s, before its timeout.");
        Assert.Null(await gateway.LiveSession(device));

        // A minute old, so it tells nothing about now.
        await gateway.Track(Events.Event("late", $"{device}-named", named, first.AddSeconds(-5)), Events.Event("late", device, null, first.AddSeconds(-5)));
        await Is(gateway, named, "ended", events: 2);
        await Is(gateway, made, "ended", events: 2);

        // The one without an id lies within the timeout of its session's end and of now.
        await gateway.Track(Events.Event("timely", $"{device}-named", named), Events.Event("timely", device, null, first.AddSeconds(50)));
        await Is(gateway, named, "live", events: 3);
        await Is(gateway, made, "live", events: 3);

        await Books.AddUp(cluster.Reader, named, made);
    }

    private static async Task Is(Gateway gateway, string session, string status, int events)
    {
        JsonObject now = (await gateway.Session(session))!;
        Assert.Equal(events, (int?)now["$event_count"]);
        Assert.Equal(status, (string?)now["status"]);
        Assert.Equal(status == "live" ? null : "idle", (string?)now["end_reason"]);
    }
}
