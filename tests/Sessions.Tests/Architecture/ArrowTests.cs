using System.Reflection;
using System.Xml.Linq;

namespace Sessions.Tests.Architecture;

/// <summary>The arrows of ARCHITECTURE.md, checked on what the compiler made and on what the projects ask for.</summary>
public sealed class ArrowTests
{
    private static readonly string Root = FindRoot();

    [Theory]
    [InlineData("Sessions.Abstractions", "")]
    [InlineData("Sessions.Domain", "Sessions.Abstractions")]
    [InlineData("Sessions.Grains", "Sessions.Domain Sessions.Abstractions")]
    [InlineData("Sessions.Postgres", "Sessions.Grains Sessions.Domain Sessions.Abstractions")]
    [InlineData("Sessions.Gateway", "Sessions.Postgres Sessions.Grains Sessions.Domain Sessions.Abstractions")]
    public void A_project_uses_only_what_stands_below_it(string project, string allowed)
    {
        string[] used = References(project).Where(name => name.StartsWith("Sessions.", StringComparison.Ordinal)).ToArray();

        Assert.Empty(used.Except(allowed.Split(' ')));
    }

    [Theory]
    [InlineData("Sessions.Abstractions", "Npgsql", "Microsoft.AspNetCore")]
    [InlineData("Sessions.Domain", "Orleans", "Npgsql", "Microsoft.AspNetCore", "Microsoft.Extensions")]
    [InlineData("Sessions.Grains", "Npgsql", "Microsoft.AspNetCore", "System.Text.Json")]
    [InlineData("Sessions.Postgres", "Microsoft.AspNetCore")]
    public void A_project_stays_away_from_what_is_not_its_business(string project, params string[] banned)
    {
        string[] used = References(project)
            .Where(name => banned.Any(ban => name.StartsWith(ban, StringComparison.Ordinal)))
            .ToArray();

        Assert.Empty(used);
    }

    [Fact]
    public void The_domain_asks_for_no_package_but_its_analyzer()
    {
        // A compiled reference only shows what is used; the project file shows what was asked for.
        XDocument project = XDocument.Load(Path.Combine(Root, "src", "Sessions.Domain", "Sessions.Domain.csproj"));

        Assert.Equal(
            ["Microsoft.CodeAnalysis.BannedApiAnalyzers"],
            project.Descendants("PackageReference").Select(reference => (string?)reference.Attribute("Include")));
    }

    [Fact]
    public void No_file_is_over_400_lines()
    {
        var long_files = Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains("node_modules", StringComparison.Ordinal))
            .Select(file => (file, lines: File.ReadLines(file).Count()))
            .Where(file => file.lines > 400)
            .Select(file => $"{Path.GetRelativePath(Root, file.file)}: {file.lines} lines");

        Assert.Empty(long_files);
    }

    [Fact]
    public void No_type_is_named_for_nothing()
    {
        string[] banned = ["Manager", "Helper", "Helpers", "Utils", "Util"];
        var offenders = new[] { "Sessions.Abstractions", "Sessions.Domain", "Sessions.Grains", "Sessions.Postgres", "Sessions.Gateway", "Sessions.Host" }
            .SelectMany(project => Assembly.Load(project).GetTypes())
            .Where(type => type.Namespace?.StartsWith("Sessions", StringComparison.Ordinal) == true)
            .Where(type => banned.Any(ban => type.Name.EndsWith(ban, StringComparison.Ordinal)))
            .Select(type => type.FullName);

        Assert.Empty(offenders);
    }

    private static IEnumerable<string> References(string project) =>
        Assembly.Load(project).GetReferencedAssemblies().Select(name => name.Name!);

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
