using System.Globalization;
using System.Text;

namespace Sessions.Host.Database;

/// <summary>The settings of the private Postgres, as text for its settings file.</summary>
internal static class PostgresSettings
{
    private const long Megabyte = 1024 * 1024;

    /// <summary>
    /// The server's environment. A group commit's arrays are some hundred kilobytes, which glibc gives back to the kernel
    /// after each statement and fetches again, page by page, for the next: a fifth of what a commit cost. A process keeps
    /// up to 32 MB instead.
    /// </summary>
    public static IReadOnlyList<string> Environment { get; } =
    [
        $"MALLOC_MMAP_THRESHOLD_={8 * Megabyte}",
        $"MALLOC_TRIM_THRESHOLD_={32 * Megabyte}",
        $"MALLOC_TOP_PAD_={2 * Megabyte}",
    ];

    /// <summary>The file's text: ours, with <paramref name="overrides"/> last because the last one wins.</summary>
    public static string Compose(int port, long memoryBytes, IReadOnlyDictionary<string, string> overrides)
    {
        StringBuilder text = new(
            $"""
            # Written by ./run at each start; put your own settings into postgresql.conf below the include.
            listen_addresses = '127.0.0.1'
            port = {port}
            # A socket directory would have to exist and be writable; TCP on loopback needs neither.
            unix_socket_directories = ''
            password_encryption = 'scram-sha-256'

            # An event that was answered is on disk. These are Postgres' defaults, said aloud.
            fsync = on
            full_page_writes = on
            synchronous_commit = on

            max_connections = 300
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
        foreach ((string name, string value) in overrides)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name} = '{value.Replace("'", "''", StringComparison.Ordinal)}'\n");
        }

        return text.ToString();
    }

    /// <summary>The port in a settings file; null when there is none.</summary>
    public static int? ReadPort(string settingsFile)
    {
        const string Name = "port = ";
        string? line = File.Exists(settingsFile)
            ? File.ReadLines(settingsFile).FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal))
            : null;
        return line is not null && int.TryParse(line.AsSpan(Name.Length), CultureInfo.InvariantCulture, out int port) ? port : null;
    }

    /// <summary>
    /// How much memory of its own one server process may have: a sixteenth of the machine's, between 512 MB and 2 GB. Its
    /// settings bound sorts and not values, and a reader may change them: without this one query takes all there is.
    /// </summary>
    public static long ProcessBytes(long memoryBytes) => Math.Clamp(memoryBytes / 16, 512 * Megabyte, 2048 * Megabyte);

    /// <summary>An eighth of the memory, between 64 MB and 1 GB: the silos want theirs too.</summary>
    public static long SharedBuffersMegabytes(long memoryBytes) => Math.Clamp(memoryBytes / Megabyte / 8, 64, 1024);
}
