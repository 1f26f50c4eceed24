using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Sdk;

/// <summary>A backend in Node that tracks with posthog-node, unmodified.</summary>
public static class NodeBackend
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);

    /// <summary>Captures the events and returns when the SDK says they are sent.</summary>
    public static async Task Capture(Gateway gateway, params (string Event, string DistinctId, JsonObject Properties)[] events)
    {
        _ = Repository.NpmPackage("posthog-node");
        JsonObject job = new()
        {
            ["host"] = gateway.Address.GetLeftPart(UriPartial.Authority),
            ["token"] = gateway.Token,
            ["events"] = new JsonArray([.. events.Select(e => new JsonObject
            {
                ["event"] = e.Event,
                ["distinctId"] = e.DistinctId,
                ["properties"] = e.Properties,
            })]),
        };
        ProcessStartInfo start = new("node", [Path.Combine("Sdk", "backend.mjs"), job.ToJsonString(JsonSerializerOptions.Default)])
        {
            WorkingDirectory = Repository.TestProject,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process node = Process.Start(start) ?? throw new InvalidOperationException("node could not be started.");
        using CancellationTokenSource bound = new(Bound);
        Task<string> output = node.StandardOutput.ReadToEndAsync(bound.Token);
        Task<string> errors = node.StandardError.ReadToEndAsync(bound.Token);
        await node.WaitForExitAsync(bound.Token);
        string said = await output + await errors;
        Assert.True(node.ExitCode == 0 && said.Length == 0, $"posthog-node ended with {node.ExitCode}: {said}");
    }
}
