using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;
using Sessions.Database;
using Sessions.Database.Properties;

namespace Sessions.Queries.Persons;

/// <summary>The replay blocks of a person in one session: the journal numbers of the blocks' summaries.</summary>
public sealed record RecordedBlocks(Guid SessionId, IReadOnlySet<int> Numbers);

/// <summary>Streams all data of a person, holding only a few rows in memory.</summary>
public sealed class PersonRecords(NpgsqlDataSource database)
{
    private static readonly string SessionsText = SqlFile.Read("person_export_sessions.sql");
    private static readonly string EventsText = SqlFile.Read("person_export_events.sql");
    private static readonly string ReplaysText = SqlFile.Read("person_export_replays.sql");

    /// <summary>Reads the person's sessions in the order of their starts.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public IAsyncEnumerable<SessionRow> Sessions(
        string project, IReadOnlyList<string> ids, StatementLimits limits, CancellationToken cancellation) =>
        Read(
            SessionsText.Replace("{columns}", SessionProperties.Columns, StringComparison.Ordinal),
            project, ids, limits, SessionRow.Read, cancellation);

    /// <summary>
    /// Reads the person's events in any session, also in sessions of other persons, in the order of time.
    /// </summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public IAsyncEnumerable<ExportedEvent> Events(
        string project, IReadOnlyList<string> ids, StatementLimits limits, CancellationToken cancellation) =>
        Read(EventsText, project, ids, limits, reader => new ExportedEvent(reader.GetGuid(11), EventQueries.Read(reader)), cancellation);

    /// <summary>Reads which replay blocks belong to the person.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public IAsyncEnumerable<RecordedBlocks> Replays(
        string project, IReadOnlyList<string> ids, StatementLimits limits, CancellationToken cancellation) =>
        Read(
            ReplaysText, project, ids, limits,
            reader => new RecordedBlocks(reader.GetGuid(0), reader.GetFieldValue<int[]>(1).ToHashSet()),
            cancellation);

    private async IAsyncEnumerable<T> Read<T>(
        string text,
        string project,
        IReadOnlyList<string> ids,
        StatementLimits limits,
        Func<NpgsqlDataReader, T> row,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellation);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellation);
        await using (NpgsqlCommand begin = new(limits.SetLocal, connection))
        {
            await begin.ExecuteNonQueryAsync(cancellation);
        }

        // No command timeout: the caller decides how fast it reads the rows.
        await using NpgsqlCommand command = new(text, connection) { CommandTimeout = 0 };
        command.Parameters.AddWithValue("@project", project);
        command.Parameters.Add(new NpgsqlParameter<string[]>("@ids", [.. ids]) { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            yield return row(reader);
        }
    }
}
