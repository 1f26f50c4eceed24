using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Sessions.Database;
using Sessions.Database.Persons;
using Sessions.Domain;
using Sessions.Domain.Devices;
using Sessions.Domain.Events;
using Sessions.Domain.Folding;
using Sessions.Queries.Persons;
using Sessions.Silo.Checkpoints;
using Sessions.Silo.Devices;
using Sessions.Silo.Journal;
using Sessions.Silo.Outbox;
using Sessions.Silo.PersonData;
using Sessions.Silo.Reminders;
using Sessions.Silo.Retention;
using Sessions.Silo.Sessions;
using static Sessions.Tests.Silo.TestAppends;

namespace Sessions.Tests.Silo;

public sealed class JournalTests(TestPostgres postgres) : IAsyncLifetime
{
    private static readonly SessionRules Rules = new();
    private readonly JournalOptions _options = new() { Lanes = 1, LockTimeoutSeconds = 0.2 };
    private readonly TestMeters _meters = new();
    private string _connectionString = "";
    private NpgsqlDataSource _database = null!;
    private WriterDataSource _connections = null!;
    private ReminderRows _reminders = null!;
    private JournalWriter _journal = null!;

    public async ValueTask InitializeAsync()
    {
        _connectionString = await postgres.CreateDatabase();
        _database = NpgsqlDataSource.Create(_connectionString);
        await PartitionKeeper.Ensure(_database, Today, CancellationToken.None);
        _connections = WriterDataSource.Create(_connectionString, "test", _options);
        _reminders = new(_database, Options.Create(new ClusterOptions { ServiceId = "sessions" }), NullLogger<ReminderRows>.Instance);
        _journal = new JournalWriter(_connections, Stuck(), Outbox(), Forgotten(), _reminders, Options.Create(_options), new JournalMetrics(_meters), NullLogger<JournalWriter>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _journal.DisposeAsync();
        await _reminders.DisposeAsync();
        await _connections.DisposeAsync();
        await _database.DisposeAsync();
        _meters.Dispose();
    }

    [Fact]
    public async Task Appends_that_are_pending_together_are_all_committed()
    {
        JournalAppend[] appends = Enumerable.Range(0, 300).Select(_ => Opening(NewSession())).ToArray();

        JournalResult[] results = await Task.WhenAll(appends.Select(_journal.Append));

        Assert.All(results, result => Assert.Equal(JournalOutcome.Committed, result.Outcome));
        Assert.Equal(600L, await Count("select count(*) from tracking.journal"));
        Assert.Equal(300L, await Count("select count(*) from tracking.sessions"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(150)]
    [InlineData(299)]
    public async Task One_append_that_Postgres_refuses_fails_alone_at_any_position_in_its_batch(int at)
    {
        JournalAppend[] appends = Enumerable.Range(0, 300).Select(_ => Opening(NewSession())).ToArray();
        appends[at] = Opening(NewSession(), """{"a":1}""", """{"a":"\u0000"}""", """{"a":1e400000}""");

        JournalResult[] results = await Task.WhenAll(appends.Select(_journal.Append));

        Assert.Equal(JournalOutcome.Refused, results[at].Outcome);
        Assert.Equal([2, 3], results[at].Refused);
        Assert.Equal(299, results.Count(result => result.Outcome == JournalOutcome.Committed));
        Assert.Equal(598L, await Count("select count(*) from tracking.journal"));
    }

    [Fact]
    public async Task Any_number_of_refused_events_fail_alone_at_any_position_in_their_batch()
    {
        var chance = new Random(17);
        JournalAppend[] appends = Enumerable.Range(0, 200)
            .Select(_ => Opening(NewSession(), [.. Enumerable.Range(0, 5).Select(_ => chance.Next(20) == 0 ? """{"a":"\u0000"}""" : "{}")]))
            .ToArray();

        JournalResult[] results = await Task.WhenAll(appends.Select(_journal.Append));

        foreach ((JournalAppend append, JournalResult result) in appends.Zip(results))
        {
            int[] poisoned = [.. append.Entries.Where(entry => entry.Properties.Length > 2).Select(entry => entry.Number)];
            Assert.Equal(poisoned.Length == 0 ? JournalOutcome.Committed : JournalOutcome.Refused, result.Outcome);
            Assert.Equal(poisoned, result.Refused);
        }
    }

    [Fact]
    public async Task Only_one_of_two_activations_opens_a_new_session()
    {
        SessionKey session = NewSession();
        JournalResult[] results = await Task.WhenAll(_journal.Append(Opening(session)), _journal.Append(Opening(session)));

        Assert.Equal([JournalOutcome.Committed, JournalOutcome.Conflict], results.Select(result => result.Outcome).Order());
        Assert.Equal(2L, await Count("select count(*) from tracking.journal"));
    }

    [Fact]
    public async Task Only_one_of_two_activations_gets_the_next_number_and_later_appends_of_the_other_are_refused()
    {
        SessionKey session = NewSession();
        JournalAppend opening = Opening(session);
        await _journal.Append(opening);
        JournalAppend winner = Following(opening, new AppendChain());
        JournalAppend loser = Following(opening, new AppendChain());
        JournalAppend pipelined = Following(loser, loser.Chain);

        JournalResult[] results = await Task.WhenAll(
            _journal.Append(winner), _journal.Append(loser), _journal.Append(pipelined));

        Assert.Equal(
            [JournalOutcome.Committed, JournalOutcome.Conflict, JournalOutcome.Superseded],
            results.Select(result => result.Outcome));
        Assert.True(loser.Chain.IsBroken);
    }

    [Fact]
    public async Task Ending_a_checkpointed_session_updates_only_the_end_columns_and_removes_the_reminder()
    {
        await using DeviceStore store = Devices();
        SessionKey session = NewSession();
        var device = UserDeviceKey.Create(session.Project, "ending");
        OpenedDevice opened = await Open(store, device, TimeProvider.System.GetUtcNow());
        JournalAppend opening = Opening(session);
        await _journal.Append(opening);
        JournalEntry end = JournalEntry.OfEnd(opening.After.Number + 1, EndReason.Idle, Time, Time);
        JournalAppend ending = opening with
        {
            Entries = [end],
            After = SessionFold.Apply(opening.After, end, EventFacts.None, Rules),
            Row = RowChange.End,
            Fence = new DeviceEpoch(device, opened.Epoch, opened.Reminder),
        };

        JournalResult stale = await _journal.Append(ending with { Chain = new AppendChain(), Fence = new DeviceEpoch(device, opened.Epoch - 1, opened.Reminder) });
        int? kept = (await Open(store, device)).Reminder;
        JournalResult ended = await _journal.Append(ending with { Fence = new DeviceEpoch(device, opened.Epoch + 1, kept) });

        Assert.Equal((JournalOutcome.Fenced, opened.Reminder, JournalOutcome.Committed), (stale.Outcome, kept, ended.Outcome));
        Assert.Null((await Open(store, device)).Reminder);
        Assert.Equal(1L, await Count(
            $"select count(*) from tracking.sessions where session_id = '{session.SessionId}' and status = 'ended' and end_reason = 'idle' and number = {end.Number} and event_count = {opening.After.EventCount}"));
    }

    [Fact]
    public async Task Opening_a_device_registers_or_reads_its_reminder_and_only_the_known_version_is_removed()
    {
        await using DeviceStore store = Devices();
        var device = UserDeviceKey.Create(NewSession().Project, "reminded");
        DateTimeOffset due = TimeProvider.System.GetUtcNow().AddHours(1);

        int? none = (await Open(store, device)).Reminder;
        int? first = (await Open(store, device, due)).Reminder;
        int? read = (await Open(store, device)).Reminder;
        int second = await store.Remind(device, due);
        await store.RemindNoMore(device, first!.Value);
        int? left = (await Open(store, device)).Reminder;
        await store.RemindNoMore(device, second);

        Assert.Null(none);
        Assert.Equal((first, second, second), (read, left, first + 1));
        Assert.Null((await Open(store, device)).Reminder);
    }

    [Fact]
    public async Task A_replaced_activation_of_a_device_cannot_open_a_session()
    {
        SessionKey session = NewSession();
        var device = UserDeviceKey.Create(session.Project, "someone");
        await using DeviceStore store = Devices();
        long frozen = (await Open(store, device)).Epoch;
        long healthy = (await Open(store, device)).Epoch;

        JournalResult refused = await _journal.Append(Opening(session) with { Fence = new DeviceEpoch(device, frozen) });
        JournalResult taken = await _journal.Append(Opening(session) with { Fence = new DeviceEpoch(device, healthy) });

        Assert.Equal((JournalOutcome.Fenced, JournalOutcome.Committed), (refused.Outcome, taken.Outcome));
    }

    [Fact]
    public async Task A_frozen_writer_that_holds_locks_is_disconnected()
    {
        SessionKey session = NewSession();
        await using NpgsqlConnection frozen = await _connections.Source.OpenConnectionAsync();
        await using NpgsqlTransaction transaction = await frozen.BeginTransactionAsync();
        JournalAppend opening = Opening(session);
        await using (NpgsqlCommand insert = new(
            """
            insert into tracking.journal (project, session_id, number, born, kind, event_id, time, received_at, event, distinct_id)
            values ($1, $2, 1, $3, 0, $2, now(), now(), 'e', 'd')
            """, frozen, transaction))
        {
            insert.Parameters.AddWithValue(session.Project);
            insert.Parameters.AddWithValue(session.SessionId);
            insert.Parameters.AddWithValue(Today);
            await insert.ExecuteNonQueryAsync();
        }

        // The first attempt waits in vain and has the frozen one cut off; the next goes through.
        JournalResult first = await _journal.Append(opening);
        JournalResult second = await _journal.Append(opening with { Chain = new AppendChain() });

        Assert.Equal((JournalOutcome.Unavailable, JournalOutcome.Committed), (first.Outcome, second.Outcome));
    }

    [Fact]
    public async Task A_silo_that_freezes_while_it_opens_devices_is_disconnected()
    {
        UserDeviceKey device = UserDeviceKey.Create(postgres.NewProject(), "someone");
        await using ServiceProvider services = new ServiceCollection()
            .AddSessionsDatabase(_connectionString, "frozen").BuildServiceProvider();
        await using NpgsqlConnection frozen = await services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        await using NpgsqlTransaction transaction = await frozen.BeginTransactionAsync();
        await using (NpgsqlCommand open = new(
            "insert into tracking.devices (project, device_key, epoch) values ($1, $2, 1)", frozen, transaction))
        {
            open.Parameters.AddWithValue(device.Project);
            open.Parameters.AddWithValue(device.Device);
            await open.ExecuteNonQueryAsync();
        }

        await using DeviceStore store = Devices();
        Task<OpenedDevice> opened = Open(store, device);
        while (!opened.IsCompleted)
        {
            // What a silo does when membership says that another is dead.
            await Stuck().CutOff();
        }

        Assert.True((await opened).Epoch > 0);
    }

    [Fact]
    public async Task A_session_is_loaded_from_its_row_and_the_entries_after_it()
    {
        SessionKey session = NewSession();
        JournalAppend opening = Opening(session, """{"$current_url":"https://x.org/a"}""", "{}");
        JournalAppend following = Following(opening, opening.Chain);
        await _journal.Append(opening);
        await _journal.Append(following);
        await using var checkpoints = new CheckpointWriter(
            _database, Outbox(), Options.Create(_options), TimeProvider.System, new JournalMetrics(_meters), NullLogger<CheckpointWriter>.Instance);
        await using var store = new SessionStore(_database, checkpoints, NullLogger<SessionStore>.Instance);

        StoredSession stored = (await store.Load(session))!;
        Assert.Equal((2, 1, 3), (stored.Checkpoint!.Number, stored.After.Count, stored.Seen.Count));

        store.Checkpoint(session, following.After, Rules, history: null);
        store.Checkpoint(session, opening.After, Rules, history: null);
        await checkpoints.Flush();
        stored = (await store.Load(session))!;
        Assert.Equal((3, 0, 3), (stored.Checkpoint!.Number, stored.After.Count, stored.Seen.Count));
        Assert.Null(await store.Load(NewSession()));
    }

    [Fact]
    public async Task An_append_accepted_before_its_person_was_deleted_is_refused_and_others_in_its_batch_commit()
    {
        SessionKey session = NewSession();
        JournalAppend theirs = Opening(session) with { ErasureGeneration = 0 };
        JournalAppend others = Opening(NewSession()) with { ErasureGeneration = 0 };
        await Forget(session.Project);

        JournalResult[] results = await Task.WhenAll(_journal.Append(theirs), _journal.Append(others));

        Assert.Equal([JournalOutcome.Conflict, JournalOutcome.Committed], results.Select(result => result.Outcome));
        Assert.Equal(0L, await Count($"select count(*) from tracking.journal where session_id = '{session.SessionId}'"));
    }

    [Fact]
    public async Task An_activation_with_a_deleted_session_in_memory_can_neither_continue_nor_open_it()
    {
        SessionKey session = NewSession();
        JournalAppend opening = Opening(session);
        await _journal.Append(opening);
        PersonDeletion deletion = await Forget(session.Project);

        await new SessionErasure(_database, Stuck()).Erase(session, deletion);
        JournalResult goesOn = await _journal.Append(Following(opening, new AppendChain()));
        JournalResult opens = await _journal.Append(Opening(session));

        Assert.Equal((JournalOutcome.Conflict, JournalOutcome.Conflict), (goesOn.Outcome, opens.Outcome));
        Assert.Equal(0L, await Count("select count(*) from tracking.sessions"));
        await using var checkpoints = new CheckpointWriter(
            _database, Outbox(), Options.Create(_options), TimeProvider.System, new JournalMetrics(_meters), NullLogger<CheckpointWriter>.Instance);
        await using var store = new SessionStore(_database, checkpoints, NullLogger<SessionStore>.Instance);
        Assert.Equal(3, (await store.Load(session))!.ForgottenUpTo);
    }

    [Fact]
    public async Task A_checkpoint_from_before_a_deletion_does_not_restore_deleted_events()
    {
        SessionKey session = NewSession();
        JournalAppend opening = Opening(session);
        await _journal.Append(opening);
        await using var checkpoints = new CheckpointWriter(
            _database, Outbox(), Options.Create(_options), TimeProvider.System, new JournalMetrics(_meters), NullLogger<CheckpointWriter>.Instance);
        var recorded = new ReplayState { Start = Time, End = Time, Blocks = 1 };
        PersonDeletion deletion = await Forget(session.Project);
        await new SessionErasure(_database, Stuck()).Erase(session, deletion);

        await checkpoints.WriteNow(session, opening.After with { Number = 9, Replay = recorded, ReplayBlockCount = 1 }, Rules);

        Assert.Equal(0L, await Count("select (select count(*) from tracking.sessions) + (select count(*) from tracking.replays)"));
    }

    [Fact]
    public async Task Appends_without_Postgres_are_answered_as_unavailable()
    {
        var nowhere = new NpgsqlConnectionStringBuilder(_connectionString) { Port = 1 };
        await using WriterDataSource connections = WriterDataSource.Create(nowhere.ConnectionString, "nowhere", _options);
        await using var journal = new JournalWriter(connections, Stuck(), Outbox(), Forgotten(), _reminders, Options.Create(_options), new JournalMetrics(_meters), NullLogger<JournalWriter>.Instance);
        JournalAppend append = Opening(NewSession());

        Assert.Equal(JournalOutcome.Unavailable, (await journal.Append(append)).Outcome);
        Assert.True(append.Chain.IsBroken);
    }

    [Fact]
    public async Task Events_from_before_a_deletion_do_not_open_the_deleted_persons_device_and_open_other_devices()
    {
        SessionKey session = NewSession();
        UserDeviceKey theirs = UserDeviceKey.Create(session.Project, "theirs"), others = UserDeviceKey.Create(session.Project, "others");
        ForgottenPersons forgotten = Forgotten();
        await forgotten.Refresh();
        long before = forgotten.Generation;
        await Forget(session.Project);
        await using DeviceStore store = Devices();

        Task<OpenedDevice?> refused = store.Open(theirs, TimeProvider.System.GetUtcNow(), before);
        Task<OpenedDevice?> taken = store.Open(others, TimeProvider.System.GetUtcNow(), erasureGeneration: long.MaxValue);

        Assert.NotNull(await taken);
        Assert.Null(await refused);
        Assert.Equal(0, await store.EpochOf(theirs));
        Assert.Null((await Open(store, theirs)).Reminder);
    }

    private WebhookOutbox Outbox() => new(new WebhookedProjects(
        _database, Options.Create(new OutboxOptions()), TimeProvider.System, NullLogger<WebhookedProjects>.Instance));

    private ForgottenPersons Forgotten() =>
        new(_database, Options.Create(new PersonOptions()), TimeProvider.System, NullLogger<ForgottenPersons>.Instance);

    private StuckWriters Stuck() => new(_database, Options.Create(_options));

    /// <summary>Asks for the deletion of the person whose events these tests write.</summary>
    private async Task<PersonDeletion> Forget(string project)
    {
        (Guid id, IReadOnlyList<string> ids) = (await new PersonQueries(_database, Options.Create(new PersonOptions())).Delete(
            project, RequestedId.Of("d")!, Time, _ => new AuditRecord("a test", null, "api", "person.delete", null, null, "done"), CancellationToken.None))!.Value;
        return new PersonDeletion(id, project, ids, Time);
    }

    private SessionKey NewSession() => new(postgres.NewProject(), Guid.CreateVersion7());

    private async Task<long> Count(string sql)
    {
        await using NpgsqlCommand command = _database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<OpenedDevice> Open(DeviceStore store, UserDeviceKey device, DateTimeOffset? reminderDue = null) =>
        (await store.Open(device, reminderDue, erasureGeneration: long.MaxValue))!;

    private DeviceStore Devices() => new(
        _database, _reminders, Forgotten(), Options.Create(new ClusterOptions { ServiceId = "sessions" }), NullLogger<DeviceStore>.Instance);
}
