using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Database;
using Sessions.Database.Persons;
using Sessions.Silo.Journal;
using Sessions.Silo.PersonData;

namespace Sessions.Silo.Erasure;

/// <summary>
/// The requested deletions of persons. Any silo may repeat any step. <see cref="Sessions.SessionErasure"/> erases the
/// person from one session.
/// </summary>
internal sealed class PersonDeletions(NpgsqlDataSource database, StuckWriters stuck, IOptions<PersonOptions> options)
{
    private const int SessionsAtOnce = 500;

    // Long, because a step reads a whole day of the journal.
    private const int ReadTimeoutSeconds = 3_600;

    private static readonly TimeSpan WriterPoll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan WriterPatience = TimeSpan.FromSeconds(3);

    private static readonly string TakeText = SqlFile.Read("person_deletion_take.sql");
    private static readonly string HoldText = SqlFile.Read("person_deletion_hold.sql");
    private static readonly string AtWorkText = SqlFile.Read("writers_at_work.sql");
    private static readonly string IdsOfAllText = SqlFile.Read("person_ids_of_all.sql");
    private static readonly string SetIdsText = SqlFile.Read("person_deletion_ids.sql");
    private static readonly string SessionsText = SqlFile.Read("person_sessions_to_delete.sql");
    private static readonly string DaysText = SqlFile.Read("journal_days.sql");
    private static readonly string ReadFromText = SqlFile.Read("person_day_before.sql");
    private static readonly string SessionsOfDayText = SqlFile.Read("person_sessions_of_day.sql");
    private static readonly string PassedText = SqlFile.Read("person_day_passed.sql");
    private static readonly string TracesText = SqlFile.Read("person_deletion_traces.sql");
    private static readonly string ReleaseIdsText = SqlFile.Read("person_release_ids.sql");
    private static readonly string RemoveIdsText = SqlFile.Read("person_remove_ids.sql");
    private static readonly string ForgetHeirsText = SqlFile.Read("devices_forget_heirs.sql");
    private static readonly string ForgetDevicesText = SqlFile.Read("devices_forget.sql");
    private static readonly string RemovedText = SqlFile.Read("person_deletion_removed.sql");
    private static readonly string WaitText = SqlFile.Read("person_deletion_wait.sql");
    private static readonly string ChangesPruneText = SqlFile.Read("changes_prune.sql");
    private static readonly string FinishText = SqlFile.Read("person_deletion_finish.sql");
    private static readonly string PruneText = SqlFile.Read("person_prune.sql");

