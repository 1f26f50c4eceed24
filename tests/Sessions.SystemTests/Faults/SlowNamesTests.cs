using System.Diagnostics;
using System.Net;
using Npgsql;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;

namespace Sessions.SystemTests.Faults;

/// <summary>The name of Postgres' host takes seconds to resolve. Requests that need no new connection are not affected.</summary>
[Collection(Lane.Started)]
public sealed class SlowNamesTests
{
    private const int Visitors = 8;
    private const int EventsAround = 200;

    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Quicker = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan RowsBehind = TimeSpan.FromSeconds(45);

    [Fact]
    public async Task Requests_that_need_no_new_connection_do_not_wait_for_slow_names()
    {
        Soak.OnlyInTheLongForm();
        await using SlowResolver resolver = await SlowResolver.Start();
        await using OwnPostgres postgres = await OwnPostgres.Launch();
        await using TcpProxy toPostgres = new(postgres.Port);
        string direct = postgres.ConnectionString(database: "sessions");
        await using RoleCluster cluster = new(
            "slow-names",
            direct,
            new Dictionary<string, string> { ["Sessions__IdleTimeout"] = FaultCluster.IdleTimeout.ToString("c") });
        await cluster.Migrate();
        Dictionary<string, string> byName = new()
        {
            ["ConnectionStrings__Postgres"] = new NpgsqlConnectionStringBuilder(direct) { Host = $"postgres.{SlowResolver.Zone}", Port = toPostgres.Port, Timeout = 15 }.ConnectionString,
        };
        string[] members = ["silo-1", "gateway-1"];
        foreach (string member in members)
        {
            cluster.Begin(member, settings: byName, before: resolver.Before);
        }

        foreach (string member in members)
        {
            await cluster.IsReady(member);
        }

        using Gateway gateway = cluster.Gateway("gateway-1");
        Writers writers = new([gateway], Visitors, seed: Soak.Seed ?? 97, Habits.Any) { Pause = TimeSpan.FromMilliseconds(15) };
        using CancellationTokenSource stop = new();
        Task traffic = writers.Send(stop.Token);
        try
        {
            await writers.HaveAcknowledged(EventsAround, traffic, Bound);
            resolver.Delay = Slow;
            long begun = Stopwatch.GetTimestamp();
            await writers.HaveAcknowledged(writers.Acknowledged.Count + (2 * EventsAround), traffic, Bound);
            IReadOnlyList<Answer> answers = writers.Answers.Since(begun);
            Assert.All(answers, answer => Assert.Equal(200, answer.Status));
            Assert.InRange(answers.Max(answer => answer.Took), TimeSpan.Zero, Soak.IsOn ? TimeSpan.FromSeconds(2) : Slow);

            // All connections break. A new one gets five seconds, name and all, so none comes about until names are quicker.
            int asked = resolver.Questions;
            toPostgres.Cut();
            var clock = Stopwatch.StartNew();
            while (clock.Elapsed < Slow)
            {
                var health = Stopwatch.StartNew();
                Assert.Equal(HttpStatusCode.OK, await cluster.Health("gateway-1", "live"));
                Assert.Equal(HttpStatusCode.OK, await cluster.Health("silo-1", "live"));
                Assert.InRange(health.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(3));
            }

            resolver.Delay = Quicker;
            await writers.HaveAcknowledged(writers.Acknowledged.Count + EventsAround, traffic, Bound);
            Assert.True(resolver.Questions > asked, "No process looked the name up.");
        }
        finally
        {
            resolver.Delay = TimeSpan.Zero;
            await stop.CancelAsync();
            await Task.WhenAny(traffic, Task.Delay(Bound));
        }

        await traffic;
        await Books.AreRight(cluster.Reader, writers, FaultCluster.IdleTimeout, RowsBehind);
        Assert.Empty(await Ends.Faults(cluster.Owner, writers, FaultCluster.IdleTimeout));
        Report.Add("the name of Postgres' host takes 5 s", writers);
    }
}
