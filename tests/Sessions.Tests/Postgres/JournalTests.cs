using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Sessions.Domain;
using Sessions.Grains;
using Sessions.Postgres;
using Sessions.Postgres.Queries;

namespace Sessions.Tests.Postgres;

public sealed class JournalTests(TestPostgres postgres) : IAsyncLifetime
{
    private static readonly SessionRules Rules = new();
    private static readonly DateTimeOffset Time = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateOnly Today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
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
    public async Task Runs_that_wait_together_are_all_committed()
    {
        Run[] runs = Enumerable.Range(0, 300).Select(_ => Opening(NewSession())).ToArray();

        RunResult[] results = await Task.WhenAll(runs.Select(_journal.Append));

        Assert.All(results, result => Assert.Equal(RunOutcome.Committed, result.Outcome));
        Assert.Equal(600L, await Count("select count(*) from tracking.journal"));
        Assert.Equal(300L, await Count("select count(*) from tracking.sessions"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(150)]
    [InlineData(299)]
    public async Task One_poisoned_run_fails_alone_wherever_it_sits(int at)
    {
        Run[] runs = Enumerable.Range(0, 300).Select(_ => Opening(NewSession())).ToArray();
        runs[at] = Opening(NewSession(), """{"a":1}""", """{"a":"\u0000"}""", """{"a":1e400000}""");

        RunResult[] results = await Task.WhenAll(runs.Select(_journal.Append));

        Assert.Equal(RunOutcome.Refused, results[at].Outcome);
        Assert.Equal([2, 3], results[at].Refused);
        Assert.Equal(299, results.Count(result => result.Outcome == RunOutcome.Committed));
        Assert.Equal(598L, await Count("select count(*) from tracking.journal"));
    }

    [Fact]
    public async Task Any_number_of_poisoned_events_fail_alone_wherever_they_sit()
    {
        var chance = new Random(17);
        Run[] runs = Enumerable.Range(0, 200)
            .Select(_ => Opening(NewSession(), [.. Enumerable.Range(0, 5).Select(_ => chance.Next(20) == 0 ? """{"a":"\u0000"}""" : "{}")]))
            .ToArray();

        RunResult[] results = await Task.WhenAll(runs.Select(_journal.Append));

        foreach ((Run run, RunResult result) in runs.Zip(results))
        {
            int[] poisoned = [.. run.Entries.Where(entry => entry.Properties.Length > 2).Select(entry => entry.Number)];
            Assert.Equal(poisoned.Length == 0 ? RunOutcome.Committed : RunOutcome.Refused, result.Outcome);
            Assert.Equal(poisoned, result.Refused);
        }
    }

    [Fact]
    public async Task Of_two_activations_of_a_new_session_one_opens_it()
    {
        SessionKey session = NewSession();
        RunResult[] results = await Task.WhenAll(_journal.Append(Opening(session)), _journal.Append(Opening(session)));

        Assert.Equal([RunOutcome.Committed, RunOutcome.Conflict], results.Select(result => result.Outcome).Order());
        Assert.Equal(2L, await Count("select count(*) from tracking.journal"));
    }

    [Fact]
    public async Task Of_two_activations_one_has_the_next_number_and_the_others_later_runs_are_refused()
    {
        SessionKey session = NewSession();
        Run opening = Opening(session);
        await _journal.Append(opening);
        Run winner = Following(opening, new RunChain());
        Run loser = Following(opening, new RunChain());
        Run pipelined = Following(loser, loser.Chain);

        RunResult[] results = await Task.WhenAll(
            _journal.Append(winner), _journal.Append(loser), _journal.Append(pipelined));

        Assert.Equal(
            [RunOutcome.Committed, RunOutcome.Conflict, RunOutcome.Superseded],
            results.Select(result => result.Outcome));
        Assert.True(loser.Chain.IsBroken);
    }

    [Fact]
    public async Task An_end_takes_the_devices_reminder_with_it_and_changes_nothing_else_of_a_row_that_has_all_before_it()
    {
        await using DeviceStore store = Devices();
        SessionKey session = NewSession();
        var device = UserDeviceKey.Create(session.Project, "ending");
        OpenedDevice opened = await Open(store, device, TimeProvider.System.GetUtcNow());
        Run opening = Opening(session);
        await _journal.Append(opening);
        JournalEntry end = JournalEntry.OfEnd(opening.After.Number + 1, EndReason.Idle, Time, Time);
        Run ending = opening with
        {
            Entries = [end],
            After = SessionFold.Apply(opening.After, end, EventFacts.None, Rules),
            Row = RowChange.End,
            Fence = new DeviceCall(device, opened.Epoch, opened.Reminder),
        };

        RunResult stale = await _journal.Append(ending with { Chain = new RunChain(), Fence = new DeviceCall(device, opened.Epoch - 1, opened.Reminder) });
        int? kept = (await Open(store, device)).Reminder;
        RunResult ended = await _journal.Append(ending with { Fence = new DeviceCall(device, opened.Epoch + 1, kept) });

        Assert.Equal((RunOutcome.Fenced, opened.Reminder, RunOutcome.Committed), (stale.Outcome, kept, ended.Outcome));
        Assert.Null((await Open(store, device)).Reminder);
        Assert.Equal(1L, await Count(
            $"select count(*) from tracking.sessions where session_id = '{session.SessionId}' and status = 'ended' and end_reason = 'idle' and number = {end.Number} and event_count = {opening.After.EventCount}"));
    }

    [Fact]
    public async Task A_device_is_opened_with_its_reminder_and_removes_only_the_one_that_it_knows()
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
    public async Task A_replaced_activation_of_a_device_opens_nothing()
    {
        SessionKey session = NewSession();
        var device = UserDeviceKey.Create(session.Project, "someone");
        await using DeviceStore store = Devices();
        long frozen = (await Open(store, device)).Epoch;
        long healthy = (await Open(store, device)).Epoch;

        RunResult refused = await _journal.Append(Opening(session) with { Fence = new DeviceCall(device, frozen) });
        RunResult taken = await _journal.Append(Opening(session) with { Fence = new DeviceCall(device, healthy) });

        Assert.Equal((RunOutcome.Fenced, RunOutcome.Committed), (refused.Outcome, taken.Outcome));
    }

    [Fact]
    public async Task A_writer_frozen_with_its_locks_is_cut_off()
    {
        SessionKey session = NewSession();
        await using NpgsqlConnection frozen = await _connections.Source.OpenConnectionAsync();
        await using NpgsqlTransaction transaction = await frozen.BeginTransactionAsync();
        Run opening = Opening(session);
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
        RunResult first = await _journal.Append(opening);
        RunResult second = await _journal.Append(opening with { Chain = new RunChain() });

        Assert.Equal((RunOutcome.Unavailable, RunOutcome.Committed), (first.Outcome, second.Outcome));
    }

    [Fact]
    public async Task A_silo_frozen_while_it_opens_devices_is_cut_off()
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
    public async Task What_was_written_is_loaded_again_from_the_row_and_the_entries_after_it()
    {
        SessionKey session = NewSession();
        Run opening = Opening(session, """{"$current_url":"https://x.org/a"}""", "{}");
        Run following = Following(opening, opening.Chain);
        await _journal.Append(opening);
        await _journal.Append(following);
        await using var checkpoints = new CheckpointWriter(
            _database, Outbox(), Options.Create(_options), TimeProvider.System, new JournalMetrics(_meters), NullLogger<CheckpointWriter>.Instance);
        await using var store = new SessionStore(_database, checkpoints, NullLogger<SessionStore>.Instance);

        StoredSession stored = (await store.Load(session))!;
        Assert.Equal((2, 1, 3), (stored.Checkpoint!.Number, stored.After.Count, stored.Seen.Count));

        store.Checkpoint(session, following.After, Rules);
        store.Checkpoint(session, opening.After, Rules);
        await checkpoints.Flush();
        stored = (await store.Load(session))!;
        Assert.Equal((3, 0, 3), (stored.Checkpoint!.Number, stored.After.Count, stored.Seen.Count));
        Assert.Null(await store.Load(NewSession()));
    }

    [Fact]
    public async Task What_was_welcome_before_its_person_was_forgotten_is_not_written_and_what_waits_beside_it_is()
    {
        SessionKey session = NewSession();
        Run theirs = Opening(session) with { WelcomeAt = 0 };
        Run others = Opening(NewSession()) with { WelcomeAt = 0 };
        await Forget(session.Project);

        RunResult[] results = await Task.WhenAll(_journal.Append(theirs), _journal.Append(others));

        Assert.Equal([RunOutcome.Conflict, RunOutcome.Committed], results.Select(result => result.Outcome));
        Assert.Equal(0L, await Count($"select count(*) from tracking.journal where session_id = '{session.SessionId}'"));
    }

    [Fact]
    public async Task An_activation_that_remembers_a_forgotten_session_can_neither_go_on_with_it_nor_open_it()
    {
        SessionKey session = NewSession();
        Run opening = Opening(session);
        await _journal.Append(opening);
        PersonDeletion deletion = await Forget(session.Project);

        await new PersonDeletions(_database, Stuck(), Options.Create(new PersonOptions())).TakeOut(deletion, session);
        RunResult goesOn = await _journal.Append(Following(opening, new RunChain()));
        RunResult opens = await _journal.Append(Opening(session));

        Assert.Equal((RunOutcome.Conflict, RunOutcome.Conflict), (goesOn.Outcome, opens.Outcome));
        Assert.Equal(0L, await Count("select count(*) from tracking.sessions"));
        await using var checkpoints = new CheckpointWriter(
            _database, Outbox(), Options.Create(_options), TimeProvider.System, new JournalMetrics(_meters), NullLogger<CheckpointWriter>.Instance);
        await using var store = new SessionStore(_database, checkpoints, NullLogger<SessionStore>.Instance);
        Assert.Equal(3, (await store.Load(session))!.ForgottenUpTo);
    }

    [Fact]
    public async Task A_checkpoint_of_before_does_not_bring_back_what_a_session_lost()
    {
        SessionKey session = NewSession();
        Run opening = Opening(session);
        await _journal.Append(opening);
        await using var checkpoints = new CheckpointWriter(
            _database, Outbox(), Options.Create(_options), TimeProvider.System, new JournalMetrics(_meters), NullLogger<CheckpointWriter>.Instance);
        var recorded = new ReplayState { Start = Time, End = Time, Blocks = 1 };
        PersonDeletion deletion = await Forget(session.Project);
        await new PersonDeletions(_database, Stuck(), Options.Create(new PersonOptions())).TakeOut(deletion, session);

        await checkpoints.WriteNow(session, opening.After with { Number = 9, Replay = recorded, ReplayBlockCount = 1 }, Rules);

        Assert.Equal(0L, await Count("select (select count(*) from tracking.sessions) + (select count(*) from tracking.replays)"));
    }

    [Fact]
    public async Task Without_postgres_runs_are_answered_as_unavailable()
    {
        var nowhere = new NpgsqlConnectionStringBuilder(_connectionString) { Port = 1 };
        await using WriterDataSource connections = WriterDataSource.Create(nowhere.ConnectionString, "nowhere", _options);
        await using var journal = new JournalWriter(connections, Stuck(), Outbox(), Forgotten(), _reminders, Options.Create(_options), new JournalMetrics(_meters), NullLogger<JournalWriter>.Instance);
        Run run = Opening(NewSession());

        Assert.Equal(RunOutcome.Unavailable, (await journal.Append(run)).Outcome);
        Assert.True(run.Chain.IsBroken);
    }

    [Fact]
    public async Task A_device_is_not_opened_for_events_of_who_has_been_forgotten_since_while_others_are()
    {
        SessionKey session = NewSession();
        UserDeviceKey theirs = UserDeviceKey.Create(session.Project, "theirs"), others = UserDeviceKey.Create(session.Project, "others");
        ForgottenPersons forgotten = Forgotten();
        await forgotten.Refresh();
        long before = forgotten.Generation;
        await Forget(session.Project);
        await using DeviceStore store = Devices();

        Task<OpenedDevice?> refused = store.Open(theirs, TimeProvider.System.GetUtcNow(), before);
        Task<OpenedDevice?> taken = store.Open(others, TimeProvider.System.GetUtcNow(), welcomeAt: long.MaxValue);

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
            project, AskedId.Of("d")!, Time, _ => new AuditRecord("a test", null, "api", "person.delete", null, null, "done"), CancellationToken.None))!.Value;
        return new PersonDeletion(id, project, ids, Time);
    }

