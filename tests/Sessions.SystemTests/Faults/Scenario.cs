using System.Diagnostics;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;
using Xunit.Sdk;

namespace Sessions.SystemTests.Faults;

/// <summary>Traffic, something that goes wrong in the middle of it, and an audit.</summary>
public static class Scenario
{
    private const int Visitors = 24;
    private const int EventsAround = 600;
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan TrafficBound = TimeSpan.FromMinutes(2);

    // Who finds the rows that a dead silo left behind waits until it is certainly dead.
    private static readonly TimeSpan RowsBehind = TimeSpan.FromSeconds(45);

    /// <summary>Plays it. A failure says the seed that brings it again.</summary>
    /// <param name="cluster">Where.</param>
    /// <param name="name">What goes wrong, for people.</param>
    /// <param name="seed">Decides what visitors do, and what the fault does by chance.</param>
    /// <param name="strike">Makes it go wrong.</param>
    /// <param name="isSeeded">The seed has been chosen with the environment's in mind.</param>
    /// <returns>The writers, and when the fault struck.</returns>
    public static async Task<(Writers Writers, long Struck)> Play(
        FaultCluster cluster, string name, int seed, Func<Random, Task> strike, bool isSeeded = false)
    {
        seed = isSeeded ? seed : Soak.Seed ?? seed;
        Gateway[] gateways = cluster.OpenGateways();
        try
        {
            await cluster.AreWell();
            Writers writers = new(gateways, Visitors, seed, Habits.Any) { Rest = Rest };
            using CancellationTokenSource stop = new();
            Task traffic = writers.Send(stop.Token);
            await writers.HaveAcknowledged(EventsAround, traffic, TrafficBound);

            long struck = Stopwatch.GetTimestamp();
            Task fault = strike(new Random(seed));
            await Task.WhenAny(fault, traffic);
            await (traffic.IsCompleted ? traffic : fault);

            await writers.HaveAcknowledged(writers.Acknowledged.Count + EventsAround, traffic, TrafficBound);
            await stop.CancelAsync();
            await traffic.WaitAsync(TrafficBound);

            await Books.AreRight(cluster.Reader, writers, FaultCluster.IdleTimeout, RowsBehind);
            IReadOnlyList<string> ends = await Ends.Faults(cluster.Owner, writers, FaultCluster.IdleTimeout);
            Assert.True(ends.Count == 0, string.Join(Environment.NewLine, ends));
            cluster.Remember(name, writers);
            Report.Add(name, writers);
            return (writers, struck);
        }
        catch (Exception wrong)
        {
            Report.Failed();
            throw new XunitException($"SESSIONS_FAULT_SEED={seed}: {name}: {wrong.Message}", wrong);
        }
        finally
        {
            Array.ForEach(gateways, gateway => gateway.Dispose());
        }
    }
}
