using System.Data;
using Npgsql;

namespace Sessions.Columns.Filling;

/// <summary>Opens snapshots of a project in Postgres.</summary>
internal sealed class Source(NpgsqlDataSource database)
{
    private bool _isMute;

    /// <summary>
    /// Takes a snapshot. Everything that was committed before the call is in it. Null when there is no such project, or when it
    /// is being deleted.
    /// </summary>
    /// <exception cref="NpgsqlException">Postgres is away.</exception>
    public async Task<SourceSnapshot?> Take(string project, Guid holder, CancellationToken cancellation)
    {
        try
        {
            return await Take(project, holder, _isMute ? SourceStatements.MuteHistory : SourceStatements.History, cancellation);
        }
        // 42: no right, or no such function. 0A and 55: not on this kind of server.
        catch (PostgresException refused) when (!_isMute && refused.SqlState[..2] is "42" or "0A" or "55")
        {
            _isMute = true;
            return await Take(project, holder, SourceStatements.MuteHistory, cancellation);
        }
    }

    /// <summary>How many events a project has, as its sessions say: about as many as its file gets.</summary>
    /// <exception cref="NpgsqlException">Postgres is away.</exception>
    public async Task<long> CountEvents(string project, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(SourceStatements.EventsCount);
        command.Parameters.Add(new NpgsqlParameter { Value = project });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private async Task<SourceSnapshot?> Take(string project, Guid holder, string history, CancellationToken cancellation)
    {
        NpgsqlConnection connection = await database.OpenConnectionAsync(cancellation);
        try
        {
            NpgsqlTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
            await using NpgsqlBatch batch = new(connection, transaction)
            {
                BatchCommands =
                {
                    new(history),
                    new(SourceStatements.Snapshot) { Parameters = { new() { Value = project }, new() { Value = holder } } },
                },
            };
            if (await ReadMark(batch, cancellation) is { } mark)
            {
                return new SourceSnapshot(connection, transaction, project, mark);
            }

            await connection.DisposeAsync();
            return null;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task<SourceMark?> ReadMark(NpgsqlBatch batch, CancellationToken cancellation)
    {
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        if (await reader.IsDBNullAsync(1, cancellation))
        {
            throw new NpgsqlException("The server is a standby, which may be behind.");
        }

        (long system, long timeline) = (reader.GetInt64(0), reader.GetInt64(1));
        await reader.NextResultAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return await reader.IsDBNullAsync(4, cancellation) ? null : new SourceMark(
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
