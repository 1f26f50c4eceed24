using System.Diagnostics;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;

namespace Sessions.SystemTests.Faults;

/// <summary>Traffic, something that goes wrong in the middle of it, and an audit.</summary>
public static class Scenario
{
    private const int Visitors = 24;
    private const int EventsAround = 600;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(15);
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
            Writers writers = new(gateways, Visitors, seed, Habits.Any) { Pause = Pause };
            long struck = 0;
            await cluster.Run($"SESSIONS_FAULT_SEED={seed}: {name}", async () =>
            {
                struck = await Send(writers, () => strike(new Random(seed)));
                await Books.AreRight(cluster.Reader, writers, FaultCluster.IdleTimeout, RowsBehind);
                IReadOnlyList<string> ends = await Ends.Faults(cluster.Owner, writers, FaultCluster.IdleTimeout);
                Assert.True(ends.Count == 0, string.Join(Environment.NewLine, ends));
            });
            cluster.Remember(name, writers);
            Report.Add(name, writers);
            return (writers, struck);
        }
        finally
        {
            Array.ForEach(gateways, gateway => gateway.Dispose());
        }
    }

    /// <summary>Has the writers send before, while and after it goes wrong; returns when it struck.</summary>
    internal static async Task<long> Send(Writers writers, Func<Task> strike)
    {
        using CancellationTokenSource stop = new();
        Task traffic = writers.Send(stop.Token);
        Task fault = Task.CompletedTask;
        try
        {
            await writers.HaveAcknowledged(EventsAround, traffic, TrafficBound);
            long struck = Stopwatch.GetTimestamp();
            fault = strike();
            await Task.WhenAny(fault, traffic);
            await (traffic.IsCompleted ? traffic : fault);

            await writers.HaveAcknowledged(writers.Acknowledged.Count + EventsAround, traffic, TrafficBound);
            await stop.CancelAsync();
            await traffic.WaitAsync(TrafficBound);
            return struck;
        }
        catch
        {
            await stop.CancelAsync();
            // What is broken is mended by then: the next test finds a cluster that nobody works on.
            await Task.WhenAny(Task.WhenAll(fault, traffic), Task.Delay(TrafficBound));
            throw;
        }
    }
}
