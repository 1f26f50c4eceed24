using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Sessions.Database;
using Sessions.Database.Persons;
using Sessions.Domain.Events;
using Sessions.Domain.Persons;

namespace Sessions.Queries.Persons;

/// <summary>A merge of two ids into one person.</summary>
/// <param name="Id">The id that was merged.</param>
/// <param name="Into">The id that it was merged into.</param>
/// <param name="Kind">The kind of event that merged the ids.</param>
/// <param name="Since">When the server received the event; null when that is not known any more.</param>
public sealed record MergedIds(string Id, string Into, MergeKind Kind, DateTimeOffset? Since);

/// <summary>
/// A summary of a person's data, computed from the rows of their sessions, which are a few seconds behind at most.
/// </summary>
/// <param name="Ids">All distinct ids of the person; only the requested id when nothing is stored.</param>
/// <param name="Merges">The merges of those ids, in the order in which they arrived.</param>
/// <param name="Sessions">The number of the person's sessions.</param>
/// <param name="Events">The number of events in those sessions.</param>
/// <param name="Replays">The number of those sessions with a replay.</param>
/// <param name="Live">The number of those sessions that are live.</param>
/// <param name="First">When the first session began; null without sessions.</param>
/// <param name="Last">The time of the last session's last event; null without sessions.</param>
public sealed record PersonSummary(
    IReadOnlyList<string> Ids,
    IReadOnlyList<MergedIds> Merges,
    long Sessions,
    long Events,
    long Replays,
    long Live,
    DateTimeOffset? First,
    DateTimeOffset? Last);

/// <summary>The state of a deletion.</summary>
public enum DeletionState
{
    /// <summary>No silo works on the deletion: none has begun, or the one that had begun died.</summary>
    Waiting,

    /// <summary>A silo works on the deletion.</summary>
    Running,

    /// <summary>The person's data is deleted.</summary>
    Done,
}

/// <summary>A deletion of a person.</summary>
/// <param name="Id">The deletion's id.</param>
/// <param name="Until">When the deletion was requested. Events up to this time are deleted.</param>
/// <param name="Person">The mark of the id with which the deletion was requested.</param>
/// <param name="State">The state.</param>
/// <param name="FinishedAt">When the deletion was done; null before.</param>
/// <param name="Sessions">The number of sessions from which the person was deleted so far.</param>
/// <param name="Events">The number of deleted events.</param>
/// <param name="Replays">The number of sessions whose replays were deleted.</param>
public sealed record ListedDeletion(
    Guid Id, DateTimeOffset Until, byte[] Person, DeletionState State, DateTimeOffset? FinishedAt, int Sessions, long Events, int Replays);

/// <summary>A position in the list of deletions, for paging.</summary>
public sealed record DeletionPosition(DateTimeOffset Until, Guid Id);

/// <summary>Reads persons' data and requests their deletion.</summary>
public sealed class PersonQueries(NpgsqlDataSource database, IOptions<PersonOptions> options)
{
    private static readonly string IdsText = SqlFile.Read("person_ids.sql");
    private static readonly string KnownText = SqlFile.Read("person_is_known.sql");
    private static readonly string MergesText = SqlFile.Read("person_merges.sql");
    private static readonly string SummaryText = SqlFile.Read("person_summary.sql");
    private static readonly string RoomText = SqlFile.Read("person_deletion_room.sql");
    private static readonly string AddText = SqlFile.Read("person_deletion_add.sql");
    private static readonly string OneText = SqlFile.Read("person_deletion.sql");
    private static readonly string ListText = SqlFile.Read("person_deletions.sql");

    private byte[]? _key;

