using System.Diagnostics;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;

namespace Sessions.SystemTests.Faults;

/// <summary>Under every fault, no acknowledged event is lost, none counts twice, and every session is right.</summary>
[Collection(Lane.Broken), TestCaseOrderer(typeof(LastOnesLast))]
public sealed class FaultTests(FaultCluster cluster)
{
    private const string StoppedInOrder = "a silo is stopped in order";

    // The promise is two minutes, on a machine that has the time.
    private static readonly TimeSpan DeadSilosSessions = TimeSpan.FromMinutes(Soak.IsOn ? 2 : 6);
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(2);

    public static TheoryData<string> Names => [.. Fault.All.Select(fault => fault.Name).Where(name => name != StoppedInOrder)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task No_event_is_lost_or_counted_twice_when(string fault) =>
        await Scenario.Play(cluster, fault, seed: 100 + Index(fault), async random =>
            Assert.True(await Named(fault).Strike(cluster, random), "It hit nobody, so it showed nothing."));

    [Fact]
    public async Task No_client_gets_an_error_when_a_silo_stops_cleanly()
    {
        (Writers writers, long struck) = await Scenario.Play(
            cluster, StoppedInOrder, seed: 7, random => Named(StoppedInOrder).Strike(cluster, random));

        IReadOnlyList<Answer> since = writers.Answers.Since(struck);
        Assert.NotEmpty(since);
        Assert.All(since, answer => Assert.Equal(200, answer.Status));
        TimeSpan[] took = [.. since.Select(answer => answer.Took).Order()];
        Report.Note("longest answer while a silo is stopped in order", $"{took[^1].TotalSeconds:0.0} s");
        if (Soak.IsOn)
        {
            // On a busy machine the time says nothing.
            Assert.InRange(took[^1], TimeSpan.Zero, AtOnce);
        }
    }

    /// <summary>As many combinations as there is time for; a single one for a seed that failed, or when it is to be short.</summary>
    [Fact]
    public async Task No_event_is_lost_or_counted_twice_when_faults_come_together()
    {
        var clock = Stopwatch.StartNew();
        int seed = Soak.Seed ?? Random.Shared.Next(1_000_000);
        do
        {
            Fault[] faults = Combination.Of(seed);
            await Scenario.Play(
                cluster, Combination.Name(faults), seed, random => Combination.Strike(faults, cluster, random), isSeeded: true);
            if (Soak.IsOn)
            {
                // Later faults hold up the ends of earlier sessions.
                await cluster.OldOnesHaveEnded(FaultCluster.IdleTimeout + (3 * DeadSilosSessions));
            }

            seed++;
        }
        while (Soak.Seed is null && Soak.Length is { } length && clock.Elapsed < length);
    }

    /// <summary>
    /// What nobody touches any more ends by itself, though every silo is killed in turn and all of them are restarted:
    /// what earlier tests left behind, and what is live when it begins.
    /// </summary>
    [Fact]
    public Task At_the_end_all_sessions_end_by_themselves_exactly_once_although_every_silo_was_killed() =>
        cluster.Run("every silo is killed in turn, and all are restarted", async () =>
        {
            ManySessions many = await ManySessions.Begin(cluster, Soak.IsOn ? 50_000 : 500, TimeSpan.FromSeconds(Soak.IsOn ? 300 : 60));
            foreach (RunningProcess silo in cluster.Silos)
            {
                Signals.Kill9(silo.Pid);
                await cluster.IsBack(silo);
            }

            await cluster.Restart();
            await many.AllLive(cluster);

            await cluster.AllHaveEnded(FaultCluster.IdleTimeout + DeadSilosSessions);
            await many.AllEnd(cluster, DeadSilosSessions);
        });

    private static Fault Named(string name) => Fault.All.Single(fault => fault.Name == name);

    private static int Index(string name) => Fault.All.Select(fault => fault.Name).ToList().IndexOf(name);
}
