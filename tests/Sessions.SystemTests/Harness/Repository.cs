namespace Sessions.SystemTests.Harness;

/// <summary>Where things are in the repository, found from where the tests were built to.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string TestProject { get; } = Path.Combine(Root, "tests", "Sessions.SystemTests");

    /// <summary>A folder under <c>artifacts</c>, made when it is not there.</summary>
    public static string Artifacts(string folder) =>
        Directory.CreateDirectory(Path.Combine(Root, "artifacts", folder)).FullName;

    /// <summary>The folder of an npm package that package.json asks for.</summary>
    public static string NpmPackage(string name)
    {
        string folder = Path.Combine(TestProject, "node_modules", name);
        return Directory.Exists(folder)
            ? folder
            : throw new DirectoryNotFoundException(
                $"The npm package {name} is not installed: run ./test, or 'npm ci' in {TestProject}.");
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Orleans.Sessions.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("Orleans.Sessions.sln was not found above the tests.");
    }
}
