using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;
using Sessions.Host.Database;

namespace Sessions.Run.Postgres;

/// <summary>The options of a private Postgres.</summary>
internal sealed record PrivatePostgresOptions
{
    /// <summary>The directory of its files. Created when it is missing.</summary>
    public required string Directory { get; init; }

    /// <summary>The password of its superuser, <c>postgres</c>; set when the cluster is created.</summary>
    public required string AdminPassword { get; init; }

    /// <summary>The connections that the program needs. Default: no more than the server has anyway.</summary>
    public ConnectionNeeds Needs { get; init; } = ConnectionNeeds.None;

    /// <summary>Settings that override ours.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>How long a start may take, including recovery after a crash. Default 2 minutes.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(2);
}

/// <summary>
/// A Postgres server of our own, started from this machine's binaries on a free loopback port. It goes on running when
/// its owner is killed, and the next owner adopts it.
/// </summary>
internal sealed class PrivatePostgres
{
    private const string Admin = "postgres";
    private const string PidFileName = "postmaster.pid";
    private const string Include = "include 'sessions.conf'";
    private const int FirstPort = 20_000;
    private const int PortSpread = 8_000;
    private const int StartAttempts = 3;
    private const string Server = "postgres";
    private const int AnswerSeconds = 5;

    // A server that does not answer is recovering or frozen, so it has nothing to write.
    private const int HurriedStopSeconds = 2;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    // A server has no pid file for a moment after its start.
    private static readonly TimeSpan Birth = TimeSpan.FromSeconds(5);

    private readonly PrivatePostgresOptions _options;
    private readonly PostgresBinaries _binaries;
    private readonly ServerAccount _account;
    private readonly ClusterDirectory _cluster;

    private PrivatePostgres(
        PrivatePostgresOptions options, PostgresBinaries binaries, ServerAccount account, ClusterDirectory cluster)
    {
        _options = options;
        _binaries = binaries;
        _account = account;
        _cluster = cluster;
    }

