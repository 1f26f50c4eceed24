using System.Diagnostics;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Backends;

/// <summary>The sample that tracks the lines of its input with the .NET client, as a process.</summary>
internal static class EventPipe
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    /// <summary>Tracks the events and returns what the program said of each, in their order.</summary>
    public static async Task<string[]> Track(string readyFile, IEnumerable<JsonObject> events)
    {
        string program = Path.Combine(
            Repository.Root, "artifacts", "bin", "Sessions.Samples.EventPipe", "release", "Sessions.Samples.EventPipe.dll");
        using Process pipe = Process.Start(new ProcessStartInfo("dotnet", [program, readyFile])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> said = pipe.StandardOutput.ReadToEndAsync();
        Task<string> errors = pipe.StandardError.ReadToEndAsync();
        foreach (JsonObject e in events)
        {
            await pipe.StandardInput.WriteLineAsync(e.ToJsonString());
        }

        pipe.StandardInput.Close();
        await pipe.WaitForExitAsync().WaitAsync(Bound);
        Assert.True(pipe.ExitCode == 0, $"The program ended with {pipe.ExitCode}: {await said}{await errors}");
        return (await said).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
