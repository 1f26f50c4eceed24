using Npgsql;
using Sessions.Database.Connections;

namespace Sessions.Database;

/// <summary>
/// The connections for queries of users. Npgsql does not prepare their statements automatically, unlike those of other
/// connections. If Postgres refuses a value while a statement is being prepared (an invalid regular expression, for
/// example), Npgsql still treats the statement as prepared, and its next use gets no answer.
/// </summary>
/// <param name="Source">The connection pool.</param>
public sealed record QueryDataSource(NpgsqlDataSource Source) : IAsyncDisposable
{
    internal static QueryDataSource Create(string connectionString, int? most = null, HistoryWatch? history = null)
    {
        NpgsqlConnectionStringBuilder builder = new(connectionString)
        {
            MaxAutoPrepare = 0,
            // Results are large.
            ReadBufferSize = 64 * 1024,
            Timeout = 5,
            // No statement leaves state in the session. And while the answer to a reset is due, Npgsql can't cancel a statement.
            NoResetOnClose = true,
            ApplicationName = "sessions-questions",
        };
        builder.MaxPoolSize = most ?? builder.MaxPoolSize;
        return new(PostgresAddress.CreateSource(builder, history));
    }

    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
