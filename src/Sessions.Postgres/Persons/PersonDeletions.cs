using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Sessions.Domain.Persons;
using Sessions.Grains;

namespace Sessions.Postgres;

/// <summary>Deletions of persons, step by step. What a session loses it loses in <see cref="PersonTakeOut"/>.</summary>
internal sealed class PersonDeletions(
    NpgsqlDataSource database, StuckWriters stuck, IOptions<PersonOptions> options) : IPersonDeletions
{
    private const int SessionsAtOnce = 500;

    // A day of the journal is read from its beginning to its end.
    private const int ReadTimeoutSeconds = 3_600;

    private static readonly TimeSpan WriterPoll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan WriterPatience = TimeSpan.FromSeconds(3);

    private static readonly string TakeText = QueryText.Read("person_deletion_take.sql");
    private static readonly string HoldText = QueryText.Read("person_deletion_hold.sql");
    private static readonly string AtWorkText = QueryText.Read("writers_at_work.sql");
    private static readonly string IdsOfAllText = QueryText.Read("person_ids_of_all.sql");
    private static readonly string SetIdsText = QueryText.Read("person_deletion_ids.sql");
    private static readonly string RefuseText = QueryText.Read("forgotten_add.sql");
    private static readonly string KeyText = QueryText.Read("person_key.sql");
    private static readonly string SessionsText = QueryText.Read("person_sessions_to_delete.sql");
    private static readonly string DaysText = QueryText.Read("journal_days.sql");
    private static readonly string ReadFromText = QueryText.Read("person_day_before.sql");
    private static readonly string SessionsOfDayText = QueryText.Read("person_sessions_of_day.sql");
    private static readonly string PassedText = QueryText.Read("person_day_passed.sql");
    private static readonly string TracesText = QueryText.Read("person_deletion_traces.sql");
    private static readonly string ReleaseIdsText = QueryText.Read("person_release_ids.sql");
    private static readonly string RemoveIdsText = QueryText.Read("person_remove_ids.sql");
    private static readonly string ForgetHeirsText = QueryText.Read("devices_forget_heirs.sql");
    private static readonly string ForgetDevicesText = QueryText.Read("devices_forget.sql");
    private static readonly string FinishText = QueryText.Read("person_deletion_finish.sql");
    private static readonly string PruneText = QueryText.Read("person_prune.sql");

    private readonly PersonTakeOut _takeOut = new(database, stuck);

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

    public Task Hold(Guid deletion) => Do(HoldText, Of(deletion), new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.Lease });

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
                // One that is frozen would hold it up for ever.
                await stuck.CutOff();
                waited = TimeSpan.Zero;
            }

            // Postgres' own time: what is waited for happens there.
            await using NpgsqlCommand sleep = new("select pg_sleep($1)", connection);
            sleep.Parameters.Add(new NpgsqlParameter<double> { TypedValue = WriterPoll.TotalSeconds });
            await sleep.ExecuteNonQueryAsync(stopping);
        }

        return true;
    });

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
        await Refuse(connection, deletion.Project, added, deletion.Until);
        await transaction.CommitAsync();
        return larger;
    });

    public Task<IReadOnlyList<SessionKey>> FindSessions(PersonDeletion deletion, Guid after) => Try(async () =>
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync();
        return await Read(
            Command(
                SessionsText, connection, Text(deletion.Project), Texts(deletion.Ids), Time(deletion.Until), Of(after),
                new NpgsqlParameter<int> { TypedValue = SessionsAtOnce }),
            row => SessionKey.Create(deletion.Project, row.GetGuid(0)));
    });

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

    public Task PassDay(PersonDeletion deletion, DateOnly day) => Do(PassedText, Of(deletion.Id), Day(day));

    public Task TakeOut(PersonDeletion deletion, SessionKey session) => Try(async () =>
    {
        await _takeOut.From(session, deletion);
        return true;
    });

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

    public async Task<bool> TryFinish(PersonDeletion deletion) =>
        await Do(FinishText, Of(deletion.Id), Text(deletion.Project), Texts(deletion.Ids), Time(deletion.Until)) > 0;

    public Task Prune() => Do(
        PruneText,
        new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.RefuseFor },
        new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.KeepLogFor });

    /// <summary>Refuses ids' events up to a time, from this transaction's commit on.</summary>
    internal static async Task Refuse(
        NpgsqlConnection connection, string project, IReadOnlyList<string> ids, DateTimeOffset until)
    {
        await using NpgsqlCommand ask = new(KeyText, connection);
        byte[] key = (byte[])(await ask.ExecuteScalarAsync())!;
        byte[][] marks = [.. ids.Select(id => PersonMark.Of(key, project, id))];
        await Command(
            RefuseText, connection, Text(project), Columns.Of(marks, mark => mark, NpgsqlDbType.Bytea), Time(until)).ExecuteNonQueryAsync();
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
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or IOException)
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
