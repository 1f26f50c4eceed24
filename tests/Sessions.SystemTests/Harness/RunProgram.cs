using System.Diagnostics;

namespace Sessions.SystemTests.Harness;

/// <summary>Starts <c>./run</c> with a clean environment.</summary>
public static class RunProgram
{
    // What the test runner's own build leaves in the environment would steer the build that ./run does.
    private static readonly string[] BuildVariables = ["MSBUILD", "MSBuild", "VSTEST", "TESTINGPLATFORM", "DOTNET_CLI_TELEMETRY_SESSIONID"];

    public static Process Start(IEnumerable<string> arguments, Dictionary<string, string>? environment = null)
    {
        ProcessStartInfo start = new(Path.Combine(Repository.Root, "run"), arguments)
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Clean(start);
        foreach ((string name, string value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException("./run could not be started.");
    }

    /// <summary>Takes out of a program's environment what would steer a build that it does.</summary>
    public static void Clean(ProcessStartInfo start)
    {
        foreach (string name in start.Environment.Keys.Where(IsOfTheBuild).ToArray())
        {
            start.Environment.Remove(name);
        }
    }

    private static bool IsOfTheBuild(string name) =>
        BuildVariables.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));
}
