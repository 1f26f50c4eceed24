using System.Data;
using Npgsql;
using Sessions.Database;

namespace Sessions.Columns.Filling;

/// <summary>Opens snapshots of a project in Postgres.</summary>
internal sealed class Source(QuestionDataSource database)
{
    private bool _isMute;

    /// <summary>
    /// Takes a snapshot. Everything that was committed before the call is in it. Null when there is no such project, or when it
    /// is being deleted.
    /// </summary>
    /// <exception cref="NpgsqlException">Postgres is away.</exception>
    public async Task<SourceSnapshot?> Take(string project, Guid holder, CancellationToken cancellation)
    {
        NpgsqlConnection connection = await database.Source.OpenConnectionAsync(cancellation);
        try
        {
            (long system, long timeline) = await ReadHistory(connection, cancellation);
            NpgsqlTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
            SourceMark? mark;
            await using (NpgsqlCommand command = new(SourceStatements.Snapshot, connection) { Parameters = { new() { Value = project }, new() { Value = holder } } })
            await using (NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation))
            {
                await reader.ReadAsync(cancellation);
                mark = await reader.IsDBNullAsync(4, cancellation) ? null : new SourceMark(
                    system,
                    timeline,
                    reader.GetInt64(2),
                    reader.GetFieldValue<DateTimeOffset>(4),
                    reader.GetString(0),
                    reader.GetInt64(1),
                    reader.GetDecimal(3),
                    reader.GetGuid(5),
                    reader.GetInt64(6),
                    reader.GetBoolean(7));
            }

            if (mark is null)
            {
                await connection.DisposeAsync();
                return null;
            }

            return new SourceSnapshot(connection, transaction, project, mark);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task<(long System, long Timeline)> ReadHistory(NpgsqlConnection connection, CancellationToken cancellation)
    {
        try
        {
            return await Ask(_isMute ? SourceStatements.MuteHistory : SourceStatements.History);
        }
        // 42: no right, or no such function. 0A and 55: not on this kind of server.
        catch (PostgresException refused) when (!_isMute && refused.SqlState[..2] is "42" or "0A" or "55")
        {
            _isMute = true;
            return await Ask(SourceStatements.MuteHistory);
        }

        async Task<(long, long)> Ask(string statement)
        {
            await using NpgsqlCommand command = new(statement, connection);
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
            await reader.ReadAsync(cancellation);
            return await reader.IsDBNullAsync(1, cancellation)
                ? throw new NpgsqlException("The server is a standby, which may be behind.")
                : (reader.GetInt64(0), reader.GetInt64(1));
        }
    }
}

/// <summary>What a snapshot of Postgres is known by.</summary>
/// <param name="System">The server's identifier.</param>
/// <param name="Timeline">Its timeline.</param>
/// <param name="Database">The database.</param>
/// <param name="ProjectMade">When the project was made.</param>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Oldest">Every transaction before this one has ended.</param>
/// <param name="Log">The position of the server's log.</param>
/// <param name="Identities">The version of the project's removed identities.</param>
/// <param name="ChangesRemoved">Changes of transactions up to this one may be missing from <c>tracking.changes</c>.</param>
/// <param name="IsHolderKnown">Whether deletions wait for the holder's file of the project.</param>
internal sealed record SourceMark(
    long System,
    long Timeline,
    long Database,
    DateTimeOffset ProjectMade,
    string Snapshot,
    long Oldest,
    decimal Log,
    Guid Identities,
    long ChangesRemoved,
    bool IsHolderKnown);
