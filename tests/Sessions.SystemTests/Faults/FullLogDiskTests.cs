using System.Net;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;

namespace Sessions.SystemTests.Faults;

/// <summary>
/// The disk of Postgres' write-ahead log is full: Postgres gives up. Clients get 503, and everything continues when there is room
/// and Postgres was started again.
/// </summary>
[Collection(Lane.Started)]
public sealed class FullLogDiskTests
{
    private const int Megabytes = 160;
    private const int Visitors = 16;
    private const int EventsAround = 300;

    private static readonly int Times = Soak.IsOn ? 5 : 1;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan RowsBehind = TimeSpan.FromSeconds(45);

    [Fact]
    public async Task No_event_is_lost_or_counted_twice_when_the_disk_of_the_log_is_full()
    {
        await using SmallDisk disk = await SmallDisk.Mount(Megabytes);
        await using OwnPostgres postgres = await OwnPostgres.Launch(log: disk);
        await using RoleCluster cluster = new(
            "full-log-disk",
            postgres.ConnectionString(database: "sessions"),
            new Dictionary<string, string> { ["Sessions__IdleTimeout"] = FaultCluster.IdleTimeout.ToString("c") });
        await cluster.Migrate();
        await cluster.Start(["silo-1", "gateway-1"]);
        using Gateway gateway = cluster.Gateway("gateway-1");
        Writers writers = new([gateway], Visitors, seed: Soak.Seed ?? 91, Habits.Any) { Pause = TimeSpan.FromMilliseconds(15) };
        using CancellationTokenSource stop = new();
        Task traffic = writers.Send(stop.Token);
        try
        {
            for (int times = 0; times < Times; times++)
            {
                await writers.HaveAcknowledged(writers.Acknowledged.Count + EventsAround, traffic, Bound);
                await FillUntilPostgresGivesUp(disk, postgres, traffic);
                using (HttpResponseMessage refused = await gateway.Capture([Events.Event("refused", Events.NewDistinctId("full"))]))
                {
                    Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
                }

                disk.MakeRoom();
                if (postgres.Pid is null)
                {
                    await postgres.StartAgain();
                }
            }

            await writers.HaveAcknowledged(writers.Acknowledged.Count + EventsAround, traffic, Bound);
        }
        finally
        {
            disk.MakeRoom();
            await stop.CancelAsync();
            await Task.WhenAny(traffic, Task.Delay(Bound));
        }

        await traffic;
        await Books.AreRight(cluster.Reader, writers, FaultCluster.IdleTimeout, RowsBehind);
        Assert.Empty(await Ends.Faults(cluster.Owner, writers, FaultCluster.IdleTimeout));
        Report.Add("the disk of Postgres' log is full", writers);
    }

    /// <summary>What was written ahead is written full, too, so this takes until the next piece of log is due.</summary>
    private static async Task FillUntilPostgresGivesUp(SmallDisk disk, OwnPostgres postgres, Task traffic)
    {
        await Wait.For(
            async () =>
            {
                disk.Fill();
                if (traffic.IsCompleted)
                {
                    await traffic;
                }

                try
                {
                    // The pieces of log that are there are soon used up.
                    await postgres.Execute("select pg_switch_wal() from (select pg_logical_emit_message(true, 'fill', repeat('x', 8000000))) filled");
                    return false;
                }
                catch (Exception away) when (away is Npgsql.NpgsqlException or TimeoutException or IOException)
                {
                    return true;
                }
            },
            "Postgres does not notice that its disk is full",
            Bound);
    }
}
