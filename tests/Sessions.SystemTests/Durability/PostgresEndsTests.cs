using System.Diagnostics;
using System.Net;
using Npgsql;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Durability;

/// <summary>
/// The Postgres that <c>./run</c> started has ended. After a crash, and an immediate shutdown is one, it is restarted.
/// After a clean shutdown, events wait until the operator starts it again. Meanwhile logs stay readable, and
/// <c>./run</c> stops within seconds.
/// </summary>
[Collection(Lane.Killed)]
public sealed class PostgresEndsTests
{
    private const string Away = "Postgres can't be reached";
    private const string Back = "Postgres can be reached again";
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(15);

    // Orleans' client looks for silos every five seconds.
    private static readonly TimeSpan SomeRefreshes = TimeSpan.FromSeconds(11);

    [Fact]
    public async Task A_crashed_Postgres_is_restarted_a_shut_down_one_is_not_each_is_logged_once_and_a_stop_is_quick()
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan { Name = "postgres-ends", Silos = 1, Gateways = 1 });
        using Gateway gateway = cluster.Gateway();
        string session = Events.NewSessionId();
        await gateway.Track(Events.Event("$pageview", Events.NewDistinctId("patient"), session));

        // pg_ctl stop -m immediate sends the same.
        Signals.QuitNow(PostgresOf(cluster));
        await Wait.For(
            () => Task.FromResult(cluster.Output.Contains("died; starting it again", StringComparison.Ordinal)), () => cluster.Output, Recovery);
        await Takes(cluster, gateway);
        Assert.Equal(1, (int?)(await gateway.Session(session))?["$event_count"]);

        // When one of its processes is killed Postgres begins anew by itself.
        int pid = PostgresOf(cluster);
        Signals.Kill9(await Backend(cluster));
        await Takes(cluster, gateway);
        Assert.Equal(pid, PostgresOf(cluster));

        Postmaster postgres = Postmaster.At(pid);
        await postgres.ShutDown();
        var clock = Stopwatch.StartNew();
        await Wait.For(() => Task.FromResult(clock.Elapsed > SomeRefreshes), "time does not pass", Recovery);
        Assert.False(Signals.IsAlive(pid));
        await Wait.For(() => Task.FromResult(Count(cluster.Output.Split('\n'), "shut down from outside") == 1), () => cluster.Output, Recovery);
        await postgres.StartAgain();
        await Takes(cluster, gateway);
        await Wait.For(
            async () => Count(await cluster.LogOf("gateway-1"), Back) == Count(await cluster.LogOf("gateway-1"), Away),
            "the gateway does not say that Postgres is back",
            Recovery);

        // The three outages, of which a short one may pass unnoticed.
        string[] said = await cluster.LogOf("gateway-1");
        Assert.InRange(Count(said, " fail: "), 1, 3);
        Assert.Equal(Count(said, " fail: "), Count(said, Away));

        // ./run looks at Postgres every few seconds, and processes may have found it before.
        await Wait.For(() => Task.FromResult(Signals.IsAlive(PostgresOf(cluster))), "the ready file does not name the new process", Recovery);
        await Postmaster.At(PostgresOf(cluster)).ShutDown();
        await StopsInTime(cluster);
    }

    [Fact]
    public async Task A_stop_while_Postgres_restarts_leaves_no_process_and_takes_seconds()
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan { Name = "postgres-comes" });
        string data = Postmaster.At(PostgresOf(cluster)).Data;

        await Postmaster.At(PostgresOf(cluster)).Kill9();
        await Wait.For(
            () => Task.FromResult(cluster.Output.Contains("died; starting it again", StringComparison.Ordinal)), () => cluster.Output, Recovery);
        await StopsInTime(cluster);

        await Postmaster.NoneIsLeft(data);
    }

    [Fact]
    public async Task A_stop_while_Postgres_is_shut_down_takes_seconds()
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan { Name = "postgres-down" });
        using Gateway gateway = cluster.Gateway();
        await gateway.Track(Events.Event("$pageview", Events.NewDistinctId("patient")));

        await Postmaster.At(PostgresOf(cluster)).ShutDown();
        await StopsInTime(cluster);
    }

    private static int PostgresOf(Cluster cluster) => cluster.Ready.OfRole("postgres").Single().Pid;

    /// <summary>A process of Postgres that serves a connection.</summary>
    private static async Task<int> Backend(Cluster cluster)
    {
        await using NpgsqlCommand command = cluster.Operator.CreateCommand(
            "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() limit 1");
        return (int)(await command.ExecuteScalarAsync())!;
    }

    private static async Task StopsInTime(Cluster cluster)
    {
        var clock = Stopwatch.StartNew();
        await cluster.Stop();
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, StopBound * Load.Slowness);
    }

    private static Task Takes(Cluster cluster, Gateway gateway) =>
        Wait.For(
            async () =>
            {
                using HttpResponseMessage answer = await gateway.Capture([Events.Event("again", Events.NewDistinctId("patient"))]);
                Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode}");
                return answer.StatusCode == HttpStatusCode.OK;
            },
            () => $"the gateway did not recover.{Environment.NewLine}{cluster.Output}",
            Recovery);

    private static int Count(string[] lines, string text) => lines.Count(line => line.Contains(text, StringComparison.Ordinal));
}