    private SessionKey NewSession() => new(postgres.NewProject(), Guid.CreateVersion7());

    private static Run Opening(SessionKey session, params string[] properties)
    {
        properties = properties.Length == 0 ? ["{}", "{}"] : properties;
        return Make(session, new RunChain(), null, properties) with { Row = RowChange.Insert };
    }

    private static Run Following(Run run, RunChain chain) => Make(run.Session, chain, run.After, ["{}"]);

    private static Run Make(SessionKey session, RunChain chain, SessionState? state, string[] properties)
    {
        var entries = new List<JournalEntry>();
        foreach (string json in properties)
        {
            var entry = new JournalEntry(
                (state?.Number ?? 0) + 1, EntryKind.NamedEvent, Guid.CreateVersion7(), Time, Time, "e", "d", "d", null, null,
                Encoding.UTF8.GetBytes(json));
            state = SessionFold.Apply(state, entry, EventFacts.None, Rules);
            entries.Add(entry);
        }

        return new Run { Chain = chain, Session = session, Born = Today, Entries = entries, After = state!, Rules = Rules };
    }

    private async Task<long> Count(string sql)
    {
        await using NpgsqlCommand command = _database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<OpenedDevice> Open(DeviceStore store, UserDeviceKey device, DateTimeOffset? reminderDue = null) =>
        (await store.Open(device, reminderDue, welcomeAt: long.MaxValue))!;

    private DeviceStore Devices() => new(
        _database, _reminders, Forgotten(), Options.Create(new ClusterOptions { ServiceId = "sessions" }), NullLogger<DeviceStore>.Instance);
}
