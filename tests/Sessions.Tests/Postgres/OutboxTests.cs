using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Domain;
using Sessions.Domain.Webhooks;
using Sessions.Grains;
using Sessions.Postgres;
using Sessions.Postgres.Queries;

namespace Sessions.Tests.Postgres;

/// <summary>The outbox on a real Postgres: what gets into it, and who may take it out when.</summary>
public sealed class OutboxTests(TestPostgres postgres) : IAsyncLifetime
{
    private static readonly SessionRules Rules = new();
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private static readonly EndpointHealth Well = new(0, TimeSpan.Zero, IsGone: false);
    private static readonly DateTimeOffset Now = WholeSeconds(TimeProvider.System.GetUtcNow());
    private readonly JournalOptions _options = new() { Lanes = 1 };
    private readonly TestMeters _meters = new();
    private NpgsqlDataSource _database = null!;
    private WriterDataSource _connections = null!;
    private WebhookedProjects _webhooked = null!;
    private JournalWriter _journal = null!;
    private CheckpointWriter _checkpoints = null!;
    private WebhookDispatch _dispatch = null!;
    private WebhookQueries _webhooks = null!;
    private WebhookDeliveryQueries _deliveries = null!;

    public async ValueTask InitializeAsync()
    {
        string connectionString = await postgres.CreateDatabase();
        _database = NpgsqlDataSource.Create(connectionString);
        await PartitionKeeper.Ensure(_database, DateOnly.FromDateTime(Now.UtcDateTime), CancellationToken.None);
        _connections = WriterDataSource.Create(connectionString, "test", _options);
        _webhooked = new WebhookedProjects(_database, Options.Create(new OutboxOptions()), TimeProvider.System, NullLogger<WebhookedProjects>.Instance);
        WebhookOutbox outbox = new(_webhooked);
        JournalMetrics metrics = new(_meters);
        _journal = new JournalWriter(
            _connections,
            new StuckWriters(_database, Options.Create(_options)),
            outbox,
            new ForgottenPersons(_database, Options.Create(new PersonOptions()), TimeProvider.System, NullLogger<ForgottenPersons>.Instance),
            Options.Create(_options),
            metrics,
            NullLogger<JournalWriter>.Instance);
        _checkpoints = new CheckpointWriter(
            _database, outbox, Options.Create(_options), TimeProvider.System, metrics, NullLogger<CheckpointWriter>.Instance);
        (_dispatch, _webhooks, _deliveries) = (new(_database), new(_database), new(_database));
    }

