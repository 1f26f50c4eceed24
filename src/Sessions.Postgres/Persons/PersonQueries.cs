using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Sessions.Domain;
using Sessions.Domain.Persons;
using Sessions.Grains;

namespace Sessions.Postgres.Queries;

/// <summary>What made one person of two ids.</summary>
/// <param name="Id">The id that was merged.</param>
/// <param name="Into">The id that it was merged into.</param>
/// <param name="Kind">By which kind of event.</param>
/// <param name="Since">When the server received that; null when it is not known any more.</param>
public sealed record MergedIds(string Id, string Into, MergeKind Kind, DateTimeOffset? Since);

/// <summary>What is stored of a person, by the rows of their sessions: some seconds behind at most.</summary>
/// <param name="Ids">All distinct ids of the person; only that which was asked for when nothing is known.</param>
/// <param name="Merges">What made one person of those, in the order in which it arrived.</param>
/// <param name="Sessions">How many sessions are theirs.</param>
/// <param name="Events">How many events those have.</param>
/// <param name="Replays">How many of those have a replay.</param>
/// <param name="Live">How many of those are live.</param>
/// <param name="First">When the first began; null without any.</param>
/// <param name="Last">When the last one had its last event; null without any.</param>
public sealed record PersonSummary(
    IReadOnlyList<string> Ids,
    IReadOnlyList<MergedIds> Merges,
    long Sessions,
    long Events,
    long Replays,
    long Live,
    DateTimeOffset? First,
    DateTimeOffset? Last);

/// <summary>How far a deletion is.</summary>
public enum DeletionState
{
    /// <summary>No silo has begun with it, or the one that had died.</summary>
    Waiting,

    /// <summary>A silo is at it.</summary>
    Running,

    /// <summary>Nothing is left.</summary>
    Done,
}

/// <summary>A deletion of a person.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Until">When it was asked for; what happened up to then is deleted.</param>
/// <param name="Person">The mark of the id that it was asked for by.</param>
/// <param name="State">How far it is.</param>
/// <param name="FinishedAt">When it was done; null before.</param>
/// <param name="Sessions">How many sessions went so far.</param>
/// <param name="Events">How many events.</param>
/// <param name="Replays">How many sessions' replays.</param>
public sealed record ListedDeletion(
    Guid Id, DateTimeOffset Until, byte[] Person, DeletionState State, DateTimeOffset? FinishedAt, int Sessions, long Events, int Replays);

/// <summary>A place in the list of deletions.</summary>
public sealed record DeletionPosition(DateTimeOffset Until, Guid Id);

/// <summary>Looks persons up and asks for their deletion.</summary>
public sealed class PersonQueries(NpgsqlDataSource database, IOptions<PersonOptions> options)
{
    private static readonly string IdsText = QueryText.Read("person_ids.sql");
    private static readonly string KnownText = QueryText.Read("person_is_known.sql");
    private static readonly string MergesText = QueryText.Read("person_merges.sql");
    private static readonly string SummaryText = QueryText.Read("person_summary.sql");
    private static readonly string KeyText = QueryText.Read("person_key.sql");
    private static readonly string RoomText = QueryText.Read("person_deletion_room.sql");
    private static readonly string AddText = QueryText.Read("person_deletion_add.sql");
    private static readonly string OneText = QueryText.Read("person_deletion.sql");
    private static readonly string ListText = QueryText.Read("person_deletions.sql");

    private byte[]? _key;

    /// <summary>What is stored of a person.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<PersonSummary> GetSummary(string project, AskedId id, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellation);
        // Only an older version stored an id that capture would trim. Nobody else is to see two ids where there is one.
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
    /// All ids of a person, and the id in both of its forms: no index tells whether an event has the one that older versions
    /// stored.
    /// </summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<IReadOnlyList<string>> FindIds(string project, AskedId id, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellation);
        return await FindIds(connection, project, id.Forms, cancellation);
    }

    /// <summary>Tells a person from others where their id must not stand.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<byte[]> GetMark(string project, string distinctId, CancellationToken cancellation)
    {
        if (_key is null)
        {
            await using NpgsqlCommand command = database.CreateCommand(KeyText);
            _key = (byte[])(await command.ExecuteScalarAsync(cancellation))!;
        }

        return PersonMark.Of(_key, project, distinctId);
    }

    /// <summary>The marks of an id's forms.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<byte[][]> GetMarks(string project, AskedId id, CancellationToken cancellation)
    {
        List<byte[]> marks = [];
        foreach (string form in id.Forms)
        {
            marks.Add(await GetMark(project, form, cancellation));
        }

        return [.. marks];
    }

    /// <summary>
    /// Asks for a person's deletion. From its commit on their events from before are refused; a silo does the rest.
    /// Null when too much waits or is refused already.
    /// </summary>
    /// <param name="project">The project.</param>
    /// <param name="asked">Any id of the person.</param>
    /// <param name="until">Now.</param>
    /// <param name="log">What the log is to say, in the same transaction.</param>
    /// <param name="cancellation">Ends the asking.</param>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<(Guid Deletion, IReadOnlyList<string> Ids)?> Delete(
        string project, AskedId asked, DateTimeOffset until, Func<Guid, AuditRecord> log, CancellationToken cancellation)
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
        // At last: it keeps others waiting to the end of the transaction.
        await PersonDeletions.Refuse(connection, project, ids, until);
        await transaction.CommitAsync(cancellation);
        return (id, ids);
    }

    /// <summary>A deletion; null when the project has no such.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<ListedDeletion?> FindDeletion(string project, Guid id, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(OneText);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = project });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        return (await Read(command, cancellation)).SingleOrDefault();
    }

    /// <summary>The project's deletions, the latest first.</summary>
    /// <param name="project">The project.</param>
    /// <param name="marks">Only those of a person, by the marks of an id; null for all.</param>
    /// <param name="after">The last one of the page before; null for the first page.</param>
    /// <param name="limit">The most to answer with.</param>
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
