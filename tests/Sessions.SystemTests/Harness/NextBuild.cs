using System.Diagnostics;

namespace Sessions.SystemTests.Harness;

/// <summary>
/// The program built and published again with another version, beside the build that everything else uses: what an
/// operator upgrades to. Kept between runs, so only the first takes long.
/// </summary>
public static class NextBuild
{
    public const string Version = "99.1.0";

    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(12);
    private static readonly string Folder = Path.Combine(Repository.Root, "artifacts", "next");

    /// <summary>Makes it, as the Dockerfile does, and returns its dll.</summary>
    public static async Task<string> Publish()
    {
        string output = Path.Combine(Folder, "app");
        ProcessStartInfo start = new(
            "dotnet",
            [
                "publish", Path.Combine(Repository.Root, "src", "Sessions.Host"), "-c", "Release", "-o", output, "-nologo", "-v", "q",
                // The analyzers have seen the same code in the build of everything else.
                $"-p:Version={Version}", $"-p:ArtifactsPath={Folder}", "-nodeReuse:false", "-p:UseSharedCompilation=false", "-p:RunAnalyzers=false",
            ])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        RunProgram.Clean(start);
        using ProgramOutput said = new(Path.Combine(Repository.Artifacts("system-tests"), "next-build.log"));
        using Process publish = Process.Start(start)!;
        said.Follow(publish);
        await publish.WaitForExitAsync().WaitAsync(Bound);
        Assert.True(publish.ExitCode == 0, $"dotnet publish ended with {publish.ExitCode}.{Environment.NewLine}{said}");
        return Path.Combine(output, "Sessions.Host.dll");
    }
}
