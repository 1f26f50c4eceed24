using Npgsql;

namespace Sessions.SystemTests.Harness;

/// <summary>A Postgres of the tests' own, from the machine's binaries: a server that <c>./run --postgres</c> is sent to.</summary>
public sealed class OwnPostgres : IAsyncDisposable
{
    private const string Account = "postgres";

    private readonly TempFolder _folder = new();
    private readonly string _binaries = Binaries();

    private OwnPostgres()
    {
        Port = Ports.Free();
        Name = $"server_{Port}";
        Data = Path.Combine(_folder.Path, "data");
    }

    public int Port { get; }

    /// <summary>Its name among the standbys of another server.</summary>
    public string Name { get; }

    public string Data { get; }

    /// <summary>The first process of the server; null while it is away.</summary>
    public int? Pid
    {
        get
        {
            try
            {
                return int.TryParse(File.ReadLines(PidFile).FirstOrDefault(), out int pid) && Signals.IsAlive(pid) ? pid : null;
            }
            catch (IOException)
            {
                // A server that was killed is just being started again.
                return null;
            }
        }
    }

    private string PidFile => Path.Combine(Data, "postmaster.pid");

    /// <summary>The way there, as the server's owner.</summary>
    public string ConnectionString(int? port = null, string database = "postgres") => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = port ?? Port,
        Database = database,
        Username = Account,
        // Found dead or frozen soon, like a server across a network would not be.
        Timeout = 5,
    }.ConnectionString;

    /// <summary>Makes a server and starts it.</summary>
    /// <param name="tls">Its certificate and key, when it is to take nobody who comes without TLS.</param>
    /// <param name="log">The disk for its write-ahead log, when it has one of its own.</param>
    public static async Task<OwnPostgres> Launch((string Certificate, string Key)? tls = null, SmallDisk? log = null)
    {
        OwnPostgres made = new();
        await made.MakeFolder();
        await QuietProgram.Run(As([
            Path.Combine(made._binaries, "initdb"), "-D", made.Data, "-U", Account, "--auth=trust", "--encoding=UTF8", "--locale=C",
            "--no-instructions", "--no-sync", .. log is null ? Array.Empty<string>() : ["--waldir", log.FolderOf(Account)]]));
        await File.AppendAllTextAsync(
            Path.Combine(made.Data, "postgresql.conf"),
            $"""

            listen_addresses = '127.0.0.1'
            port = {made.Port}
            unix_socket_directories = ''
            max_connections = 400
            max_locks_per_transaction = 256
            shared_buffers = '256MB'
            max_wal_size = '{(log is null ? "2GB" : "64MB")}'
            min_wal_size = '32MB'
            jit = off
            client_connection_check_interval = '5s'
            timezone = 'UTC'

            """);
        if (tls is { } files)
        {
            await made.SpeakTlsOnly(files.Certificate, files.Key);
        }

        await made.StartAgain();
        await made.Execute("create database sessions");
        return made;
    }

    /// <summary>Makes a standby of this server and starts it. It follows asynchronously.</summary>
    public async Task<OwnPostgres> LaunchStandby()
    {
        OwnPostgres made = new();
        await made.MakeFolder();
        await QuietProgram.Run(As([
            Path.Combine(_binaries, "pg_basebackup"), "-d", $"host=127.0.0.1 port={Port} user={Account} application_name={made.Name}",
            "-D", made.Data, "--write-recovery-conf", "--checkpoint=fast", "--no-sync"]));
        // The last value counts: the copied file has the other's port.
        await File.AppendAllTextAsync(Path.Combine(made.Data, "postgresql.conf"), $"port = {made.Port}\n");
        await made.StartAgain();
        return made;
    }

    /// <summary>From now on a commit is confirmed only when the standby has it, too.</summary>
    public async Task CommitWith(OwnPostgres standby)
    {
        await Execute($"alter system set synchronous_standby_names = '{standby.Name}'");
        await Execute("select pg_reload_conf()");
        await Wait.For(
            () => Holds($"select exists (select from pg_stat_replication where application_name = '{standby.Name}' and sync_state = 'sync')"),
            "the standby did not become synchronous",
            TimeSpan.FromSeconds(60));
    }

    /// <summary>Waits until a standby has all that this server has.</summary>
    public Task IsCaughtUpBy(OwnPostgres standby) => Wait.For(
        () => Holds($"select exists (select from pg_stat_replication where application_name = '{standby.Name}' and replay_lsn >= pg_current_wal_lsn())"),
        "the standby did not catch up",
        TimeSpan.FromSeconds(60));

    /// <summary>Makes a standby the primary.</summary>
    public Task Promote() => QuietProgram.Run(As([Path.Combine(_binaries, "pg_ctl"), "-D", Data, "-w", "-s", "promote"]));

    /// <summary>Stops the server in order.</summary>
    public Task ShutDown() => QuietProgram.Run(As([Path.Combine(_binaries, "pg_ctl"), "-D", Data, "-m", "fast", "-w", "-s", "stop"]));

    /// <summary>Starts the server on the data it has.</summary>
    public Task StartAgain() => Wait.For(
        // A server that was killed keeps its number, and so its lock, until somebody has taken note of its end.
        async () => (await QuietProgram.Try(As([
            Path.Combine(_binaries, "pg_ctl"), "-D", Data, "-l", Path.Combine(Data, "start.log"), "-w", "-s", "-t", "60", "start"]))).ExitCode == 0,
        "Postgres did not start",
        TimeSpan.FromSeconds(90));

    /// <summary>Kills its first process with -9; the others notice and end by themselves.</summary>
    public async Task Kill9()
    {
        int[] all = Processes();
        if (Pid is { } first)
        {
            Signals.Kill9(first);
        }

        await Wait.For(() => Task.FromResult(!all.Any(Signals.IsAlive)), "Postgres did not end", TimeSpan.FromSeconds(30));
    }

    /// <summary>The processes that serve connections.</summary>
    public int[] Backends() => [.. Processes().Skip(1).Where(pid => Signals.TitleOf(pid).Contains(" 127.0.0.1(", StringComparison.Ordinal))];

    /// <summary>Takes every connection that the server has; dispose to give them back.</summary>
    public Task<TakenConnections> TakeConnections() => TakenConnections.Take(ConnectionString());

    /// <summary>Freezes all its processes, as a disk does that no longer answers; dispose to let them go on.</summary>
    public IDisposable Freeze() => new Frozen(Processes());

    /// <summary>
    /// Lets no file grow over a size any more, as a full disk would; null lifts the limit. A server that can't write its
    /// log gives up and starts anew, without the limit.
    /// </summary>
    /// <returns>How many processes it reached; one that ends in between is no failure.</returns>
    public async Task<int> LimitFiles(int? bytes)
    {
        int limited = 0;
        foreach (int pid in Processes().Skip(1))
        {
            string limit = bytes is { } most ? $"{most}" : "unlimited";
            (int exitCode, _) = await QuietProgram.Try(As(["prlimit", "--pid", $"{pid}", $"--fsize={limit}:"]));
            limited += exitCode == 0 ? 1 : 0;
        }

        return limited;
    }

    /// <summary>A statement as the server's owner.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="writes">It may write, also when others may not.</param>
    public Task Execute(string sql, bool writes = false) => Ask(sql, writes);

    /// <summary>Whether a statement's answer is true.</summary>
    public async Task<bool> Holds(string sql) => await Ask(sql) is true;

    private async Task<object?> Ask(string sql, bool writes = false)
    {
        NpgsqlConnectionStringBuilder way = new(ConnectionString())
        {
            Pooling = false,
            Options = writes ? "-c default_transaction_read_only=off" : null,
        };
        await using NpgsqlConnection connection = new(way.ConnectionString);
        await connection.OpenAsync();
        await using NpgsqlCommand command = new(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>The same as soon as the server answers.</summary>
    public Task ExecuteWhenBack(string sql, bool writes = false) => Wait.For(
        async () =>
        {
            try
            {
                await Execute(sql, writes);
                return true;
            }
            catch (Exception away) when (away is NpgsqlException or TimeoutException or IOException)
            {
                return false;
            }
        },
        $"Postgres did not answer to: {sql}",
        TimeSpan.FromSeconds(60));

    /// <summary>Undoes whatever may have been done to it: it goes on, is started, writes, and its files grow again.</summary>
    public async Task Mend()
    {
        Array.ForEach(Processes(), Signals.GoOn);
        if (Pid is null)
        {
            await StartAgain();
        }

        await ExecuteWhenBack("alter system reset default_transaction_read_only", writes: true);
        await ExecuteWhenBack("select pg_reload_conf()", writes: true);
        await LimitFiles(bytes: null);
    }

    public async ValueTask DisposeAsync()
    {
        if (Pid is not null)
        {
            // A frozen one would not hear it.
            Array.ForEach(Processes(), Signals.GoOn);
            await QuietProgram.Run(As([Path.Combine(_binaries, "pg_ctl"), "-D", Data, "-m", "immediate", "-w", "-s", "stop"]));
        }

        _folder.Dispose();
    }

    private async Task MakeFolder()
    {
        if (Environment.IsPrivilegedProcess)
        {
            await QuietProgram.Run("install", "-d", "-o", Account, "-g", Account, "-m", "700", Data);
        }
    }

    private async Task SpeakTlsOnly(string certificate, string key)
    {
        foreach ((string from, string to) in new[] { (certificate, "server.crt"), (key, "server.key") })
        {
            string path = Path.Combine(Data, to);
            File.Copy(from, path);
            // Postgres takes no key that others can read.
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            if (Environment.IsPrivilegedProcess)
            {
                await QuietProgram.Run("chown", $"{Account}:{Account}", path);
            }
        }

        await File.AppendAllTextAsync(Path.Combine(Data, "postgresql.conf"), "ssl = on\n");
        await File.WriteAllTextAsync(Path.Combine(Data, "pg_hba.conf"), "hostssl all all 127.0.0.1/32 trust\nhostnossl all all 0.0.0.0/0 reject\n");
    }

    /// <summary>The first process and those that it started; none while the server is away.</summary>
    private int[] Processes() => Pid is { } first
        ?
        [
            first,
            .. Directory.EnumerateDirectories("/proc")
                .Select(folder => int.TryParse(Path.GetFileName(folder), out int pid) ? pid : 0)
                .Where(pid => pid > 0 && Signals.ParentOf(pid) == first),
        ]
        : [];

    private static string[] As(string[] line) => Environment.IsPrivilegedProcess
        ? ["setpriv", $"--reuid={Account}", $"--regid={Account}", "--init-groups", "--", .. line]
        : line;

    private static string Binaries() =>
        Directory.EnumerateDirectories("/usr/lib/postgresql")
            .Select(folder => Path.Combine(folder, "bin"))
            .Where(folder => File.Exists(Path.Combine(folder, "initdb")))
            .OrderByDescending(folder => int.TryParse(Path.GetFileName(Path.GetDirectoryName(folder)), out int version) ? version : 0)
            .First();

    private sealed class Frozen : IDisposable
    {
        private readonly int[] _pids;

        public Frozen(int[] pids)
        {
            _pids = pids;
            Array.ForEach(pids, Signals.Freeze);
        }

        public void Dispose() => Array.ForEach(_pids, Signals.GoOn);
    }
}
