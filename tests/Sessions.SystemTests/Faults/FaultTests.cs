using System.Diagnostics;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;

namespace Sessions.SystemTests.Faults;

/// <summary>Whatever breaks, no acknowledged event is lost, none counts twice, and every session is right.</summary>
[Collection(Lane.Broken), TestCaseOrderer(typeof(LastOnesLast))]
public sealed class FaultTests(FaultCluster cluster)
{
    private const string StoppedInOrder = "a silo is stopped in order";
    private static readonly TimeSpan DeadSilosSessions = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(2);

    public static TheoryData<string> Names => [.. Fault.All.Select(fault => fault.Name).Where(name => name != StoppedInOrder)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Nothing_is_lost_or_doubled_when(string fault) =>
        await Scenario.Play(cluster, fault, seed: 100 + Index(fault), random => Named(fault).Strike(cluster, random));

    [Fact]
    public async Task No_client_sees_an_error_when_a_silo_is_stopped_in_order()
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
            // Beside the rest of the suite the time says nothing.
            Assert.InRange(took[^1], TimeSpan.Zero, AtOnce);
        }
    }

    /// <summary>As many combinations as there is time for; a single one for a seed that failed.</summary>
    [Fact]
    public async Task Nothing_is_lost_or_doubled_when_faults_come_together()
    {
        Assert.SkipUnless(Soak.IsOn || Soak.Seed is not null, "Combinations take minutes each: ./test --soak MINUTES.");
        var clock = Stopwatch.StartNew();
        int first = Soak.Seed ?? Random.Shared.Next(1_000_000);
        for (int seed = first; Soak.Length is not { } length || clock.Elapsed < length; seed++)
        {
            Fault[] faults = Combination.Of(seed);
            await Scenario.Play(
                cluster, Combination.Name(faults), seed, random => Combination.Strike(faults, cluster, random), isSeeded: true);
            if (Soak.IsOn)
            {
                // Later faults hold up the ends of earlier sessions.
                await cluster.OldOnesHaveEnded(FaultCluster.IdleTimeout + (3 * DeadSilosSessions));
            }

            if (Soak.Seed is not null)
            {
                return;
            }
        }
    }

    /// <summary>By then every silo has been killed more than once; and now all are restarted.</summary>
    [Fact]
    public async Task At_the_end_all_sessions_end_by_themselves_and_once()
    {
        await cluster.AreWell();
        ManySessions many = await ManySessions.Begin(cluster, Soak.IsOn ? 50_000 : 500, TimeSpan.FromSeconds(Soak.IsOn ? 300 : 70));
        await cluster.Restart();
        await many.AllLive(cluster);

        await cluster.AllHaveEnded(FaultCluster.IdleTimeout + DeadSilosSessions);
        await many.AllEnd(cluster, DeadSilosSessions);
    }

    private static Fault Named(string name) => Fault.All.Single(fault => fault.Name == name);

    private static int Index(string name) => Fault.All.Select(fault => fault.Name).ToList().IndexOf(name);
}
