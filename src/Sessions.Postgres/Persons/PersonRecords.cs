using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;

namespace Sessions.Postgres.Queries;

/// <summary>What was recorded of a person in one session: the journal's numbers of the blocks.</summary>
public sealed record RecordedBlocks(Guid SessionId, IReadOnlySet<int> Numbers);

/// <summary>Reads all that is stored of a person, a few rows at a time.</summary>
public sealed class PersonRecords(NpgsqlDataSource database)
{
    private static readonly string SessionsText = QueryText.Read("person_export_sessions.sql");
    private static readonly string EventsText = QueryText.Read("person_export_events.sql");
    private static readonly string ReplaysText = QueryText.Read("person_export_replays.sql");

    /// <summary>Their sessions, in the order of their starts.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public IAsyncEnumerable<SessionRow> Sessions(
        string project, IReadOnlyList<string> ids, StatementLimits limits, CancellationToken cancellation) =>
        Read(
            SessionsText.Replace("{columns}", SessionProperties.Columns, StringComparison.Ordinal),
            project, ids, limits, SessionRow.Read, cancellation);

    /// <summary>Their events in whosever session, in the order of their times.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public IAsyncEnumerable<ExportedEvent> Events(
        string project, IReadOnlyList<string> ids, StatementLimits limits, CancellationToken cancellation) =>
        Read(EventsText, project, ids, limits, reader => new ExportedEvent(reader.GetGuid(11), EventQueries.Read(reader)), cancellation);

    /// <summary>What was recorded of them.</summary>
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

        // Rows come as the caller takes them; how long that may be, the caller decides.
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
