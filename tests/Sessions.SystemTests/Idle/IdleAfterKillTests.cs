using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Idle;

/// <summary>Idle sessions end after a crash: only the reminder survives it.</summary>
public sealed class IdleAfterKillTests
{
    [Fact]
    public async Task An_idle_session_ends_by_itself_after_all_processes_were_killed_and_restarted()
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan { Name = "idle-killed" });
        using Gateway gateway = cluster.Gateway();
        string session = Events.NewSessionId();
        var clock = Stopwatch.StartNew();
        await gateway.Track(Events.Event("$pageview", Events.NewDistinctId("restarted"), session));

        await cluster.Kill9();
        // The worst that the next start can find: the dead silo's address answers, but it is somebody else.
        using TcpListener stranger = new(IPAddress.Loopback, await SiloPort(cluster));
        stranger.Start();
        await cluster.Start();

        string? now = await Ending.Read(cluster, session);
        if (clock.Elapsed < Ending.Timeout)
        {
            // On a busy machine a start can take longer than that.
            Assert.NotEqual("ended idle", now);
        }

        await Ending.OfItself(cluster, session, Ending.Timeout + TimeSpan.FromMinutes(2));
    }

    private static async Task<int> SiloPort(Cluster cluster)
    {
        await using NpgsqlCommand command = cluster.Operator.CreateCommand("select port from orleans.orleansmembershiptable");
        return (int)(await command.ExecuteScalarAsync())!;
    }
}
