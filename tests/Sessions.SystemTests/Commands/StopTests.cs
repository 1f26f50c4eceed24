using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Commands;

/// <summary>What <c>./run</c> logs during a clean stop: that it stops, and no warning.</summary>
[Collection(Lane.Killed)]
public sealed class StopTests
{
    private const int Visitors = 20;
    private static readonly string[] Levels = [" warn: ", " fail: ", " crit: "];

    // A busy machine's pauses are told at any time, also then.
    private static readonly string[] OfTheMachine = ["Orleans.Runtime.Scheduler", "LocalSiloHealthMonitor"];

    [Theory]
    [InlineData("stop-one", 0, 1)]
    [InlineData("stop-many", 2, 1)]
    public async Task A_clean_stop_logs_no_warning_and_no_error(string name, int silos, int gateways)
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan
        {
            Name = name,
            Silos = silos,
            Gateways = gateways,
            IdleTimeout = TimeSpan.FromMinutes(30),
            // What looks things up at silos every few seconds does so at every moment of the stop.
            Settings = new Dictionary<string, string> { ["Sessions__Projects__Refresh"] = "00:00:00.1" },
        });
        using Gateway gateway = cluster.Gateway();
        for (int n = 0; n < Visitors; n++)
        {
            await gateway.Track(Events.Event("$pageview", Events.NewDistinctId("visitor")));
        }

        await cluster.Stop();

        string[] said = (await cluster.WholeOutput()).Split('\n');
        string[] last = [.. said.SkipWhile(line => !line.TrimEnd().EndsWith(" stopping", StringComparison.Ordinal))];
        Assert.NotEmpty(last);
        Assert.DoesNotContain(last, line => Levels.Any(level => line.Contains(level, StringComparison.Ordinal))
            && !OfTheMachine.Any(machine => line.Contains(machine, StringComparison.Ordinal)));
    }
}
