using System.Text.Json;

namespace Sessions.Tests.Architecture;

/// <summary>Every package, also an indirect one, has a hash in the repository, and builds that count take no other.</summary>
public sealed class PackageLockTests
{
    [Fact]
    public void Every_project_has_a_lock_file_with_the_hash_of_each_package()
    {
        string[] projects = [.. new[] { "src", "tests" }.SelectMany(folder =>
            Directory.GetFiles(Path.Combine(ArrowTests.Root, folder), "*.csproj", SearchOption.AllDirectories))];

        Assert.NotEmpty(projects);
        foreach (string project in projects)
        {
            using JsonDocument locked = JsonDocument.Parse(File.ReadAllText(Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json")));
            foreach (JsonProperty package in locked.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(target => target.Value.EnumerateObject()))
            {
                Assert.True(
                    package.Value.GetProperty("type").GetString() == "Project" || package.Value.TryGetProperty("contentHash", out _),
                    $"{package.Name} of {project} has no hash.");
            }
        }
    }

    [Theory]
    [InlineData("test", "export RestoreLockedMode=true")]
    [InlineData("Dockerfile", "-p:RestoreLockedMode=true")]
    [InlineData(".github/workflows/ci.yml", "-p:RestoreLockedMode=true")]
    public void Builds_that_count_restore_in_locked_mode(string file, string how) =>
        Assert.Contains(how, File.ReadAllText(Path.Combine(ArrowTests.Root, file)), StringComparison.Ordinal);
}
