using System.Diagnostics;
using System.Net;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Faults;

/// <summary>
/// Clocks that jump while processes run, processes without threads, and connections between silos that swallow one direction: no
/// acknowledged event is lost or counted twice, and every session is right.
/// </summary>
[Collection(Lane.Broken)]
public sealed class SteeredTests(SteeredCluster cluster) : IClassFixture<SteeredCluster>
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(Soak.IsOn ? 20 : 5);
    private static readonly TimeSpan Partition = TimeSpan.FromSeconds(Soak.IsOn ? 40 : 8);

    /// <summary>A silo with a wrong clock says so, stores Postgres' time and goes on; a restart is not needed.</summary>
    [Fact]
    public async Task Nothing_is_lost_and_no_wrong_time_is_stored_when_clocks_jump()
    {
        Assert.SkipUnless(FakeTime.IsThere, "faketime is missing; install it with: apt-get install faketime");
        await cluster.Play("clocks jump an hour and 400 days, and back", seed: 81, async () =>
        {
            int before = cluster.Restarts;
            foreach ((string member, string offset) in ((string, string)[])[("silo-1", "+1h"), ("silo-2", "-1h"), ("silo-3", "+400d"), ("gateway-1", "-400d")])
            {
                await cluster.StepClock(member, offset);
                if (Soak.IsOn)
                {
                    await IsReady(member, isReady: false);
                    await cluster.StepClock(member, "+0");
                    await IsReady(member, isReady: true);
                }
            }

            if (!Soak.IsOn)
            {
                foreach (string member in (string[])["silo-1", "silo-2", "silo-3", "gateway-1"])
                {
                    await IsReady(member, isReady: false);
                    await cluster.StepClock(member, "+0");
                }
            }

            if (Soak.IsOn)
            {
                // On a busy machine a silo may be declared dead for another reason.
                Assert.Equal(before, cluster.Restarts);
            }
        });
        Assert.Equal(0L, await WrongTimes());
    }

    [Fact]
    public Task Nothing_is_lost_when_a_silo_has_no_threads() => cluster.Play("a silo has no threads free", seed: 82, async () =>
    {
        await cluster.Stall("silo-1", Stall);
        await Passes(Stall);
    });

    [Fact]
    public Task Nothing_is_lost_when_a_gateway_has_no_threads() => cluster.Play("a gateway has no threads free", seed: 83, async () =>
    {
        await cluster.Stall("gateway-1", Stall);
        await Passes(Stall);
    });

    [Theory]
    [InlineData("towards")]
    [InlineData("from")]
    public Task Nothing_is_lost_when_one_direction_between_silos_is_swallowed(string direction) =>
        cluster.Play($"what goes {direction} a silo is swallowed, the other direction is open", seed: direction.Length, async () =>
        {
            if (direction == "towards")
            {
                cluster.SwallowTowards("silo-2");
            }
            else
            {
                cluster.SwallowFrom("silo-2");
            }

            await Passes(Partition);
            cluster.Open();
        });

    private static async Task Passes(TimeSpan time)
    {
        var clock = Stopwatch.StartNew();
        await Wait.For(() => Task.FromResult(clock.Elapsed > time), "time does not pass", time + Bound);
    }

    private Task IsReady(string member, bool isReady) => Wait.For(
        async () => await cluster.Cluster.Health(member, "ready") == (isReady ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable),
        $"{member} {(isReady ? "does not become ready" : "stays ready")}",
        Bound);

    /// <summary>Entries that were not received in the last hour. Visitors send no older ones.</summary>
    private async Task<long> WrongTimes()
    {
        await using Npgsql.NpgsqlCommand count = cluster.Cluster.Owner.CreateCommand(
            "select count(*) from tracking.journal where received_at not between now() - interval '30 minutes' and now() + interval '5 seconds'");
        return (long)(await count.ExecuteScalarAsync())!;
    }
}
