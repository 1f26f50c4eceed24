using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sessions.Tests.Architecture;

namespace Sessions.Tests.Capture.Quotas;

/// <summary>What an unmodified SDK makes of a 429.</summary>
[Trait("Needs", "Npm")]
public sealed class QuotaSdkTests
{
    [Fact]
    public async Task Posthog_node_waits_and_sends_again_what_got_429()
    {
        // A burst of 80: the SDK's first batch of 100 leaves a debt, and its second waits.
        await using CaptureServer server = await CaptureServer.Start("Sessions:Quota:EventsPerSecond=8");
        long refused = 0;
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name == "sessions.capture.refused" && instrument.Meter.Scope == server.Get<IMeterFactory>())
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref refused, count));
        listener.Start();

        await Backend(server.Client.BaseAddress!, [.. Enumerable.Range(0, 120).Select(n => $"event {n}")]);

        Assert.True(refused > 0, "No request was refused, so nothing was tested.");
        Assert.Equal(
            Enumerable.Range(0, 120).Select(n => $"event {n}"),
            server.Devices.Calls.SelectMany(call => call.Events).Select(tracked => tracked.Name).Distinct());
    }

    private static async Task Backend(Uri host, string[] events)
    {
        JsonObject job = new()
        {
            ["host"] = host.GetLeftPart(UriPartial.Authority),
            ["token"] = Bodies.Token,
            ["events"] = new JsonArray([.. events.Select(name => new JsonObject { ["event"] = name, ["distinctId"] = "anna" })]),
        };
        ProcessStartInfo start = new("node", [Path.Combine("Sdk", "backend.mjs"), job.ToJsonString(JsonSerializerOptions.Default)])
        {
            WorkingDirectory = Path.Combine(ArrowTests.Root, "tests", "Sessions.SystemTests"),
            RedirectStandardError = true,
        };
        using Process node = Process.Start(start)!;
        string errors = await node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(node.ExitCode == 0, errors);
    }
}
