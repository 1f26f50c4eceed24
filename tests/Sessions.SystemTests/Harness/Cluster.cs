using System.Diagnostics;
using Npgsql;
using Xunit.Sdk;

namespace Sessions.SystemTests.Harness;

/// <summary>The product as a user starts it: <c>./run</c> with a data folder of its own.</summary>
public sealed class Cluster : IAsyncDisposable
{
    /// <summary>The setting that says whether a cluster has a process with columns.</summary>
    public const string Columns = "Columns__Enabled";

    // The first start builds, makes a database and starts a cluster on a machine that may be busy.
    private static readonly TimeSpan StartBound = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan StopBound = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);

    // First starts build and make databases: at once they would only get in each other's way.
    private static readonly SemaphoreSlim OneLaunchAtATime = new(1);

    private readonly ClusterPlan _plan;
    private readonly ProgramOutput _output;
    private readonly TempFolder _folder = new();
    private readonly int _port;
    private readonly HashSet<int> _seen = [];
    private readonly Dictionary<string, NpgsqlDataSource> _databases = [];
    private Process? _run;
    private Ready? _ready;

    private Cluster(ClusterPlan plan)
    {
        _plan = plan;
        _output = new ProgramOutput(Path.Combine(Repository.Artifacts("system-tests"), $"{plan.Name}.log"));
        _port = Ports.Free(Math.Max(1, plan.Gateways));
    }

    /// <summary>What the ready file says now.</summary>
    public Ready Ready => Ready.TryRead(ReadyFile) ?? _ready ?? throw new InvalidOperationException("The cluster was not started.");

    /// <summary>The last that <c>./run</c> said.</summary>
    public string Output => _output.ToString();

    /// <summary>All that <c>./run</c> said since this cluster is there.</summary>
    public Task<string> WholeOutput() => _output.ReadAll();

    /// <summary>Whether <c>./run</c> is there.</summary>
    public bool IsRunning => _run is { HasExited: false };

    /// <summary>The process that starts the others and looks after them: <c>./run</c>.</summary>
    public int Supervisor => Running().Id;

    /// <summary>Its data directory.</summary>
    public string Data => Path.Combine(_folder.Path, "data");

    /// <summary>The file that <c>./run</c> writes when all is up.</summary>
    public string ReadyFile => Path.Combine(_folder.Path, "ready.json");

    /// <summary>Starts a new cluster on new data and waits until it is ready.</summary>
    public static async Task<Cluster> Launch(ClusterPlan plan)
    {
        Cluster cluster = new(plan);
        await OneLaunchAtATime.WaitAsync();
        try
        {
            await cluster.Start();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
        finally
        {
            OneLaunchAtATime.Release();
        }
    }

    /// <summary>Starts it again, on the data that it has.</summary>
    public async Task Start()
    {
        File.Delete(ReadyFile);
        if (_plan.SecretsOf is { } other && !Directory.Exists(Data))
        {
            Directory.CreateDirectory(Data);
            File.Copy(Path.Combine(other, "secrets.json"), Path.Combine(Data, "secrets.json"));
        }

        Dictionary<string, string> settings = new(_plan.Settings) { ["Sessions__IdleTimeout"] = _plan.IdleTimeout.ToString("c") };
        // A process less for each of many clusters. Those that test the columns turn them on.
        settings.TryAdd(Columns, "false");
        _run = RunProgram.Start(["--port", $"{_port}", "--data", Data, "--ready-file", ReadyFile, .. _plan.Arguments], settings);
        _output.Follow(_run);
        _ready = await Wait.For(
            async () => _run.HasExited ? throw await Exited() : Ready.TryRead(ReadyFile),
            () => $"./run did not write its ready file.{Environment.NewLine}{_output}",
            StartBound);
        Remember();
    }

    /// <summary>SIGTERM, as a service manager stops it; the exit code must be 0 and no process may stay.</summary>
    public async Task Stop()
    {
        Remember();
        Process run = Running();
        Signals.Term(run.Id);
        await Wait.For(() => Task.FromResult(run.HasExited), () => $"./run did not stop on SIGTERM.{Environment.NewLine}{_output}", StopBound);
        Assert.True(run.ExitCode == 0, $"./run ended with {run.ExitCode} on SIGTERM.{Environment.NewLine}{_output}");
        string[] left = Ready.Processes.Where(process => Signals.IsAlive(process.Pid)).Select(process => process.Name).ToArray();
        Assert.True(left.Length == 0, $"Still there after ./run ended: {string.Join(", ", left)}.{Environment.NewLine}{_output}");
    }

    /// <summary>
    /// Kills everything of ours with -9 in one moment, as a lost machine does; its Postgres stays, as a server elsewhere
    /// would.
    /// </summary>
    public async Task Kill9()
    {
        Remember();
        Process run = Running();
        Signals.Kill9(run.Id);
        foreach (RunningProcess process in Ready.Processes.Where(process => process.Role != "postgres"))
        {
            Signals.Kill9(process.Pid);
        }

        await Wait.For(
            () => Task.FromResult(run.HasExited && !Ready.Processes.Any(process => process.Role != "postgres" && Signals.IsAlive(process.Pid))),
            "A process outlived kill -9.",
            TimeSpan.FromSeconds(20));
    }

    /// <summary>What a process has written to its log since it was started.</summary>
    public Task<string[]> LogOf(string name) => File.ReadAllLinesAsync(Path.Combine(Data, "logs", $"{name}.log"));

    /// <summary>One of the gateways, with the project's token and key.</summary>
    public Gateway Gateway(int index = 0) => new(Ready.Gateways[index], Ready.ProjectToken, Ready.ApiKey);

    /// <summary>SQL as the operator.</summary>
    public NpgsqlDataSource Operator => Database(Ready.Postgres);

    /// <summary>SQL as the default project's reader.</summary>
    public NpgsqlDataSource Reader => Database(Ready.PostgresReader);

    /// <summary>Keeps what its processes have written so far beside what <c>./run</c> said; returns where.</summary>
    public string KeepLogs()
    {
        string kept = Repository.Artifacts(Path.Combine("system-tests", _plan.Name));
        foreach (FileInfo log in new DirectoryInfo(Data).EnumerateFiles("*.log*", SearchOption.AllDirectories))
        {
            log.CopyTo(Path.Combine(kept, log.Name), overwrite: true);
        }

        return kept;
    }

    /// <summary>Leaves nothing behind: no process, no folder.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (NpgsqlDataSource database in _databases.Values)
        {
            await database.DisposeAsync();
        }

        Remember();
        if (IsRunning)
        {
            Signals.Term(_run!.Id);
            await Gone([_run.Id], StopBound);
            Signals.Kill9(_run.Id);
        }

        // A ./run that was killed leaves its Postgres: it gets Postgres' own order to end at once, then no choice.
        foreach (int pid in _seen.Where(Signals.IsAlive))
        {
            Signals.QuitNow(pid);
        }

        await Gone(_seen, TimeSpan.FromSeconds(10));
        foreach (int pid in _seen.Where(Signals.IsAlive))
        {
            Signals.Kill9(pid);
        }

        _run?.Dispose();
        _output.Dispose();
        _folder.Dispose();
    }

    private static async Task Gone(IReadOnlyCollection<int> pids, TimeSpan bound)
    {
        try
        {
            await Wait.For(() => Task.FromResult(!pids.Any(Signals.IsAlive)), "processes are left", bound);
        }
        catch (XunitException)
        {
            // The caller has a harder way.
        }
    }

    private NpgsqlDataSource Database(string connectionString)
    {
        lock (_databases)
        {
            if (!_databases.TryGetValue(connectionString, out NpgsqlDataSource? database))
            {
                database = NpgsqlDataSource.Create(connectionString);
                _databases.Add(connectionString, database);
            }

            return database;
        }
    }

    private Process Running() => IsRunning ? _run! : throw new InvalidOperationException("./run is not running.");

    private void Remember()
    {
        if (Ready.TryRead(ReadyFile) is { } ready)
        {
            _seen.UnionWith(ready.Processes.Select(process => process.Pid));
        }
    }

    private async Task<XunitException> Exited()
    {
        // This also waits for the last of the output, which a child that outlives it would hold open.
        await Task.WhenAny(_run!.WaitForExitAsync(), Task.Delay(LastWords));
        return new XunitException($"./run ended with {_run.ExitCode} before it was ready.{Environment.NewLine}{_output}");
    }
}
