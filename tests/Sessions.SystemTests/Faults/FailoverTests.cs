using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;

namespace Sessions.SystemTests.Faults;

/// <summary>
/// A silo dies and nobody is there to tell: its fellows must notice by themselves. The supervisor, which would know for
/// certain, is frozen meanwhile.
/// </summary>
[Collection(Lane.Broken)]
public sealed class FailoverTests(FaultCluster cluster)
{
    private const int Devices = 60;

    // On a quiet machine 8 s. Beside the rest of the suite the time says little: only that they answer again.
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(Soak.IsOn ? 8 : 60);
    private static readonly TimeSpan Saturation = TimeSpan.FromSeconds(Soak.IsOn ? 300 : 30);

    [Fact]
    public async Task A_killed_silos_devices_answer_again_before_their_clients_give_up()
    {
        await cluster.AreWell();
        Gateway[] gateways = cluster.OpenGateways();
        string[] devices = [.. Enumerable.Range(0, Devices).Select(_ => Events.NewDistinctId("failover"))];
        await Task.WhenAll(devices.Select((device, index) => gateways[index % gateways.Length].Track(Events.Event("before", device))));
        int supervisor = cluster.Supervisor;
        Signals.Freeze(supervisor);
        try
        {
            Signals.Kill9(cluster.Silos[0].Pid);
            var clock = Stopwatch.StartNew();
            TimeSpan[] took = await Task.WhenAll(devices.Select(async (device, index) =>
            {
                JsonObject made = Events.Event("after", device);
                for (int attempt = index; !await IsTaken(gateways[attempt % gateways.Length], made); attempt++)
                {
                    await Task.Delay(100, TestContext.Current.CancellationToken);
                }

                return clock.Elapsed;
            }));

            Report.Note("longest failover", $"{took.Max().TotalSeconds:0.0} s");
            TestContext.Current.SendDiagnosticMessage($"All devices answered {took.Max().TotalSeconds:0.0} s after the kill.");
            Assert.InRange(took.Max(), TimeSpan.Zero, AnswerWithin);
        }
        finally
        {
            Signals.GoOn(supervisor);
            Array.ForEach(gateways, gateway => gateway.Dispose());
        }

        await cluster.AreWell();
    }

    [Fact]
    public async Task Nobody_is_declared_dead_for_being_slow_while_the_processors_are_saturated()
    {
        await cluster.AreWell();
        long dead = await cluster.DeadSilos();
        using CancellationTokenSource stop = new(Saturation);
        // Twice as many as there are processors, on top of the traffic.
        Task[] burning = [.. Enumerable.Range(0, 2 * Environment.ProcessorCount).Select(_ => Task.Factory.StartNew(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    Thread.SpinWait(10_000);
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        Gateway[] gateways = cluster.OpenGateways();
        Writers writers = new(gateways, visitors: 24, seed: Soak.Seed ?? 51, Habits.Any);

        await writers.Send(stop.Token);
        await Task.WhenAll(burning);

        Array.ForEach(gateways, gateway => gateway.Dispose());
        Assert.Equal(dead, await cluster.DeadSilos());
    }

    private static async Task<bool> IsTaken(Gateway gateway, JsonObject made)
    {
        try
        {
            using CancellationTokenSource patience = new(Writers.Patience);
            using HttpResponseMessage answer = await gateway.Capture([made], cancel: patience.Token);
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode}");
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception lost) when (lost is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