    /// <summary>The superuser's connection string.</summary>
    public string AdminConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = PostgresSettings.ReadPort(_cluster.SettingsFile) ?? 0,
        Username = Admin,
        Password = _options.AdminPassword,
        Database = "postgres",
        Pooling = false,
        // The server is on this machine, so it answers at once or not at all.
        Timeout = AnswerSeconds,
    }.ConnectionString;

    /// <summary>The directory of its files.</summary>
    public string Location => _cluster.Location;

    /// <summary>The server's process at the last check.</summary>
    public int ProcessId { get; private set; }

    /// <summary>Whether the server was already running when this owner started.</summary>
    public bool Adopted { get; private set; }

    /// <summary>The command line for starting this server by hand.</summary>
    public string StartCommand => $"{_account.Prefix}{_binaries.PgCtl} -D {Quoted(_cluster.Location)} -l {Quoted(_cluster.StartLog)} start";

    private static long MemoryBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    private string PidFile => Path.Combine(_cluster.Location, PidFileName);

    /// <summary>Starts the server, or adopts a running one; creates the cluster when it is missing.</summary>
    public static async Task<PrivatePostgres> Start(PrivatePostgresOptions options, CancellationToken cancel)
    {
        PrivatePostgres postgres = await Open(options, cancel);
        await postgres.EnsureRunning(cancel);
        return postgres;
    }

    /// <summary>Opens the server without starting it; creates the cluster when it is missing.</summary>
    public static async Task<PrivatePostgres> Open(PrivatePostgresOptions options, CancellationToken cancel)
    {
        ServerAccount account = await ServerAccount.Find(cancel);
        ClusterDirectory cluster = await ClusterDirectory.Open(options.Directory, account, cancel);
        PostgresBinaries binaries = await PostgresBinaries.Find(cluster.Version, cancel);
        PrivatePostgres postgres = new(options, binaries, account, cluster);
        if (!cluster.IsComplete)
        {
            await postgres.MakeCluster(cancel);
        }

        return postgres;
    }

    /// <summary>
    /// Whether the stopped server was shut down in order. An immediate shutdown does not count: it leaves the files as
    /// a crash does, and differs only in the missing pid file.
    /// </summary>
    public async Task<bool> WasShutDown(CancellationToken cancel)
    {
        if (File.Exists(PidFile))
        {
            return false;
        }

        string told = await Command.RunChecked(_account.As("env", "LC_ALL=C", _binaries.PgControlData, "-D", _cluster.Location), cancel);
        return told.Split('\n').Any(line =>
            line.StartsWith("Database cluster state:", StringComparison.Ordinal)
            && line.Split(':', 2)[1].Trim() is "shut down" or "shut down in recovery");
    }

    /// <summary>Adopts the running server, or starts it.</summary>
    public async Task EnsureRunning(CancellationToken cancel)
    {
        Adopted = RunningProcess() is not null && await Adopt(cancel);
        if (!Adopted)
        {
            await StartServer(cancel);
        }

        ProcessId = RunningProcess()
            ?? throw new InvalidOperationException($"Postgres ended right after its start: {TailOf(_cluster.StartLog)}");
    }

    /// <summary>The process that serves this cluster now; null when there is none.</summary>
    public int? RunningProcess()
    {
        // A pid file can outlive its server, and another process may have its number by now. A server's working
        // directory is its data directory, so the pid file seen from there is the same file.
        try
        {
            string content = File.ReadAllText(PidFile);
            return int.TryParse(content.Split('\n')[0], CultureInfo.InvariantCulture, out int pid)
                && File.ReadAllText($"/proc/{pid}/comm").Trim() == Server
                && File.ReadAllText($"/proc/{pid}/cwd/{PidFileName}") == content ? pid : null;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// Shuts the server down and rolls back open transactions; completes when it is down. A server that does not
    /// answer, for example because it recovers, gets a few seconds.
    /// </summary>
    public async Task Stop(CancellationToken cancel = default)
    {
        if (RunningProcess() is null)
        {
            return;
        }

        if (await Answers(HurriedStopSeconds, cancel))
        {
            await PgCtl(["stop", "-m", "fast"], cancel);
            return;
        }

        try
        {
            await PgCtl(["stop", "-m", "fast", "-t", Text(HurriedStopSeconds)], cancel);
        }
        catch (InvalidOperationException)
        {
            // It is stuck, or has ended by itself. Its commits are on disk, and the next start recovers them.
            if (RunningProcess() is { } stuck)
            {
                using Process server = Process.GetProcessById(stuck);
                server.Kill();
                await server.WaitForExitAsync(cancel);
            }
        }
    }

    /// <summary>Stops the server and removes all of its files.</summary>
    public async Task Delete()
    {
        await Stop();
        _cluster.Delete();
    }

    private async Task MakeCluster(CancellationToken cancel)
    {
        _cluster.Clear();
        string passwordFile = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(passwordFile, _options.AdminPassword, cancel);
            await _account.Own(passwordFile, cancel);
            await Command.RunChecked(
                _account.As(
                    _binaries.InitDb, "-D", _cluster.Location, "-U", Admin, $"--pwfile={passwordFile}",
                    "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--data-checksums", "--no-instructions"),
                cancel);
        }
        finally
        {
            File.Delete(passwordFile);
        }

        string settings = Path.Combine(_cluster.Location, "postgresql.conf");
        await _cluster.Write(settings, $"{await File.ReadAllTextAsync(settings, cancel)}\n{Include}\n", cancel);
        await WriteSettings(FreePort(), cancel);
    }

    private async Task<bool> Adopt(CancellationToken cancel)
    {
        // It may still be recovering. Then pg_ctl's "start" would refuse, so poll it until it answers.
        using PeriodicTimer pause = new(Pause);
        long begun = Stopwatch.GetTimestamp();
        while (RunningProcess() is not null && Stopwatch.GetElapsedTime(begun) < _options.StartTimeout)
        {
            if (await Answers(AnswerSeconds, cancel))
            {
                return true;
            }

            await pause.WaitForNextTickAsync(cancel);
        }

        if (RunningProcess() is not null)
        {
            await PgCtl(["stop", "-m", "immediate"], cancel);
        }

        return false;
    }

    private async Task<bool> Answers(int seconds, CancellationToken cancel)
    {
        try
        {
            await using NpgsqlConnection connection = new(
                new NpgsqlConnectionStringBuilder(AdminConnectionString) { Timeout = seconds }.ConnectionString);
            await connection.OpenAsync(cancel);
            return true;
        }
        catch (NpgsqlException refused) when (refused.SqlState is PostgresErrorCodes.InvalidPassword)
        {
            throw new InvalidOperationException(
                $"Postgres in {_options.Directory} refuses our password: secrets.json is not the file that this server was created with.", refused);
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async Task StartServer(CancellationToken cancel)
    {
        for (int attempt = 1; ; attempt++)
        {
            int port = PostgresSettings.ReadPort(_cluster.SettingsFile) is { } kept && FreePorts.IsFree(kept) ? kept : FreePort();
            await WriteSettings(port, cancel);
            RemoveStalePidFile();
            File.Delete(_cluster.StartLog);
            try
            {
                await StartProcess(cancel);
                return;
            }
            catch (InvalidOperationException) when (attempt < StartAttempts && !FreePorts.IsFree(port))
            {
                // Another program took the port between our check and the server's start: choose another.
            }
            catch (InvalidOperationException failure)
            {
                throw new InvalidOperationException($"{failure.Message} {TailOf(_cluster.StartLog)}", failure);
            }
        }
    }

    /// <summary>
    /// Starts the process and waits until it answers. On cancellation it waits until the process has its pid file,
    /// which is needed to find and stop it.
    /// </summary>
    private async Task StartProcess(CancellationToken cancel)
    {
        Task<string> start = PgCtl(["start", "-l", _cluster.StartLog], CancellationToken.None, PostgresSettings.Environment);
        try
        {
            await start.WaitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            using PeriodicTimer pause = new(Pause);
            long begun = Stopwatch.GetTimestamp();
            while (!start.IsCompleted && RunningProcess() is null && Stopwatch.GetElapsedTime(begun) < Birth)
            {
                await pause.WaitForNextTickAsync(CancellationToken.None);
            }

            throw;
        }
    }

    /// <summary>
    /// Removes a stale pid file: Postgres does not start while another process has the number in it. The file must
    /// stay while any process of the server is left, because it keeps a second server from the files.
    /// </summary>
    private void RemoveStalePidFile()
    {
        if (File.Exists(PidFile) && RunningProcess() is null && !HasProcesses())
        {
            File.Delete(PidFile);
        }
    }

    /// <summary>Whether any process of a server works in the data directory, not only the first one.</summary>
    private bool HasProcesses() => Directory.EnumerateDirectories("/proc").Any(process =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "comm")).Trim() == Server
                && Directory.ResolveLinkTarget(Path.Combine(process, "cwd"), returnFinalTarget: false)?.FullName == _cluster.Location;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // The process has ended, or belongs to another user.
            return false;
        }
    });

    private Task WriteSettings(int port, CancellationToken cancel) => _cluster.Write(
        _cluster.SettingsFile,
        PostgresSettings.Compose(port, MemoryBytes, _binaries.Version, _options.Needs, _options.Settings),
        cancel);

    private Task<string> PgCtl(string[] request, CancellationToken cancel, params IEnumerable<string> environment) => Command.RunChecked(
        _account.As(
            [
                "env", .. environment, "prlimit", $"--data={PostgresSettings.ProcessBytes(MemoryBytes)}", _binaries.PgCtl, "-D", _cluster.Location, "-w", "-s",
                "-t", Text((int)_options.StartTimeout.TotalSeconds), .. request,
            ]),
        cancel);

    /// <summary>
    /// Finds a free port. Clones on one machine start their search at different ports, below the range of outgoing
    /// connections.
    /// </summary>
    private int FreePort() => FreePorts.From(FirstPort + Spread(_cluster.Link));

    private static int Spread(string text) =>
        (int)(BitConverter.ToUInt32(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text))) % PortSpread);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Quoted(string path) => $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string TailOf(string file) =>
        File.Exists(file) ? string.Join(' ', File.ReadLines(file).TakeLast(5)) : "";
}
