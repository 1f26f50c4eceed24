using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;

namespace Sessions.SystemTests.Operations;

/// <summary>An upgrade as docs/operations.md describes it, with two builds of the program.</summary>
[Collection(Lane.Alone)]
public sealed class UpgradeTests
{
    /// <summary>The dll of another build to upgrade from; without it the present one is the old one.</summary>
    private const string FromVariable = "SESSIONS_UPGRADE_FROM";

    private const int EventsInEachPart = 500;
    private const int FirstAttemptAndRetry = 2;
    private static readonly TimeSpan TrafficBound = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task In_a_rolling_upgrade_under_traffic_no_client_is_refused_twice()
    {
        string next = await NextBuild.Publish();
        string? older = Environment.GetEnvironmentVariable(FromVariable);
        string old = older ?? RoleProcess.Built;
        await using OwnPostgres postgres = await OwnPostgres.Launch();
        await using RoleCluster cluster = new(
            "upgrade", postgres.ConnectionString(database: "sessions"), new Dictionary<string, string> { ["Sessions__IdleTimeout"] = "00:30:00" });
        await cluster.Migrate(old);
        await cluster.Start(["silo-1", "silo-2", "gateway-1", "gateway-2"], old);
        using Gateway first = cluster.Gateway("gateway-1");
        using Gateway second = cluster.Gateway("gateway-2");
        using CancellationTokenSource stop = new();
        Writers writers = new([first, second], visitors: 12, seed: 53) { Pause = TimeSpan.FromMilliseconds(20) };
        Task traffic = writers.Send(stop.Token);
        int parts = 0;
        await writers.HaveAcknowledged(++parts * EventsInEachPart, traffic, TrafficBound);
        string person = Events.NewDistinctId("stays");
        await first.Track(Events.Event("$pageview", person));
        string session = (string)(await first.LiveSession(person))!["$session_id"]!;

        await cluster.Migrate(next);
        foreach (string member in (string[])[.. cluster.Silos, .. cluster.Gateways])
        {
            await cluster[member].Stop();
            cluster.Begin(member, next);
            await cluster.IsReady(member);
            Assert.Contains($"version=\"{NextBuild.Version}\"", await cluster.Metrics(member), StringComparison.Ordinal);
            await writers.HaveAcknowledged(++parts * EventsInEachPart, traffic, TrafficBound);
        }

        await stop.CancelAsync();
        await traffic;

        Assert.True(writers.MostAttempts <= FirstAttemptAndRetry, $"{writers.MostRefused}");
        // Sessions of a build without this column get it with their next event.
        await Books.AreRight(cluster.Reader, writers, mayLack: older is null ? null : ["event_names"]);
        // Who was there before is there after, in the same session.
        await second.Track(Events.Event("$pageview", person));
        Assert.Equal(session, (string?)(await second.LiveSession(person))!["$session_id"]);
        await Books.AddUp(cluster.Reader, session);
        // What the Dockerfile publishes is whole: SDK, pages' scripts.
        using HttpClient browser = new() { BaseAddress = first.Address };
        Assert.Contains("posthog", await browser.GetStringAsync("/static/array.js"), StringComparison.Ordinal);
        Assert.Contains("Sign in", await browser.GetStringAsync("/signin"), StringComparison.OrdinalIgnoreCase);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{writers.Acknowledged.Count} events, {writers.Retries} sent again, the longest took {writers.LongestStall.TotalSeconds:0.0} s");
    }
}
