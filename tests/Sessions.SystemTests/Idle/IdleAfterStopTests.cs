using System.Diagnostics;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Idle;

/// <summary>The end survives a restart in order.</summary>
public sealed class IdleAfterStopTests
{
    [Fact]
    public async Task A_session_ends_by_itself_after_a_restart_in_between()
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan { Name = "idle-stopped" });
        using Gateway gateway = cluster.Gateway();
        string session = Events.NewSessionId();
        var clock = Stopwatch.StartNew();
        await gateway.Track(Events.Event("$pageview", Events.NewDistinctId("restarted"), session));

        await cluster.Stop();
        await cluster.Start();

        string? now = await Ending.Read(cluster, session);
        if (clock.Elapsed < Ending.Timeout)
        {
            // On a busy machine a start can take longer than that.
            Assert.NotEqual("ended idle", now);
        }

        await Ending.OfItself(cluster, session, Ending.Timeout + TimeSpan.FromMinutes(2));
    }
}