    public async ValueTask DisposeAsync()
    {
        await _journal.DisposeAsync();
        await _checkpoints.DisposeAsync();
        await _connections.DisposeAsync();
        await _database.DisposeAsync();
        _webhooked.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task A_sessions_start_and_end_are_in_the_outbox_with_the_session_as_it_was()
    {
        (string project, Webhook webhook) = await NewWebhook();
        TestSession session = new(project);

        await Commit(session.Take(Now));
        await Commit(session.Take(Now.AddSeconds(5)));
        await Commit(session.End(EndReason.Reset));

        JsonNode[] told = await PayloadsOf(webhook);
        Assert.Equal(
            [("session.started", 1, "live", 1), ("session.ended", 3, "ended", 2)],
            told.Select(one => (
                (string)one["type"]!, (int)one["version"]!, (string)one["data"]!["status"]!, (int)one["data"]!["$event_count"]!)));
        Assert.Equal("reset", (string)told[1]["data"]!["end_reason"]!);
        Assert.Equal(PropertyJson.Time(Now), (string)told[0]["timestamp"]!);
    }

    [Fact]
    public async Task A_session_that_goes_on_after_its_end_is_resumed_and_ends_again()
    {
        (string project, Webhook webhook) = await NewWebhook();
        TestSession session = new(project);

        await Commit(session.Take(Now));
        await Commit(session.End(EndReason.Idle));
        await Commit(session.Take(Now.AddSeconds(5)));
        await Commit(session.End(EndReason.Idle));

        Assert.Equal(
            ["1 session.started", "2 session.ended", "3 session.resumed", "4 session.ended"],
            (await PayloadsOf(webhook)).Select(one => $"{one["version"]} {one["type"]}"));
    }

    [Fact]
    public async Task Late_events_of_an_ended_session_are_told_with_its_checkpoint_once_however_many_they_are()
    {
        (string project, Webhook webhook) = await NewWebhook();
        TestSession session = new(project);
        await Commit(session.Take(Now.AddDays(-1), receivedAt: Now));
        await Commit(session.Take(Now.AddDays(-1).AddSeconds(1), receivedAt: Now));
        await Commit(session.Take(Now.AddDays(-1).AddSeconds(2), receivedAt: Now));

        _checkpoints.Add(session.Key, session.State!, Rules);
        await _checkpoints.Flush();
        // As after a silo's death, when nobody knows whether it was written.
        _checkpoints.Add(session.Key, session.State!, Rules);
        await _checkpoints.Flush();

        Assert.Equal(
            ["1 session.ended 1", "3 session.amended 3"],
            (await PayloadsOf(webhook)).Select(one => $"{one["version"]} {one["type"]} {one["data"]!["$event_count"]}"));
    }

    [Fact]
    public async Task A_run_that_is_not_written_is_not_told()
    {
        (string project, Webhook webhook) = await NewWebhook();
        TestSession session = new(project);
        Run run = session.Take(Now);
        await Commit(run);

        RunResult twin = await _journal.Append(run with { Chain = new RunChain() });

        Assert.Equal(RunOutcome.Conflict, twin.Outcome);
        Assert.Single(await PayloadsOf(webhook));
    }

    [Fact]
    public async Task Webhooks_are_told_of_what_they_asked_for_and_only_while_they_are_active()
    {
        (string project, Webhook ends) = await NewWebhook("session.ended");
        Webhook sleeping = (await _webhooks.Add(project, new("https://b.example/", ["session.started"], false), "s", 10, default))!;
        (_, Webhook elsewhere) = await NewWebhook();
        TestSession session = new(project);

        await Commit(session.Take(Now));
        await Commit(session.End(EndReason.Reset));

        Assert.Equal(["session.ended"], (await PayloadsOf(ends)).Select(one => (string)one["type"]!));
        Assert.Empty(await PayloadsOf(sleeping));
        Assert.Empty(await PayloadsOf(elsewhere));
    }

    [Fact]
    public async Task Sessions_of_projects_without_webhooks_cost_no_statement()
    {
        await NewWebhook();
        TestSession session = new(postgres.NewProject());
        await using var batch = new NpgsqlBatch();

        new WebhookOutbox(_webhooked).Add(batch.BatchCommands, [session.Take(Now)]);

        Assert.Empty(batch.BatchCommands);
    }

    [Fact]
    public async Task Of_a_session_only_the_first_is_taken_until_it_is_settled_and_others_are_not_held_back()
    {
        (string project, Webhook webhook) = await NewWebhook();
        TestSession one = new(project), other = new(project);
        await Commit(one.Take(Now));
        await Commit(one.End(EndReason.Reset));
        await Commit(other.Take(Now));

        IReadOnlyList<ClaimedDelivery> first = await Claim(webhook);
        IReadOnlyList<ClaimedDelivery> meanwhile = await Claim(webhook);
        await Settle(webhook, first, DeliveryStates.Delivered);
        IReadOnlyList<ClaimedDelivery> second = await Claim(webhook);

        Assert.Equal(["session.started", "session.started"], first.Select(TypeOf));
        Assert.Empty(meanwhile);
        Assert.Equal(["session.ended"], second.Select(TypeOf));
    }

    [Fact]
    public async Task What_failed_waits_and_what_is_behind_it_too_and_a_dead_one_lets_the_next_go_on()
    {
        (string project, Webhook webhook) = await NewWebhook();
        TestSession session = new(project);
        await Commit(session.Take(Now));
        await Commit(session.End(EndReason.Reset));

        await Settle(webhook, await Claim(webhook), DeliveryStates.Pending, TimeSpan.FromHours(1));
        Assert.Empty(await _dispatch.FindDue(default));
        Assert.Empty(await Claim(webhook));

        await Execute("update tracking.webhook_deliveries set due_at = now()");
        await Settle(webhook, await Claim(webhook), DeliveryStates.Dead);
        IReadOnlyList<ClaimedDelivery> next = await Claim(webhook);

        Assert.Equal(["session.ended"], next.Select(TypeOf));
        WebhookDelivery dead = Assert.Single((await _deliveries.GetPage(webhook.Id, DeliveryStates.Dead, null, 10, default)).Deliveries);
        Assert.Equal(("session.started", 2, 500, "answered 500"), (dead.Type, dead.Attempts, dead.Status, dead.Error));
    }

    [Fact]
    public async Task A_dead_one_that_is_sent_again_has_all_its_attempts_again()
    {
        (string project, Webhook webhook) = await NewWebhook();
        await Commit(new TestSession(project).Take(Now));
        IReadOnlyList<ClaimedDelivery> claimed = await Claim(webhook);
        await Settle(webhook, claimed, DeliveryStates.Dead);

        Assert.Equal(0, await _deliveries.Redeliver(postgres.NewProject(), webhook.Id, claimed[0].Id, default));
        Assert.Equal(1, await _deliveries.Redeliver(project, webhook.Id, claimed[0].Id, default));
        Assert.Equal(0, await _deliveries.Redeliver(project, webhook.Id, claimed[0].Id, default));

        ClaimedDelivery again = Assert.Single(await Claim(webhook));
        Assert.Equal((claimed[0].Id, 1, claimed[0].Payload), (again.Id, again.Attempt, again.Payload));
    }

    [Fact]
    public async Task What_one_process_took_and_never_settled_is_anothers_and_the_first_has_nothing_to_say_any_more()
    {
        (string project, Webhook webhook) = await NewWebhook();
        await Commit(new TestSession(project).Take(Now));
        IReadOnlyList<ClaimedDelivery> frozen = await _dispatch.Claim(webhook.Id, 10, TimeSpan.Zero, default);
        IReadOnlyList<ClaimedDelivery> healthy = await Claim(webhook);

        await Settle(webhook, frozen, DeliveryStates.Dead);
        Assert.Equal(DeliveryStates.Pending, (await Only(webhook)).State);
        await Settle(webhook, healthy, DeliveryStates.Delivered);

        Assert.Equal((DeliveryStates.Delivered, 2), ((await Only(webhook)).State, (await Only(webhook)).Attempts));
    }

    [Fact]
    public async Task However_many_take_at_once_each_delivery_is_taken_by_one()
    {
        (string project, Webhook webhook) = await NewWebhook();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Commit(new TestSession(project).Take(Now))));

