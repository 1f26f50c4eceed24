using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;

namespace Sessions.SystemTests.Durability;

[Collection(Lane.Killed)]
public sealed class KillTests
{
    private const int EventsBeforeTheKill = 2_000;
    private static readonly TimeSpan TrafficBound = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(2, 17)]
    public async Task Killing_all_processes_under_traffic_loses_no_acknowledged_event(int kills, int seed)
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan { Name = "killed", IdleTimeout = TimeSpan.FromMinutes(30) });
        using Gateway gateway = cluster.Gateway();
        using CancellationTokenSource stop = new();
        Writers writers = new([gateway], visitors: 12, seed);
        Task traffic = writers.Send(stop.Token);

        for (int kill = 1; kill <= kills; kill++)
        {
            await writers.HaveAcknowledged(kill * EventsBeforeTheKill, traffic, TrafficBound);
            await cluster.Kill9();
            await cluster.Start();
        }

        await writers.HaveAcknowledged((kills + 1) * EventsBeforeTheKill, traffic, TrafficBound);
        await stop.CancelAsync();
        await traffic;

        Assert.True(writers.Retries > 0, "The kill hit nobody, so it showed nothing.");
        await Books.AreRight(cluster.Reader, writers);
        await cluster.Stop();
    }

    [Fact]
    public async Task A_clean_stop_leaves_nothing_to_recover_and_keeps_token_key_and_sessions()
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan { Name = "stopped" });
        Ready before = cluster.Ready;
        using Gateway gateway = cluster.Gateway();
        string session = Events.NewSessionId();
        await gateway.Track(Events.Event("$pageview", Events.NewDistinctId("stopped"), session));

        await cluster.Stop();
        await cluster.Start();

        Assert.Equal(before.ProjectToken, cluster.Ready.ProjectToken);
        Assert.Equal(before.ApiKey, cluster.Ready.ApiKey);
        Assert.Equal(1, (int?)(await gateway.Session(session))?["$event_count"]);
        await Books.AddUp(cluster.Reader, session);
    }
}
