using System.Diagnostics;
using System.Net;
using Npgsql;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;
using Xunit.Sdk;

namespace Sessions.SystemTests.Faults;

/// <summary>The primary of two Postgres servers dies, and its standby is promoted. The connection string names both.</summary>
[Collection(Lane.Broken)]
public sealed class PromotionTests
{
    private const int Visitors = 16;
    private const int EventsAround = 300;

    private static readonly TimeSpan GoesOnWithin = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan RowsBehind = TimeSpan.FromSeconds(45);

    [Fact]
    public async Task No_event_is_lost_or_counted_twice_when_a_synchronous_standby_is_promoted()
    {
        await using OwnPostgres primary = await OwnPostgres.Launch();
        await using OwnPostgres standby = await primary.LaunchStandby();
        await primary.CommitWith(standby);
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan
        {
            Name = "promotion",
            Silos = 2,
            Gateways = 1,
            IdleTimeout = FaultCluster.IdleTimeout,
            Postgres = BothOf(primary, standby),
        });
        using Gateway gateway = cluster.Gateway();
        Writers writers = new([gateway], Visitors, seed: Soak.Seed ?? 61, Habits.Any) { Pause = TimeSpan.FromMilliseconds(15) };
        using CancellationTokenSource stop = new();
        Task traffic = writers.Send(stop.Token);
        long promoted;
        try
        {
            await writers.HaveAcknowledged(EventsAround, traffic, Bound);
            await primary.Kill9();
            await standby.Promote();
            promoted = Stopwatch.GetTimestamp();
            await writers.HaveAcknowledged(writers.Acknowledged.Count + EventsAround, traffic, Bound);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAny(traffic, Task.Delay(Bound));
        }

        try
        {
            await traffic;
        }
        catch (XunitException refused)
        {
            throw new XunitException($"{refused.Message}{Environment.NewLine}The logs of the cluster's processes: {cluster.KeepLogs()}");
        }

        TimeSpan pause = Stopwatch.GetElapsedTime(promoted, writers.Answers.Since(promoted).Where(answer => answer.Status == 200).Min(EndOf));
        Report.Note("time without an acknowledged event after a promotion", $"{pause.TotalSeconds:0.0} s");
        Assert.InRange(pause, TimeSpan.Zero, GoesOnWithin);
        await using NpgsqlDataSource reader = NpgsqlDataSource.Create(At(cluster.Ready.PostgresReader, standby));
        await using NpgsqlDataSource owner = NpgsqlDataSource.Create(standby.ConnectionString(database: "sessions"));
        await Books.AreRight(reader, writers, FaultCluster.IdleTimeout, RowsBehind);
        Assert.Empty(await Ends.Faults(owner, writers, FaultCluster.IdleTimeout));
        // Membership, reminders and readers have found the new primary, too.
        Assert.Equal(HttpStatusCode.OK, (await gateway.Ask(HttpMethod.Get, "/health/ready")).StatusCode);
        if (Soak.IsOn)
        {
            await Ends.AllCome(owner, await Ends.SessionsOf(owner, writers), FaultCluster.IdleTimeout + Bound);
        }

        await using NpgsqlConnection follower = new(cluster.Ready.PostgresReader);
        await follower.OpenAsync(TestContext.Current.CancellationToken);
        Assert.Equal(standby.Port, follower.Port);
        Report.Add("the primary is killed and its synchronous standby promoted", writers);
    }

    [Fact]
    public async Task What_an_asynchronous_standby_lacks_is_answered_by_nobody_and_counts_when_it_is_sent_again()
    {
        await using OwnPostgres primary = await OwnPostgres.Launch();
        await using OwnPostgres standby = await primary.LaunchStandby();
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan
        {
            Name = "lagging-standby",
            Silos = 1,
            Gateways = 1,
            Postgres = BothOf(primary, standby),
        });
        using Gateway gateway = cluster.Gateway();
        string device = Events.NewDistinctId("lagging"), session = Events.NewSessionId();
        await gateway.Track(Events.Event("$pageview", device, session), Events.Event("looked", device, session));
        await primary.IsCaughtUpBy(standby);
        await standby.ShutDown();
        System.Text.Json.Nodes.JsonObject lost = Events.Event("bought", device, session);
        await gateway.Track(lost);
        Assert.Equal(3, (int?)(await gateway.Session(session))!["$event_count"]);

        await primary.Kill9();
        await standby.StartAgain();
        await standby.Promote();

        // The first answer of all, and each after it: memory had three.
        Assert.Equal(2, (int?)(await gateway.Session(session))!["$event_count"]);
        Assert.Equal(2, (int?)(await gateway.LiveSession(device))!["$event_count"]);
        await gateway.Track(lost);
        Assert.Equal(3, (int?)(await gateway.Session(session))!["$event_count"]);
        await using NpgsqlDataSource reader = NpgsqlDataSource.Create(At(cluster.Ready.PostgresReader, standby));
        await Books.AddUp(reader, session);
    }

    private static string BothOf(OwnPostgres primary, OwnPostgres standby) => new NpgsqlConnectionStringBuilder(primary.ConnectionString(database: "sessions"))
    {
        Host = $"127.0.0.1:{primary.Port},127.0.0.1:{standby.Port}",
    }.ConnectionString;

    private static string At(string connectionString, OwnPostgres server) => new NpgsqlConnectionStringBuilder(connectionString)
    {
        Host = "127.0.0.1",
        Port = server.Port,
        TargetSessionAttributes = null,
    }.ConnectionString;

    private static long EndOf(Answer answer) => answer.Asked + (long)(answer.Took.TotalSeconds * Stopwatch.Frequency);
}
