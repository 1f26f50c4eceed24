using System.Diagnostics;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Idle;

/// <summary>Idle sessions end after a clean restart.</summary>
public sealed class IdleAfterStopTests
{
    [Fact]
    public async Task An_idle_session_ends_by_itself_after_a_clean_restart()
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
