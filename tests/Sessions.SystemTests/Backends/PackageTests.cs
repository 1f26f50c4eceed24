using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Backends;

/// <summary>
/// The package as its users have it: packed, fetched from a feed, referenced and run without this repository.
/// </summary>
[Collection(Lane.Shared)]
public sealed partial class PackageTests(SharedCluster shared)
{
    private const string Version = "99.1.0";
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData("Client")]
    [InlineData("Abstractions")] // its former name
    public async Task A_new_project_that_follows_the_packages_readme_tracks_sessions(string name)
    {
        Cluster cluster = await shared.Started;
        using TempFolder folder = new();
        string feed = Path.Combine(folder.Path, "feed");
        // A folder of its own: a build of the same projects that does not pack leaves other dependencies in its restored files.
        await Dotnet(Repository.Root, [
            "pack", $"src/Sessions.{name}", "-c", "Release", "-o", feed, $"-p:Version={Version}", "-v", "q", "-nologo",
            $"-p:ArtifactsPath={Path.Combine(Repository.Root, "artifacts", "package-tests")}", "-nodeReuse:false", "-p:UseSharedCompilation=false", "-p:RunAnalyzers=false"]);
        string readme = await ReadPackage(Path.Combine(feed, $"Orleans.Sessions.{name}.{Version}.nupkg"));

        string project = Directory.CreateDirectory(Path.Combine(folder.Path, "fresh")).FullName;
        // The commands of the README that make the packed file a source. The other packages are in the machine's cache.
        foreach (string command in (string[])["dotnet new nugetconfig", "dotnet nuget add source /path/to/feed --name sessions --configfile nuget.config"])
        {
            Assert.Contains($"\n{command}\n", readme, StringComparison.Ordinal);
            await Dotnet(project, command.Replace("/path/to/feed", feed, StringComparison.Ordinal).Split(' ')[1..]);
        }

        await File.WriteAllTextAsync(Path.Combine(project, "fresh.csproj"), Project(folder.Path, name));
        await File.WriteAllTextAsync(Path.Combine(project, "Program.cs"), Program(readme));
        string player = Events.NewDistinctId("fresh");
        using JsonDocument ready = JsonDocument.Parse(await File.ReadAllBytesAsync(cluster.ReadyFile));
        JsonElement access = ready.RootElement.GetProperty("cluster");
        await Dotnet(project, ["build", "-v", "q", "-nologo", "-nodeReuse:false", "-p:UseSharedCompilation=false", "-o", Path.Combine(project, "out")]);
        await Dotnet(project, [
            Path.Combine(project, "out", "fresh.dll"), access.GetProperty("cluster_id").GetString()!, access.GetProperty("connection_string").GetString()!, player]);

        IReadOnlyList<StoredEvent> stored = await Books.EventsOf(cluster.Reader);
        StoredEvent[] mine = [.. stored.Where(e => e.DistinctId == player)];
        Assert.Contains(mine, e => e.Name == "match_over");
        Assert.Contains(mine, e => e.Name == "move");
        await Books.AddUp(cluster.Reader, [.. mine.Select(e => $"{e.SessionId}").Distinct()]);
    }

    /// <summary>The package's README, when the package has all that it should have and asks for no more than it may.</summary>
    private static async Task<string> ReadPackage(string file)
    {
        await using ZipArchive package = await ZipFile.OpenReadAsync(file);
        XDocument described = XDocument.Load(package.GetEntry($"{Path.GetFileNameWithoutExtension(file)[..^(Version.Length + 1)]}.nuspec")!.Open());
        Assert.Equal(
            ["Microsoft.Orleans.Client", "Microsoft.Orleans.Sdk"],
            described.Descendants().Where(one => one.Name.LocalName == "dependency").Select(one => (string)one.Attribute("id")!).Order());
        XDocument documented = XDocument.Load(package.GetEntry("lib/net10.0/Sessions.Client.xml")!.Open());
        Assert.Contains(documented.Descendants("member"), member => (string?)member.Attribute("name") == "T:Sessions.ISessionsClient");
        using StreamReader readme = new(package.GetEntry("README.md")!.Open());
        return await readme.ReadToEndAsync();
    }

    private static string Project(string folder, string name)
    {
        // The packages that everybody has stay where they are; ours goes nowhere else.
        string everybodys = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        XDocument versions = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props"));
        string orleans = versions.Descendants("OrleansVersion").Single().Value;
        string npgsql = (string)versions.Descendants("PackageVersion").Single(one => (string?)one.Attribute("Include") == "Npgsql").Attribute("Version")!;
        return $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <RestorePackagesPath>{folder}/packages</RestorePackagesPath>
                <RestoreFallbackFolders>{everybodys}</RestoreFallbackFolders>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Orleans.Sessions.{name}" Version="{Version}" />
                <PackageReference Include="Microsoft.Orleans.Clustering.AdoNet" Version="{orleans}" />
                <PackageReference Include="Npgsql" Version="{npgsql}" />
              </ItemGroup>
            </Project>
            """;
    }

    /// <summary>The README's code as it stands, repeated until its watch has seen a session's end.</summary>
    private static string Program(string readme)
    {
        string[] code = [.. Code().Matches(readme).Select(match => match.Groups[1].Value)];
        Assert.Equal(3, code.Length);
        return $$"""
            {{code[0]}}
            Task told = Watch(sessions);
            bool isRight;
            do
            {
                {{code[1]}}
                isRight = live is not null && ended?.EndReason is not null && any?.SessionId == receipt.SessionId;
                await Task.WhenAny(told, Task.Delay(TimeSpan.FromSeconds(2)));
            }
            while (isRight && !told.IsCompleted);
            await host.StopAsync();
            await told;
            return isRight ? 0 : 1;

            static async Task Watch(ISessionsClient sessions)
            {
                {{code[2]}}
            }
            """;
    }

    private static async Task Dotnet(string folder, string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        RunProgram.Clean(start);
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Bound);
        Assert.True(process.ExitCode == 0, $"dotnet {arguments[0]} ended with {process.ExitCode}: {said}{await errors}");
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Code();
}
