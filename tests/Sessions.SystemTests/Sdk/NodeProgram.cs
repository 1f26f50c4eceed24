using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Sdk;

/// <summary>Runs one of the small programs beside this file, which use an SDK from npm.</summary>
public static class NodeProgram
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);

    /// <summary>Gives it the job as its argument and returns what it printed; a word of complaint fails the test.</summary>
    public static async Task<string> Run(string program, string package, JsonObject job)
    {
        _ = Repository.NpmPackage(package);
        ProcessStartInfo start = new("node", [Path.Combine("Sdk", program), job.ToJsonString(JsonSerializerOptions.Default)])
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
        Assert.True(node.ExitCode == 0 && (await errors).Length == 0, $"{package} ended with {node.ExitCode}: {await output}{await errors}");
        return await output;
    }
}
