using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;

namespace Sessions.Host.Database;

/// <summary>What a private Postgres is to be like.</summary>
internal sealed record PrivatePostgresOptions
{
    /// <summary>Where its files are, made when missing.</summary>
    public required string Directory { get; init; }

    /// <summary>The password of its superuser, <c>postgres</c>; set when the cluster is made.</summary>
    public required string AdminPassword { get; init; }

    /// <summary>Settings that win over ours.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>How long a start may take; recovery after a crash is part of it. Default 2 minutes.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(2);
}

/// <summary>
/// A Postgres server of our own, started from this machine's binaries, on a free loopback port. It outlives a killed
/// owner; the next owner adopts it.
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

    // A server that takes no questions is recovering, or frozen: it has nothing to write.
    private const int HurriedStopSeconds = 2;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    // Between its start and its pid file a server is nobody's.
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
        // The server is on this machine: it answers at once or not at all.
        Timeout = AnswerSeconds,
    }.ConnectionString;

    /// <summary>The server's process, as it was when last started or seen.</summary>
    public int ProcessId { get; private set; }

    /// <summary>Whether the server was running already when this owner came.</summary>
    public bool Adopted { get; private set; }

    /// <summary>A command line that starts this server by hand.</summary>
    public string StartCommand => $"{_account.Prefix}{_binaries.PgCtl} -D {Quoted(_cluster.Location)} -l {Quoted(_cluster.StartLog)} start";

    private static long MemoryBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    private string PidFile => Path.Combine(_cluster.Location, PidFileName);

    /// <summary>Starts the server, or adopts the one a killed owner left; makes the cluster when there is none.</summary>
    public static async Task<PrivatePostgres> Start(PrivatePostgresOptions options, CancellationToken cancel)
    {
        PrivatePostgres postgres = await Open(options, cancel);
        await postgres.EnsureRunning(cancel);
        return postgres;
    }

    /// <summary>The server as it is, which may not run; makes the cluster when there is none.</summary>
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
    /// Whether somebody shut down, in order, the server that does not run now. An immediate shutdown is none: it leaves the
    /// files as a crash does, and only without the pid file.
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

    /// <summary>Takes the server that runs, or starts it.</summary>
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

    /// <summary>The process that serves this cluster now; null when none does.</summary>
    public int? RunningProcess()
    {
        // A pid file can outlive its server, and the number can belong to somebody else by now. A server works in
        // its own data directory, so seen from there the pid file is the same.
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
    /// Shuts the server down, rolling back what is open; done when it is down. One that does not answer, since it recovers, say,
    /// gets a few seconds for it.
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
            // It is stuck, or ended by itself. What it has committed is on the disk, and the next start recovers it.
            if (RunningProcess() is { } stuck)
            {
                using Process server = Process.GetProcessById(stuck);
                server.Kill();
                await server.WaitForExitAsync(cancel);
            }
        }
    }

    /// <summary>Stops the server and removes all its files.</summary>
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
        // It may still be recovering: pg_ctl's "start" would refuse, so ask it until it answers.
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
                $"Postgres in {_options.Directory} refuses our password: its secrets.json is not the one it was made with.", refused);
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
                // Somebody took the port between our look and the server's: choose another.
            }
            catch (InvalidOperationException failure)
            {
                throw new InvalidOperationException($"{failure.Message} {TailOf(_cluster.StartLog)}", failure);
            }
        }
    }

    /// <summary>
    /// Starts the process, and waits until it answers. Who gives up waits until the process has its pid file, by which it is
    /// found and stopped.
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
    /// Postgres does not start over a pid file whose number another process has by now. It may go when nothing of a server
    /// is left: until then it keeps a second server from the files.
    /// </summary>
    private void RemoveStalePidFile()
    {
        if (File.Exists(PidFile) && RunningProcess() is null && !HasProcesses())
        {
            File.Delete(PidFile);
        }
    }

    /// <summary>Whether any process of a server works in the data directory; it need not be the first of them.</summary>
    private bool HasProcesses() => Directory.EnumerateDirectories("/proc").Any(process =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "comm")).Trim() == Server
                && Directory.ResolveLinkTarget(Path.Combine(process, "cwd"), returnFinalTarget: false)?.FullName == _cluster.Location;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // No process, one that has just ended, or somebody else's.
            return false;
        }
    });

    private Task WriteSettings(int port, CancellationToken cancel) => _cluster.Write(
        _cluster.SettingsFile,
        PostgresSettings.Compose(port, MemoryBytes, _options.Settings),
        cancel);

    private Task<string> PgCtl(string[] request, CancellationToken cancel, params IEnumerable<string> environment) => Command.RunChecked(
        _account.As(
            [
                "env", .. environment, "prlimit", $"--data={PostgresSettings.ProcessBytes(MemoryBytes)}", _binaries.PgCtl, "-D", _cluster.Location, "-w", "-s",
                "-t", Text((int)_options.StartTimeout.TotalSeconds), .. request,
            ]),
        cancel);

    /// <summary>Clones on one machine begin to look in different places, below the range that outgoing connections use.</summary>
    private int FreePort() => FreePorts.From(FirstPort + Spread(_cluster.Link));

    private static int Spread(string text) =>
        (int)(BitConverter.ToUInt32(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text))) % PortSpread);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Quoted(string path) => $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string TailOf(string file) =>
        File.Exists(file) ? string.Join(' ', File.ReadLines(file).TakeLast(5)) : "";
}