    /// <summary>Reads a summary of a person's data.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<PersonSummary> GetSummary(string project, RequestedId id, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellation);
        // Only older versions stored ids that capture would trim. If there is no such id, the result has only one form
        // of the id.
        bool isOne = id.AsWritten == id.Stored || !await IsKnown(connection, project, id.AsWritten, cancellation);
        IReadOnlyList<string> ids = await FindIds(connection, project, isOne ? [id.Stored] : id.Forms, cancellation);
        IReadOnlyList<MergedIds> merges = await FindMerges(connection, project, ids, cancellation);
        await using NpgsqlCommand command = new(SummaryText, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = project });
        command.Parameters.Add(Columns.Text(ids, id => id));
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new PersonSummary(
            ids,
            merges,
            reader.GetInt64(0),
            reader.GetInt64(1),
            reader.GetInt64(2),
            reader.GetInt64(3),
            reader.IsDBNull(4) ? null : reader.GetFieldValue<DateTimeOffset>(4),
            reader.IsDBNull(5) ? null : reader.GetFieldValue<DateTimeOffset>(5));
    }

    /// <summary>
    /// Finds all ids of a person, with both forms of the given id: no index tells whether an event has the untrimmed
    /// form that older versions stored.
    /// </summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<IReadOnlyList<string>> FindIds(string project, RequestedId id, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellation);
        return await FindIds(connection, project, id.Forms, cancellation);
    }

    /// <summary>
    /// Reads the mark of an id: a keyed digest that identifies a person where the id must not be stored.
    /// </summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<byte[]> GetMark(string project, string distinctId, CancellationToken cancellation)
    {
        if (_key is null)
        {
            await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellation);
            _key = await ErasedPersons.ReadKey(connection, cancellation);
        }

        return PersonMark.Of(_key, project, distinctId);
    }

    /// <summary>Reads the marks of both forms of an id.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<byte[][]> GetMarks(string project, RequestedId id, CancellationToken cancellation)
    {
        List<byte[]> marks = [];
        foreach (string form in id.Forms)
        {
            marks.Add(await GetMark(project, form, cancellation));
        }

        return [.. marks];
    }

    /// <summary>
    /// Requests a person's deletion. From the commit on, the person's older events are refused; a silo does the rest.
    /// Null when too many deletions are pending or too many ids are refused already.
    /// </summary>
    /// <param name="project">The project.</param>
    /// <param name="asked">Any id of the person.</param>
    /// <param name="until">The current time. Events up to this time are deleted.</param>
    /// <param name="log">Makes the line of the audit log, which is written in the same transaction.</param>
    /// <param name="cancellation">Cancels the request.</param>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<(Guid Deletion, IReadOnlyList<string> Ids)?> Delete(
        string project, RequestedId asked, DateTimeOffset until, Func<Guid, AuditRecord> log, CancellationToken cancellation)
    {
        byte[] mark = await GetMark(project, asked.Stored, cancellation);
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellation);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellation);
        IReadOnlyList<string> ids = await FindIds(connection, project, asked.Forms, cancellation);
        if (ids.Count > options.Value.MaxIds || !await HasRoom(connection, ids.Count, cancellation))
        {
            return null;
        }

        var id = Guid.CreateVersion7();
        await using (NpgsqlCommand add = new(AddText, connection))
        {
            add.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
            add.Parameters.Add(new NpgsqlParameter<string> { TypedValue = project });
            add.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = until });
            add.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = mark });
            add.Parameters.Add(Columns.Text(ids, one => one));
            await add.ExecuteNonQueryAsync(cancellation);
        }

        await AuditQueries.Add(connection, project, log(id), cancellation);
        // Last, because other transactions wait for its lock until this one ends.
        await ErasedPersons.Add(connection, project, ids, until);
        await transaction.CommitAsync(cancellation);
        return (id, ids);
    }

    /// <summary>Reads a deletion; null when the project has no such deletion.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<ListedDeletion?> FindDeletion(string project, Guid id, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(OneText);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = project });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        return (await Read(command, cancellation)).SingleOrDefault();
    }

    /// <summary>Reads a page of the project's deletions, the latest first.</summary>
    /// <param name="project">The project.</param>
    /// <param name="marks">Returns only deletions of the person with one of these marks; null for all.</param>
    /// <param name="after">The last one of the page before; null for the first page.</param>
    /// <param name="limit">The most deletions to return.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<IReadOnlyList<ListedDeletion>> GetDeletions(
        string project, byte[][]? marks, DeletionPosition? after, int limit, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(ListText);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = project });
        command.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea, Value = (object?)marks ?? DBNull.Value });
        command.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.TimestampTz, Value = (object?)after?.Until ?? DBNull.Value });
        command.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Uuid, Value = (object?)after?.Id ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        return await Read(command, cancellation);
    }

    private static async Task<IReadOnlyList<ListedDeletion>> Read(NpgsqlCommand command, CancellationToken cancellation)
    {
        List<ListedDeletion> deletions = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            DateTimeOffset? finishedAt = reader.IsDBNull(3) ? null : reader.GetFieldValue<DateTimeOffset>(3);
            deletions.Add(new ListedDeletion(
                reader.GetGuid(0),
                reader.GetFieldValue<DateTimeOffset>(1),
                reader.GetFieldValue<byte[]>(2),
                finishedAt is not null ? DeletionState.Done : reader.GetBoolean(4) ? DeletionState.Running : DeletionState.Waiting,
                finishedAt,
                reader.GetInt32(5),
                reader.GetInt64(6),
                reader.GetInt32(7)));
        }

        return deletions;
    }

    private async Task<IReadOnlyList<string>> FindIds(
        NpgsqlConnection connection, string project, IReadOnlyList<string> forms, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = new(IdsText, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = project });
        command.Parameters.Add(Columns.Text(forms, form => form));
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = options.Value.MaxIds + 1 });
        List<string> ids = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            ids.Add(reader.GetString(0));
        }

        return ids;
    }

    private static async Task<bool> IsKnown(
        NpgsqlConnection connection, string project, string distinctId, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = new(KnownText, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = project });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = distinctId });
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private async Task<IReadOnlyList<MergedIds>> FindMerges(
        NpgsqlConnection connection, string project, IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = new(MergesText, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = project });
        command.Parameters.Add(Columns.Text(ids, id => id));
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = options.Value.MaxIds });
        List<MergedIds> merges = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            merges.Add(new MergedIds(
                reader.GetString(0),
                reader.GetString(1),
                (MergeKind)reader.GetInt16(2),
                reader.IsDBNull(3) ? null : reader.GetFieldValue<DateTimeOffset>(3)));
        }

        return merges;
    }

    private async Task<bool> HasRoom(NpgsqlConnection connection, int more, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = new(RoomText, connection);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = options.Value.MaxWaiting });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = options.Value.MaxRefused });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return reader.GetInt64(0) < options.Value.MaxWaiting && reader.GetInt64(1) + more <= options.Value.MaxRefused;
    }
}