        IReadOnlyList<ClaimedDelivery>[] taken = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(_ => _dispatch.Claim(webhook.Id, 10, Lease, default)));
        List<ClaimedDelivery> all = [.. taken.SelectMany(some => some), .. await _dispatch.Claim(webhook.Id, 1000, Lease, default)];

        Assert.Equal(200, all.Count);
        Assert.Equal(200, all.Select(one => one.Id).Distinct().Count());
    }

    [Fact]
    public async Task An_endpoint_that_fails_gets_one_at_a_time_and_rests_and_one_that_is_gone_gets_nothing()
    {
        (string project, Webhook webhook) = await NewWebhook();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Commit(new TestSession(project).Take(Now))));

        await Settle(webhook, await _dispatch.Claim(webhook.Id, 1, Lease, default), DeliveryStates.Delivered, health: new(3, TimeSpan.FromHours(1), false));
        Assert.Empty(await _dispatch.FindDue(default));
        await Execute("update tracking.webhooks set rest_until = now()");
        Assert.Equal([new DueWebhook(webhook.Id, 3)], await _dispatch.FindDue(default));
        IReadOnlyList<ClaimedDelivery> probe = await Claim(webhook);
        Assert.Single(probe);

        await Settle(webhook, probe, DeliveryStates.Dead, health: new(4, TimeSpan.Zero, IsGone: true));
        Assert.Empty(await Claim(webhook));
        Webhook gone = (await _webhooks.Get(project, webhook.Id, default))!;
        Assert.Equal((false, true, 3L, 1L), (gone.IsActive, gone.GoneAt is not null, gone.Waiting, gone.Dead));

        await _webhooks.Update(project, webhook.Id, new(null, null, true), default);
        Assert.Equal(3, (await Claim(webhook)).Count);
    }

    [Fact]
    public async Task What_is_settled_is_forgotten_after_its_time_and_what_waits_for_too_long_is_given_up()
    {
        (string project, Webhook webhook) = await NewWebhook();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Commit(new TestSession(project).Take(Now))));
        await Settle(webhook, await _dispatch.Claim(webhook.Id, 2, Lease, default), DeliveryStates.Delivered);
        await Settle(webhook, await _dispatch.Claim(webhook.Id, 2, Lease, default), DeliveryStates.Dead);

        await Execute("update tracking.webhook_deliveries set settled_at = settled_at - interval '2 days', created_at = created_at - interval '4 days'");
        Assert.Equal(2, await _dispatch.Forget(TimeSpan.FromDays(1), TimeSpan.FromDays(30), 100, default));
        Assert.Equal(2, await _dispatch.GiveUpOld(TimeSpan.FromDays(3), 100, default));

        IReadOnlyList<WebhookDelivery> left = (await _deliveries.GetPage(webhook.Id, null, null, 10, default)).Deliveries;
        Assert.Equal(4, left.Count(one => one.State == DeliveryStates.Dead));
        Assert.Equal(2, left.Count(one => one.Error == "it has waited for too long"));
        Assert.Equal(2, await _dispatch.Forget(TimeSpan.FromDays(1), TimeSpan.FromDays(1), 100, default));
    }

    [Fact]
    public async Task Beyond_the_most_that_may_wait_the_oldest_are_given_up()
    {
        (string project, Webhook webhook) = await NewWebhook();
        await Commit(new TestSession(project).Take(Now));
        WebhookDelivery oldest = await Only(webhook);
        await Commit(new TestSession(project).Take(Now));

        WaitingDeliveries waiting = Assert.Single(await _dispatch.GetWaiting(default));
        await _dispatch.GiveUpExcess(webhook.Id, waiting.Count - 1, default);

        Assert.True(waiting.IsThere);
        WebhookDelivery dead = Assert.Single((await _deliveries.GetPage(webhook.Id, DeliveryStates.Dead, null, 10, default)).Deliveries);
        Assert.Equal((oldest.Id, "too many waited"), (dead.Id, dead.Error));
    }

    [Fact]
    public async Task A_webhook_that_is_deleted_takes_its_deliveries_along()
    {
        (string project, Webhook webhook) = await NewWebhook();
        await Commit(new TestSession(project).Take(Now));

        Assert.False(await _webhooks.Delete(postgres.NewProject(), webhook.Id, default));
        Assert.True(await _webhooks.Delete(project, webhook.Id, default));

        Assert.Empty(await _dispatch.GetWaiting(default));
        // What a transaction tells that had read the webhook before it went.
        await Execute($"insert into tracking.webhook_deliveries (webhook_id, id, type, version, payload) values ('{webhook.Id}', '{Guid.CreateVersion7()}', 'x', 1, '')");
        WaitingDeliveries left = Assert.Single(await _dispatch.GetWaiting(default));
        Assert.False(left.IsThere);
        await _webhooks.DeleteLeftBehind(left.Webhook, default);
        Assert.Empty(await _dispatch.GetWaiting(default));
    }

    [Fact]
    public async Task While_a_secret_is_exchanged_both_are_valid()
    {
        (string project, Webhook webhook) = await NewWebhook();
        await Commit(new TestSession(project).Take(Now));

        Assert.NotNull(await _webhooks.Rotate(project, webhook.Id, "new", TimeSpan.FromHours(1), default));
        Assert.Equal(["new", "secret"], Assert.Single(await _dispatch.Claim(webhook.Id, 1, TimeSpan.Zero, default)).Secrets);
        await _webhooks.Rotate(project, webhook.Id, "newer", TimeSpan.Zero, default);

        Assert.Equal(["newer"], Assert.Single(await Claim(webhook)).Secrets);
        Assert.Null(await _webhooks.Rotate(postgres.NewProject(), webhook.Id, "x", TimeSpan.Zero, default));
    }

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

    private static string TypeOf(ClaimedDelivery claimed) => (string)JsonNode.Parse(claimed.Payload)!["type"]!;

    private async Task<(string Project, Webhook Webhook)> NewWebhook(params string[] events)
    {
        string project = postgres.NewProject();
        await Execute($"insert into tracking.projects (project, token, api_key_sha256) values ('{project}', 'token-{project}', '')");
        Webhook webhook = (await _webhooks.Add(
            project, new("https://a.example/hook", events.Length == 0 ? SessionHappenings.Names : events, true), "secret", 10, default))!;
        await _webhooked.Read(default);
        return (project, webhook);
    }

    private async Task Commit(Run run) => Assert.Equal(RunOutcome.Committed, (await _journal.Append(run)).Outcome);

    private Task<IReadOnlyList<ClaimedDelivery>> Claim(Webhook webhook) => _dispatch.Claim(webhook.Id, 10, Lease, default);

    private Task Settle(
        Webhook webhook, IReadOnlyList<ClaimedDelivery> claimed, string state, TimeSpan pause = default, EndpointHealth? health = null) =>
        _dispatch.Settle(
            webhook.Id,
            [.. claimed.Select(one => state == DeliveryStates.Delivered
                ? new SettledDelivery(one, state, pause, 200, null)
                : new SettledDelivery(one, state, pause, 500, "answered 500"))],
            health ?? Well,
            default);

    private async Task<WebhookDelivery> Only(Webhook webhook) =>
        Assert.Single((await _deliveries.GetPage(webhook.Id, null, null, 10, default)).Deliveries);

    private async Task<JsonNode[]> PayloadsOf(Webhook webhook)
    {
        await using NpgsqlCommand select = _database.CreateCommand(
            "select payload from tracking.webhook_deliveries where webhook_id = $1 order by version");
        select.Parameters.AddWithValue(webhook.Id);
        await using NpgsqlDataReader reader = await select.ExecuteReaderAsync();
        List<JsonNode> payloads = [];
        while (await reader.ReadAsync())
        {
            payloads.Add(JsonNode.Parse(reader.GetString(0))!);
        }

        return [.. payloads];
    }

    private async Task Execute(string sql)
    {
        await using NpgsqlCommand command = _database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A session whose runs are numbered as its grain would number them.</summary>
    private sealed class TestSession(string project)
    {
        private readonly RunChain _chain = new();

        public SessionKey Key { get; } = new(project, Guid.CreateVersion7());

        public SessionState? State { get; private set; }

        public Run Take(DateTimeOffset time, DateTimeOffset? receivedAt = null) => Next(new JournalEntry(
            (State?.Number ?? 0) + 1, EntryKind.NamedEvent, Guid.CreateVersion7(), time, receivedAt ?? time, "e", "d", "d", null, null, "{}"u8.ToArray()));

        public Run End(EndReason reason) => Next(JournalEntry.OfEnd(State!.Number + 1, reason, Now, Now));

        private Run Next(JournalEntry entry)
        {
            SessionState? before = State;
            State = SessionFold.Apply(before, entry, EventFacts.None, Rules);
            return new Run
            {
                Chain = _chain,
                Session = Key,
                Born = DateOnly.FromDateTime(Now.UtcDateTime),
                Entries = [entry],
                After = State,
                Rules = Rules,
                Row = before is null ? RowChange.Insert : before.Status != State.Status ? RowChange.Update : RowChange.None,
                Happening = SessionHappenings.Between(before, State),
            };
        }
    }
}
