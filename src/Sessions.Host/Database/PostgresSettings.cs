using System.Globalization;
using System.Text;

namespace Sessions.Host.Database;

/// <summary>The settings of the private Postgres, as text for its settings file.</summary>
internal static class PostgresSettings
{
    private const long Megabyte = 1024 * 1024;
    private const int LeastConnections = 300;

    // superuser_reserved_connections, as Postgres has it by default.
    private const int OfSuperusers = 3;


    /// <summary>The first major version that can reserve connections. Older ones do not know the setting and would not start.</summary>
    public const int FirstWithReserve = 16;

    /// <summary>
    /// The server's environment. The arrays of a group commit have some hundred kilobytes. By default glibc returns
    /// this memory to the kernel after each statement and gets it again, page by page, for the next, which was a fifth
    /// of the cost of a commit. With these settings a process keeps up to 32 MB.
    /// </summary>
    public static IReadOnlyList<string> Environment { get; } =
    [
        $"MALLOC_MMAP_THRESHOLD_={8 * Megabyte}",
        $"MALLOC_TRIM_THRESHOLD_={32 * Megabyte}",
        $"MALLOC_TOP_PAD_={2 * Megabyte}",
    ];

    /// <summary>
    /// The file's text: our settings, then <paramref name="overrides"/>, because the last value counts.
    /// </summary>
    /// <param name="port">The port to listen on.</param>
    /// <param name="memoryBytes">The machine's memory.</param>
    /// <param name="version">The server's major version.</param>
    /// <param name="needs">The connections that the program needs.</param>
    /// <param name="overrides">Settings that override ours.</param>
    public static string Compose(
        int port, long memoryBytes, int version, ConnectionNeeds needs, IReadOnlyDictionary<string, string> overrides)
    {
        StringBuilder text = new(
            $"""
            # Written by ./run at each start; put your own settings into postgresql.conf below the include.
            listen_addresses = '127.0.0.1'
            port = {port}
            # A socket directory would have to exist and be writable; TCP on loopback needs neither.
            unix_socket_directories = ''
            password_encryption = 'scram-sha-256'

            # An event that was answered is on disk. These are Postgres' defaults, set explicitly.
            fsync = on
            full_page_writes = on
            synchronous_commit = on

            max_connections = {MaxConnections(needs)}
            shared_buffers = {SharedBuffersMegabytes(memoryBytes)}MB
            # Room for a quarter of an hour of heavy writing between checkpoints.
            max_wal_size = '2GB'
            wal_buffers = '16MB'
            checkpoint_timeout = '10min'
            # A statement may touch many daily partitions, each with its indexes.
            max_locks_per_transaction = 256
            # Compiling costs more than it gives for short queries over many partitions.
            jit = off
            # A query whose caller has left stops.
            client_connection_check_interval = '5s'

            timezone = 'UTC'
            log_timezone = 'UTC'
            logging_collector = on
            log_directory = 'log'
            # One file a weekday, each overwritten a week later: a bounded log.
            log_filename = 'postgresql-%a.log'
            log_rotation_age = '1d'
            log_truncate_on_rotation = on
            log_line_prefix = '%m [%p] %a '

            """);
        if (version >= FirstWithReserve && needs.Writers > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"# The last connections are for the program: readers can't take them.\nreserved_connections = {needs.Writers}\n");
        }

        foreach ((string name, string value) in overrides)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name} = '{value.Replace("'", "''", StringComparison.Ordinal)}'\n");
        }

        return text.ToString();
    }

    /// <summary>
    /// Room for the program and for readers. The reserve comes on top: it must stay free while the program has all its
    /// connections, or no reader could connect.
    /// </summary>
    public static int MaxConnections(ConnectionNeeds needs) =>
        Math.Max(LeastConnections, needs.Program + ConnectionNeeds.Readers + needs.Writers + OfSuperusers);

    /// <summary>Reads the port from a settings file; null when it has none.</summary>
    public static int? ReadPort(string settingsFile)
    {
        const string Name = "port = ";
        string? line = File.Exists(settingsFile)
            ? File.ReadLines(settingsFile).FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal))
            : null;
        return line is not null && int.TryParse(line.AsSpan(Name.Length), CultureInfo.InvariantCulture, out int port) ? port : null;
    }

    /// <summary>
    /// The memory limit of one server process: a sixteenth of the machine's memory, between 512 MB and 2 GB. Postgres'
    /// own settings limit sorts but not values, and a reader may change them: without this limit one query could use
    /// all memory.
    /// </summary>
    public static long ProcessBytes(long memoryBytes) => Math.Clamp(memoryBytes / 16, 512 * Megabyte, 2048 * Megabyte);

    /// <summary>An eighth of the memory, between 64 MB and 1 GB, so that the silos have enough.</summary>
    public static long SharedBuffersMegabytes(long memoryBytes) => Math.Clamp(memoryBytes / Megabyte / 8, 64, 1024);
}