    /// <summary>
    /// Leases the oldest deletion that no other silo holds; null when there is none. Each step renews the lease.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public Task<PersonDeletion?> Take() => Try(async () =>
    {
        await using NpgsqlCommand command = database.CreateCommand(TakeText);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.Lease });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync()
            ? new PersonDeletion(
                reader.GetGuid(0), reader.GetString(1), reader.GetFieldValue<string[]>(2), reader.GetFieldValue<DateTimeOffset>(3))
            : null;
    });

    /// <summary>
    /// Renews the lease of a deletion. Returns false when there is no such deletion any more, because its project was deleted.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public async Task<bool> Hold(Guid deletion) =>
        await Do(HoldText, Of(deletion), new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.Lease }) > 0;

    /// <summary>
    /// Completes when all journal transactions that were running when the person was forgotten have ended. From then
    /// on, no older event of the person can be written.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public Task WaitForWriters(CancellationToken stopping) => Try(async () =>
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(stopping);
        await using NpgsqlCommand ask = new("select clock_timestamp()", connection);
        var since = new DateTimeOffset((DateTime)(await ask.ExecuteScalarAsync(stopping))!);
        await using NpgsqlCommand atWork = new(AtWorkText, connection);
        atWork.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = since });
        for (TimeSpan waited = TimeSpan.Zero; (bool)(await atWork.ExecuteScalarAsync(stopping))!; waited += WriterPoll)
        {
            if (waited > WriterPatience)
            {
                // A frozen writer would block the deletion for ever.
                await stuck.CutOff();
                waited = TimeSpan.Zero;
            }

            // Sleeps in Postgres, because the clock that matters is Postgres'.
            await using NpgsqlCommand sleep = new("select pg_sleep($1)", connection);
            sleep.Parameters.Add(new NpgsqlParameter<double> { TypedValue = WriterPoll.TotalSeconds });
            await sleep.ExecuteNonQueryAsync(stopping);
        }

        return true;
    });

    /// <summary>
    /// Adds ids that have been merged into the person meanwhile. Returns the deletion with the new ids, for which the
    /// caller must wait for writers again; null when there are no new ids.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public Task<PersonDeletion?> AddIds(PersonDeletion deletion) => Try(async () =>
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync();
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        IReadOnlyList<string> found = await Read(
            Command(IdsOfAllText, connection, Text(deletion.Project), Texts(deletion.Ids)), row => row.GetString(0));
        string[] added = [.. found.Except(deletion.Ids)];
        if (added.Length == 0)
        {
            return null;
        }

        PersonDeletion larger = deletion with { Ids = [.. deletion.Ids, .. added] };
        await Command(SetIdsText, connection, Of(deletion.Id), Texts(larger.Ids)).ExecuteNonQueryAsync();
        await ErasedPersons.Add(connection, deletion.Project, added, deletion.Until);
        await transaction.CommitAsync();
        return larger;
    });

    /// <summary>
    /// Finds sessions of the person by the sessions' rows: a limited number, in the order of their ids, after this id.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public Task<IReadOnlyList<SessionKey>> FindSessions(PersonDeletion deletion, Guid after) => Try(async () =>
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync();
        return await Read(
            Command(
                SessionsText, connection, Text(deletion.Project), Texts(deletion.Ids), Time(deletion.Until), Of(after),
                new NpgsqlParameter<int> { TypedValue = SessionsAtOnce }),
            row => SessionKey.Create(deletion.Project, row.GetGuid(0)));
    });

    /// <summary>
    /// Reads the journal's next day, from the latest day back, and returns its sessions that have entries of the
    /// person, whoever owns them. Null when all days have been read.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public Task<JournalDay?> ReadNextDay(PersonDeletion deletion) => Try(async () =>
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync();
        IReadOnlyList<DateOnly> days = await Read(Command(DaysText, connection), row => row.GetFieldValue<DateOnly>(0));
        DateOnly before = (await Read(
            Command(ReadFromText, connection, Of(deletion.Id)),
            row => row.IsDBNull(0) ? DateOnly.MaxValue : row.GetFieldValue<DateOnly>(0))).SingleOrDefault(DateOnly.MinValue);
        if (days.LastOrDefault(day => day < before) is var next && next == default)
        {
            return null;
        }

        await using NpgsqlCommand read = Command(
            SessionsOfDayText, connection, Text(deletion.Project), Day(next), Texts(deletion.Ids), Time(deletion.Until));
        read.CommandTimeout = ReadTimeoutSeconds;
        return new JournalDay(next, await Read(read, row => SessionKey.Create(deletion.Project, row.GetGuid(0))));
    });

    /// <summary>Records that the person's data of the day is deleted, so that the day is not read again.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public Task PassDay(PersonDeletion deletion, DateOnly day) => Do(PassedText, Of(deletion.Id), Day(day));

    /// <summary>
    /// Finds the devices that had data of the person, and the sessions that the person shared with others.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public Task<PersonTraces> FindTraces(PersonDeletion deletion) => Try(async () =>
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync();
        (string[] Devices, Guid[] Shared) = (await Read(
            Command(TracesText, connection, Of(deletion.Id)),
            row => (row.GetFieldValue<string[]>(1), row.GetFieldValue<Guid[]>(2)))).SingleOrDefault(([], []));
        return new PersonTraces(
            [.. Devices.Union(deletion.Ids.Select(id => UserDeviceKey.DeviceOf(id))).Select(device => UserDeviceKey.OfDevice(deletion.Project, device))],
            [.. Shared.Select(session => SessionKey.Create(deletion.Project, session))]);
    });

    /// <summary>
    /// Removes everything else that names the person: merges of their ids, and devices that have no sessions any more.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public async Task RemoveNames(PersonDeletion deletion)
    {
        await Do(ReleaseIdsText, Text(deletion.Project), Texts(deletion.Ids), Time(deletion.Until));
        foreach (PersonColumn column in PersonTables.OfPerson)
        {
            string statement = RemoveIdsText
                .Replace("{table}", column.Table, StringComparison.Ordinal)
                .Replace("{column}", column.Column, StringComparison.Ordinal)
                .Replace("{time}", column.Time, StringComparison.Ordinal);
            while (await Do(statement, Text(deletion.Project), Texts(deletion.Ids), Time(deletion.Until)) > 0)
            {
                await Hold(deletion.Id);
            }
        }

        string[] devices = [.. (await FindTraces(deletion)).Devices.Select(device => device.Device)];
        string[] theirs = [.. deletion.Ids.Select(id => UserDeviceKey.DeviceOf(id))];
        await Do(ForgetHeirsText, Text(deletion.Project), Texts(devices), Texts(theirs));
        await Do(ForgetDevicesText, Text(deletion.Project), Texts(devices));
    }

    /// <summary>
    /// Deletes the ids and marks the deletion as done. Returns false and changes nothing when data of the person has
    /// appeared, and null when copies of the project must first be written anew: then a silo tries again soon.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public async Task<bool?> TryFinish(PersonDeletion deletion)
    {
        NpgsqlParameter[] Parameters() => [Of(deletion.Id), Text(deletion.Project), Texts(deletion.Ids), Time(deletion.Until)];
        bool areCopiesBehind = await Try(async () =>
        {
            await using NpgsqlConnection connection = await database.OpenConnectionAsync();
            return await Read(Command(RemovedText, connection, Parameters()), row => row.GetBoolean(0)) is [true];
        });
        if (areCopiesBehind)
        {
            await Do(WaitText, Of(deletion.Id));
            return null;
        }

        return await Do(FinishText, Parameters()) > 0;
    }

    /// <summary>Deletes old entries of the list of deleted persons, of deleted sessions, of the audit log and of
    /// changes.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public async Task Prune()
    {
        await Do(
            PruneText,
            new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.RefuseFor },
            new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.KeepLogFor });
        await Do(ChangesPruneText);
    }

    private Task<int> Do(string statement, params NpgsqlParameter[] parameters) => Try(async () =>
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync();
        await using NpgsqlCommand command = Command(statement, connection, parameters);
        return await command.ExecuteNonQueryAsync();
    });

    private static async Task<T> Try<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception failure) when (PostgresAway.Is(failure))
        {
            throw new SessionsUnavailableException("Persons can't be deleted now.", failure);
        }
    }

    private static async Task<IReadOnlyList<T>> Read<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read)
    {
        await using (command)
        {
            var rows = new List<T>();
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                rows.Add(read(reader));
            }

            return rows;
        }
    }

    private static NpgsqlCommand Command(string statement, NpgsqlConnection connection, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(statement, connection);
        command.Parameters.AddRange(parameters);
        return command;
    }

    private static NpgsqlParameter<Guid> Of(Guid id) => new() { TypedValue = id };

    private static NpgsqlParameter<string> Text(string text) => new() { TypedValue = text };

    private static NpgsqlParameter Texts(IReadOnlyList<string> texts) => Columns.Text(texts, text => text);

    private static NpgsqlParameter<DateTimeOffset> Time(DateTimeOffset time) => new() { TypedValue = time };

    private static NpgsqlParameter<DateOnly> Day(DateOnly day) => new() { TypedValue = day };
}
