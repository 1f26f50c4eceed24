using Npgsql;

namespace Sessions.Postgres;

/// <summary>The journal writers' own connections: named after their silo, and never waiting long for a lock.</summary>
/// <param name="Source">Where they come from.</param>
internal sealed record WriterDataSource(NpgsqlDataSource Source) : IAsyncDisposable
{
    /// <summary>What <c>pg_stat_activity</c> shows, and by which stuck writers are found.</summary>
    public const string ApplicationName = "sessions-writer:";

    public static WriterDataSource Create(string connectionString, string siloName, JournalOptions options)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = ApplicationName + siloName,
            MaxPoolSize = options.Lanes + 4,
            MaxAutoPrepare = 20,
            AutoPrepareMinUsages = 2,
            Timeout = 5,
            KeepAlive = 30,
            // Writers change nothing of their connection's state, so there is nothing to reset before each commit.
            NoResetOnClose = true,
        };
        builder.Options = $"{builder.Options} -c lock_timeout={options.LockTimeoutSeconds * 1000:0}".Trim();
        return new WriterDataSource(NpgsqlDataSource.Create(builder));
    }

    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
