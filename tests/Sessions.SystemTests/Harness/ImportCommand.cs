using System.Diagnostics;

namespace Sessions.SystemTests.Harness;

/// <summary><c>./run import</c>, beside a cluster that runs.</summary>
public static class ImportCommand
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    /// <summary>Imports a file to its end and returns what the command said.</summary>
    public static async Task<string> Run(Cluster cluster, string file, params string[] options)
    {
        using Process run = Start(cluster, file, options);
        Task<string> said = run.StandardOutput.ReadToEndAsync();
        Task<string> errors = run.StandardError.ReadToEndAsync();
        await run.WaitForExitAsync().WaitAsync(Bound);
        Assert.True(run.ExitCode == 0, $"{run.ExitCode}: {await said}{await errors}");
        return await said;
    }

    /// <summary>Begins to import a file.</summary>
    public static Process Start(Cluster cluster, string file, params string[] options) =>
        RunProgram.Start(["import", file, "--data", cluster.Data, .. options]);
}
