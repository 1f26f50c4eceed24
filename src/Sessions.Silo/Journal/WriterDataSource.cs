using Npgsql;
using Sessions.Database.Connections;

namespace Sessions.Silo.Journal;

/// <summary>
/// The journal writers' own connections. Their application name contains the silo's name, and they have a short lock
/// timeout.
/// </summary>
/// <param name="Source">The connection pool.</param>
internal sealed record WriterDataSource(NpgsqlDataSource Source) : IAsyncDisposable
{
    /// <summary>
    /// The prefix of the application name, which <c>pg_stat_activity</c> shows. <see cref="StuckWriters"/> finds the
    /// writers by it.
    /// </summary>
    public const string ApplicationName = "sessions-writer:";

    public static WriterDataSource Create(string connectionString, string siloName, JournalOptions options, HistoryWatch? history = null)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = ApplicationName + siloName,
            MaxPoolSize = options.Connections,
            MaxAutoPrepare = 20,
            AutoPrepareMinUsages = 2,
            Timeout = 5,
            KeepAlive = 30,
            // Writers do not change their connection's state, so a reset before each use would be wasted.
            NoResetOnClose = true,
        };
        builder.Options = $"{builder.Options} -c lock_timeout={options.LockTimeoutSeconds * 1000:0}".Trim();
        return new WriterDataSource(PostgresAddress.CreateSource(builder, history));
    }

    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
