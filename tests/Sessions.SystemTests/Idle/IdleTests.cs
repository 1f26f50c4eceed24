using System.Diagnostics;
using System.Text.Json.Nodes;
using Npgsql;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Idle;

/// <summary>
/// Sessions end by themselves: while they should, the tests only look at rows, so that no call wakes a grain.
/// </summary>
[Collection(Lane.Waiting)]
public sealed class IdleTests(SharedCluster shared)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    // The promise is 5 s on a healthy cluster; this machine runs the rest of the suite at the same time.
    private static readonly TimeSpan Punctual = Timeout + TimeSpan.FromSeconds(5 + 15);

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

        await Ended(cluster, named, Punctual);
        await Ended(cluster, made, Punctual);

        Assert.True(clock.Elapsed > Timeout, $"It ended after {clock.Elapsed.TotalSeconds:0.0} s, before its timeout.");
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_session_ends_by_itself_also_after_a_restart_in_between(bool killed)
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan { Name = killed ? "idle-killed" : "idle-restarted" });
        using Gateway gateway = cluster.Gateway();
        string session = Events.NewSessionId();
        await gateway.Track(Events.Event("$pageview", Events.NewDistinctId("restarted"), session));

        await (killed ? cluster.Kill9() : cluster.Stop());
        await cluster.Start();

        // There may be no row yet: a row may be 10 s behind, and the kill came sooner.
        Assert.NotEqual("ended", (await Row(cluster, session))?.Status);
        await Ended(cluster, session, Timeout + TimeSpan.FromMinutes(2));
    }

    private static async Task Ended(Cluster cluster, string session, TimeSpan bound)
    {
        SessionRow ended = await Wait.For(
            async () => await Row(cluster, session) is { Status: "ended" } row ? row : null,
            $"session {session} did not end by itself",
            bound);
        Assert.Equal("idle", ended.Reason);
    }

    private static async Task<SessionRow?> Row(Cluster cluster, string session)
    {
        await using NpgsqlCommand select = cluster.Reader.CreateCommand("select status, end_reason from sessions where session_id = $1");
        select.Parameters.AddWithValue(Guid.Parse(session));
        await using NpgsqlDataReader rows = await select.ExecuteReaderAsync();
        return await rows.ReadAsync() ? new SessionRow(rows.GetString(0), rows.IsDBNull(1) ? null : rows.GetString(1)) : null;
    }

    private static async Task Is(Gateway gateway, string session, string status, int events)
    {
        JsonObject now = (await gateway.Session(session))!;
        Assert.Equal(events, (int?)now["$event_count"]);
        Assert.Equal(status, (string?)now["status"]);
        Assert.Equal(status == "live" ? null : "idle", (string?)now["end_reason"]);
    }

    private sealed record SessionRow(string Status, string? Reason);
}
