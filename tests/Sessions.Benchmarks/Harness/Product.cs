using System.Diagnostics;
using Npgsql;
using Sessions.SystemTests.Harness;

namespace Sessions.Benchmarks.Harness;

/// <summary>The product as a user starts it, <c>./run</c>, with a data folder and a private Postgres of its own.</summary>
internal sealed class Product : IAsyncDisposable
{
    private static readonly TimeSpan StartBound = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan StopBound = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private readonly TempFolder _folder = new();
    private readonly ProgramOutput _output;
    private readonly string _readyFile;
    private readonly Func<Process> _launch;
    private Process _run;
    private NpgsqlDataSource? _database;
    private Ready? _ready;

    private Product(string name, int silos, int gateways, Dictionary<string, string> environment)
    {
        _output = new ProgramOutput(Path.Combine(Repository.Artifacts("bench"), $"{name}.log"));
        _readyFile = Path.Combine(_folder.Path, "ready.json");
        // What makes the load cheap is not how users start the product.
        environment["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "0";
        string[] arguments =
        [
            "--port", $"{Ports.Free(Math.Max(1, gateways))}", "--data", Data, "--ready-file", _readyFile,
            .. silos == 0 ? Array.Empty<string>() : ["--silos", $"{silos}", "--gateways", $"{gateways}"],
        ];
        _launch = () =>
        {
            Process run = RunProgram.Start(arguments, environment);
            _output.Follow(run);
            return run;
        };
        _run = _launch();
    }

    /// <summary>Where it is and who its processes are, as of now.</summary>
    public Ready Ready => Ready.TryRead(_readyFile) ?? _ready ?? throw new InvalidOperationException("It was not started.");

    /// <summary>Its data folder.</summary>
    public string Data => Path.Combine(_folder.Path, "data");

    /// <summary>SQL as the operator.</summary>
    public NpgsqlDataSource Database => _database ??= NpgsqlDataSource.Create(Ready.Postgres + ";Command Timeout=1800");

    /// <summary>The ids of the processes of our own: not Postgres'.</summary>
    public IReadOnlyList<int> OwnProcesses => [.. Ready.Processes.Where(one => one.Role != "postgres").Select(one => one.Pid)];

    public int PostgresProcess => Ready.OfRole("postgres").Single().Pid;

    /// <summary>Starts it on new data.</summary>
    /// <param name="name">Names its log in <c>artifacts/bench</c>.</param>
    /// <param name="silos">Silo processes; none is everything in one process.</param>
    /// <param name="gateways">Gateway processes.</param>
    /// <param name="settings">Configuration as environment variables.</param>
    public static async Task<Product> Start(
        string name, int silos = 0, int gateways = 0, IReadOnlyDictionary<string, string>? settings = null)
    {
        Product product = new(name, silos, gateways, new Dictionary<string, string>(settings ?? new Dictionary<string, string>()));
        try
        {
            await product.BecomeReady();
            return product;
        }
        catch
        {
            await product.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops it in order and starts it again on what it has stored: nothing of it is in memory then.</summary>
    public async Task Restart()
    {
        Signals.Term(_run.Id);
        if (!await Until(() => _run.HasExited, StopBound))
        {
            throw new InvalidOperationException("./run did not stop.");
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
            _database = null;
        }

        File.Delete(_readyFile);
        _ready = null;
        _run.Dispose();
        _run = _launch();
        await BecomeReady();
    }

    /// <summary>A single value as the operator reads it.</summary>
    public async Task<T> Ask<T>(string sql)
    {
        await using NpgsqlCommand command = Database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task Do(string sql)
    {
        await using NpgsqlCommand command = Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        int[] seen = [.. Ready.TryRead(_readyFile)?.Processes.Select(process => process.Pid) ?? []];
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        if (!_run.HasExited)
        {
            Signals.Term(_run.Id);
            if (!await Until(() => _run.HasExited, StopBound))
            {
                Signals.Kill9(_run.Id);
            }
        }

        foreach (int pid in seen.Where(Signals.IsAlive))
        {
            Signals.Kill9(pid);
        }

        await Until(() => !seen.Any(Signals.IsAlive), TimeSpan.FromSeconds(10));
        _run.Dispose();
        _output.Dispose();
        _folder.Dispose();
    }

    private static async Task<bool> Until(Func<bool> condition, TimeSpan bound)
    {
        var clock = Stopwatch.StartNew();
        using PeriodicTimer pace = new(Pace);
        while (!condition())
        {
            if (clock.Elapsed > bound)
            {
                return false;
            }

            await pace.WaitForNextTickAsync();
        }

        return true;
    }

    private async Task BecomeReady()
    {
        bool isThere = await Until(() => _run.HasExited || (_ready = Ready.TryRead(_readyFile)) is not null, StartBound);
        if (!isThere || _ready is null)
        {
            throw new InvalidOperationException($"./run did not become ready.{Environment.NewLine}{_output}");
        }
    }
}
