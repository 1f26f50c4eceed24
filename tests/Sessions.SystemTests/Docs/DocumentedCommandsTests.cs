using System.Diagnostics;
using System.Text.RegularExpressions;
using Npgsql;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Docs;

/// <summary>The commands in the documentation work.</summary>
public sealed partial class DocumentedCommandsTests(DocumentedCluster documented) : IClassFixture<DocumentedCluster>
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    // Blocks that other tests type: they begin with this line.
    private static readonly Dictionary<string, string> TypedElsewhere = new(StringComparer.Ordinal)
    {
        ["./run      # installs and builds what is missing, starts Postgres, silo, gateway, pages and dashboard on port 8000"] =
            "every test here runs ./run, ./test runs them, and ./bench is below",
        ["./run"] = "every test here runs it",
        ["./bench                    # all; steady takes over an hour, memory with a million sessions half of one"] = "its names and options are below",
        ["pg_ctl promote -D /var/lib/postgresql/17/main     # on the standby, or what your tool does"] = nameof(Faults.PromotionTests),
        ["dotnet Sessions.Host.dll certificates DIRECTORY AUTHORITY   # cluster.crt, cluster.key and ca.crt; AUTHORITY gets ca.key"] =
            $"CertificateFilesTests, and {nameof(Operations.ComposeTests)}",
        ["./run import FILE --project P"] = nameof(Operations.ImportTests),
        ["./run projects make shop-us --name \"Shop US\""] = nameof(Operations.ProjectsCommandTests),
        ["docker compose build --build-arg VERSION=1.1.0"] = $"{nameof(Operations.ComposeTests)} and {nameof(Operations.UpgradeTests)}, with processes for containers",
        ["./run --silos 2 --ready-file /tmp/ready.json"] = nameof(Backends.GameBackendTests),
        ["./test --filter 'FullyQualifiedName~Faults'            # the short form, which ./test includes"] = "the tests that it names",
    };

    public static TheoryData<string> Files => [.. CommandBlock.Files];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Every_command_in_the_documentation_runs(string file)
    {
        foreach (CommandBlock block in CommandBlock.Of(file))
        {
            if (block.Language == "sh" && !TypedElsewhere.ContainsKey(block.Text.Split('\n')[0]))
            {
                await Type(block);
            }
            else if (block.Language == "js" && block.Text.Contains("process.env", StringComparison.Ordinal))
            {
                await Run(block, "node", ["--input-type=module", "--eval", documented.Local(block.Text)], Repository.TestProject);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_block_that_looks_like_a_command_is_marked_as_one(string file)
    {
        // "bash" is a page's own way to say that another test types its blocks, one after the other: those of a restore.
        Assert.All(CommandBlock.Of(file).Where(block => block.LooksTyped), block => Assert.Contains(block.Language, (string[])["sh", "bash"]));
    }

    [Fact]
    public void The_commands_that_other_tests_run_are_still_in_the_documentation()
    {
        string[] firstLines = [.. CommandBlock.Files.SelectMany(CommandBlock.Of).Select(block => block.Text.Split('\n')[0])];

        Assert.All(TypedElsewhere.Keys, line => Assert.Contains(line, firstLines));
    }

    [Fact]
    public async Task Every_benchmark_named_in_the_documentation_exists()
    {
        ProcessStartInfo start = new(Path.Combine(Repository.Root, "bench"), ["--list"]) { RedirectStandardOutput = true };
        using Process bench = Process.Start(start)!;
        string listed = await bench.StandardOutput.ReadToEndAsync();
        await bench.WaitForExitAsync();

        Assert.Equal(0, bench.ExitCode);
        Assert.All(["ingest", "latency", "memory"], name => Assert.Matches($"(?m)^ *{name}\\b", listed));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_link_to_a_file_leads_to_an_existing_file(string file)
    {
        string path = Path.Combine(Repository.Root, file);
        string folder = Path.GetDirectoryName(path)!;

        Assert.All(
            Link().Matches(File.ReadAllText(path)).Select(link => link.Groups["to"].Value),
            to => Assert.True(Path.Exists(Path.Combine(folder, to)), $"{file} links to {to}"));
    }

    [Fact]
    public void The_index_lists_every_page()
    {
        string index = File.ReadAllText(Path.Combine(Repository.Root, "docs", "README.md"));

        Assert.All(
            CommandBlock.Files.Where(file => Path.GetDirectoryName(file) == "docs").Select(file => Path.GetFileName(file)).Where(page => page != "README.md"),
            page => Assert.Contains($"({page})", index, StringComparison.Ordinal));
    }

    private async Task Type(CommandBlock block)
    {
        string script = Form().Replace(documented.Local(block.Text), "");
        string prelude = await File.ReadAllTextAsync(Path.Combine(Repository.TestProject, "Docs", "prelude.sh"));
        await Run(block, "bash", ["-c", $"{prelude}\n{script}"], documented.Folder);
    }

    private async Task Run(CommandBlock block, string program, string[] arguments, string folder)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in documented.Variables)
        {
            start.Environment[name] = value;
        }

        using Process typed = Process.Start(start) ?? throw new InvalidOperationException($"{program} could not be started.");
        typed.StandardInput.Close();
        using CancellationTokenSource bound = new(Bound);
        Task<string> output = typed.StandardOutput.ReadToEndAsync(bound.Token);
        Task<string> errors = typed.StandardError.ReadToEndAsync(bound.Token);
        await typed.WaitForExitAsync(bound.Token);
        Assert.True(typed.ExitCode == 0, $"{block} ended with {typed.ExitCode}:\n{block.Text}\n{await output}{await errors}");
    }

    // A line to be filled in, which the variables are here.
    [GeneratedRegex("^export .*….*$", RegexOptions.Multiline)]
    private static partial Regex Form();

    [GeneratedRegex(@"\]\((?!https?:|#)(?<to>[^)#]+)")]
    private static partial Regex Link();
}

/// <summary>What the documentation's reader has: <c>./run</c>, a shell, and somebody who has been there.</summary>
public sealed class DocumentedCluster : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private Cluster? _cluster;

    /// <summary>Where commands are typed.</summary>
    public string Folder => _folder.Path;

    /// <summary>What the pages call by name.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; private set; } = new Dictionary<string, string>();

    public async ValueTask InitializeAsync()
    {
        _cluster = await Cluster.Launch(new ClusterPlan { Name = "docs", IdleTimeout = TimeSpan.FromMinutes(30) });
        Variables = new Dictionary<string, string>
        {
            ["PROJECT_TOKEN"] = _cluster.Ready.ProjectToken,
            ["API_KEY"] = _cluster.Ready.ApiKey,
            ["OPERATOR_KEY"] = _cluster.Ready.OperatorKey,
            ["POSTGRES_URL"] = UrlOf(_cluster.Ready.Postgres),
            ["READER_URL"] = UrlOf(_cluster.Ready.PostgresReader),
        };
        using Gateway gateway = _cluster.Gateway();
        await gateway.Track(Events.Event(
            "$pageview", "visitor", Events.NewSessionId(), properties: ("$current_url", "https://example.org/")));
    }

    /// <summary>A text in which the address is this cluster's.</summary>
    public string Local(string text) =>
        text.Replace("http://127.0.0.1:8000", _cluster!.Ready.Gateways[0].ToString().TrimEnd('/'), StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        _folder.Dispose();
    }

    private static string UrlOf(string connectionString)
    {
        NpgsqlConnectionStringBuilder parts = new(connectionString);
        return $"postgresql://{parts.Username}:{parts.Password}@{parts.Host}:{parts.Port}/{parts.Database}";
    }
}
