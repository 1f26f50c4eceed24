using System.Reflection;
using System.Xml.Linq;

namespace Sessions.Tests.Architecture;

/// <summary>
/// The allowed dependencies of ARCHITECTURE.md, checked in the compiled assemblies and in the project files.
/// </summary>
public sealed class ArrowTests
{
    internal static readonly string Root = FindRoot();

    [Theory]
    [InlineData("Sessions.Contracts", "")]
    [InlineData("Sessions.Client", "Contracts")]
    [InlineData("Sessions.Abstractions", "Contracts Client")]
    [InlineData("Sessions.Domain", "Contracts")]
    [InlineData("Sessions.Database", "Contracts Domain")]
    [InlineData("Sessions.Silo", "Contracts Client Domain Database")]
    [InlineData("Sessions.Columns", "Contracts Domain Database")]
    [InlineData("Sessions.Queries", "Contracts Client Domain Database")]
    [InlineData("Sessions.Capture", "Contracts Client Domain Database")]
    [InlineData("Sessions.Web", "Contracts Client Domain Database Queries Capture")]
    [InlineData("Sessions.Host", "Contracts Client Domain Database Columns Silo Queries Capture Web")]
    public void A_project_references_only_the_projects_below_it(string project, string allowed)
    {
        string[] used = References(project).Where(name => name.StartsWith("Sessions.", StringComparison.Ordinal)).ToArray();

        Assert.Empty(used.Except(allowed.Split(' ').Select(name => $"Sessions.{name}")));
    }

    [Theory]
    [InlineData("Sessions.Contracts", "Npgsql", "Microsoft.AspNetCore")]
    [InlineData("Sessions.Client", "Npgsql", "Microsoft.AspNetCore")]
    [InlineData("Sessions.Domain", "Orleans", "Npgsql", "Microsoft.AspNetCore", "Microsoft.Extensions")]
    [InlineData("Sessions.Database", "Orleans", "Microsoft.AspNetCore")]
    [InlineData("Sessions.Silo", "Microsoft.AspNetCore")]
    [InlineData("Sessions.Queries", "Microsoft.AspNetCore")]
    public void A_project_does_not_use_the_libraries_that_are_banned_for_it(string project, params string[] banned)
    {
        // Attributes alone: the domain's types that go over the wire carry them, Sessions.Silo generates the serializers.
        string[] used = References(project)
            .Where(name => name != "Orleans.Serialization.Abstractions")
            .Where(name => banned.Any(ban => name.StartsWith(ban, StringComparison.Ordinal)))
            .ToArray();

        Assert.Empty(used);
    }

    [Fact]
    public void The_domain_references_only_an_analyzer_and_an_attributes_package()
    {
        // A compiled reference only shows what is used; the project file shows what was asked for.
        XDocument project = XDocument.Load(Path.Combine(Root, "src", "Sessions.Domain", "Sessions.Domain.csproj"));

        Assert.Equal(
            ["Microsoft.CodeAnalysis.BannedApiAnalyzers", "Microsoft.Orleans.Serialization.Abstractions"],
            project.Descendants("PackageReference").Select(reference => (string?)reference.Attribute("Include")).Order());
    }

    [Fact]
    public void The_clients_former_package_forwards_every_public_type()
    {
        Type[] forwarded = Assembly.Load("Sessions.Abstractions").GetForwardedTypes();

        Assert.Empty(new[] { "Sessions.Contracts", "Sessions.Client" }
            .SelectMany(project => Assembly.Load(project).GetExportedTypes())
            .Where(type => type.Namespace == "Sessions")
            .Except(forwarded));
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
    public void No_type_is_named_Manager_Helper_or_Utils()
    {
        string[] banned = ["Manager", "Helper", "Helpers", "Utils", "Util"];
        var offenders = new[] { "Contracts", "Client", "Domain", "Database", "Columns", "Silo", "Queries", "Capture", "Web", "Host", "Run" }
            .Select(name => $"Sessions.{name}")
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
