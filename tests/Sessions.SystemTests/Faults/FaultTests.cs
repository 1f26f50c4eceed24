using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;

namespace Sessions.SystemTests.Faults;

/// <summary>Whatever breaks, no acknowledged event is lost, none counts twice, and every session is right.</summary>
[Collection(Lane.Own), TestCaseOrderer(typeof(LastOnesLast))]
public sealed class FaultTests(FaultCluster cluster) : IClassFixture<FaultCluster>
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(2);

    public static TheoryData<string> Names => [.. Fault.All.Select(fault => fault.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Nothing_is_lost_or_doubled_when(string fault)
    {
        Fault one = Fault.All.Single(known => known.Name == fault);
        await Scenario.Play(cluster, fault, seed: 100 + Names.ToList().FindIndex(row => row.Data == fault), random => one.Strike(cluster, random));
    }

    [Fact]
    public async Task No_client_sees_an_error_when_a_silo_is_stopped_in_order()
    {
        Fault stop = Fault.All.Single(known => known.Name == "a silo is stopped in order");
        (Writers writers, long struck) = await Scenario.Play(
            cluster, "a silo is stopped in order", seed: 7, random => stop.Strike(cluster, random));

        IReadOnlyList<Answer> since = writers.Answers.Since(struck);
        Assert.NotEmpty(since);
        Assert.All(since, answer => Assert.Equal(200, answer.Status));
        Assert.All(since, answer => Assert.InRange(answer.Took, TimeSpan.Zero, AtOnce));
    }

    [Fact]
    public async Task At_the_end_all_sessions_end_by_themselves_and_once() =>
        await cluster.AllHaveEnded(FaultCluster.IdleTimeout + TimeSpan.FromMinutes(2));
}
