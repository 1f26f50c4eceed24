using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Sessions.Database.Persons;
using Sessions.Domain;
using Sessions.Domain.Events;
using Sessions.Domain.Folding;
using Sessions.Queries.Webhooks;
using Sessions.Silo.Checkpoints;
using Sessions.Silo.Journal;
using Sessions.Silo.Outbox;
using Sessions.Silo.PersonData;
using Sessions.Silo.Reminders;
using Sessions.Silo.Retention;

namespace Sessions.Tests.Silo;

/// <summary>Tests with an outbox on a real Postgres, and sessions of which it is told.</summary>
public abstract class OutboxOnPostgres(TestPostgres postgres) : IAsyncLifetime
{
    private protected static readonly SessionRules Rules = new();
    private protected static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private static readonly EndpointHealth Well = new(0, TimeSpan.Zero, IsGone: false);
    private protected static readonly DateTimeOffset Now = WholeSeconds(TimeProvider.System.GetUtcNow());
    private readonly JournalOptions _options = new() { Lanes = 1 };
    private WriterDataSource _connections = null!;
    private ReminderRows _reminders = null!;
    private protected WebhookedProjects Webhooked { get; private set; } = null!;
    private protected JournalWriter Journal { get; private set; } = null!;
    private protected CheckpointWriter Checkpoints { get; private set; } = null!;
    private protected WebhookDispatch Dispatch { get; private set; } = null!;
    private protected WebhookQueries Webhooks { get; private set; } = null!;
    private protected WebhookDeliveryQueries Deliveries { get; private set; } = null!;

    private protected NpgsqlDataSource Database { get; private set; } = null!;
    private protected TestMeters Meters { get; } = new();

    private protected TestPostgres Postgres => postgres;

    public async ValueTask InitializeAsync()
    {
        string connectionString = await postgres.CreateDatabase();
        Database = NpgsqlDataSource.Create(connectionString);
        await PartitionKeeper.Ensure(Database, DateOnly.FromDateTime(Now.UtcDateTime), CancellationToken.None);
        _connections = WriterDataSource.Create(connectionString, "test", _options);
        Webhooked = new WebhookedProjects(Database, Options.Create(new OutboxOptions()), TimeProvider.System, NullLogger<WebhookedProjects>.Instance);
        WebhookOutbox outbox = new(Webhooked);
        JournalMetrics metrics = new(Meters);
        Journal = new JournalWriter(
            _connections,
            new StuckWriters(Database, Options.Create(_options)),
            outbox,
            new ForgottenPersons(Database, Options.Create(new PersonOptions()), TimeProvider.System, NullLogger<ForgottenPersons>.Instance),
            _reminders = new(Database, Options.Create(new ClusterOptions { ServiceId = "sessions" }), NullLogger<ReminderRows>.Instance),
            Options.Create(_options),
            metrics,
            NullLogger<JournalWriter>.Instance);
        Checkpoints = new CheckpointWriter(
            Database, outbox, Options.Create(_options), TimeProvider.System, metrics, NullLogger<CheckpointWriter>.Instance);
        (Dispatch, Webhooks, Deliveries) = (new(Database), new(Database), new(Database));
    }

    public async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        await _reminders.DisposeAsync();
        await Checkpoints.DisposeAsync();
        await _connections.DisposeAsync();
        await Database.DisposeAsync();
        Webhooked.Dispose();
        Meters.Dispose();
        GC.SuppressFinalize(this);
    }

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

    private protected static string TypeOf(ClaimedDelivery claimed) => (string)JsonNode.Parse(claimed.Payload)!["type"]!;

    private protected async Task<(string Project, Webhook Webhook)> NewWebhook(params string[] events)
    {
        string project = postgres.NewProject();
        await Execute($"insert into tracking.projects (project, token, api_key_sha256) values ('{project}', 'token-{project}', '')");
        Webhook webhook = (await Webhooks.Add(
            project, new("https://a.example/hook", events.Length == 0 ? SessionHappenings.Names : events, true), "secret", 10, default))!;
        await Webhooked.Read(default);
        return (project, webhook);
    }

    private protected async Task Commit(JournalAppend append) => Assert.Equal(JournalOutcome.Committed, (await Journal.Append(append)).Outcome);

    private protected Task<IReadOnlyList<ClaimedDelivery>> Claim(Webhook webhook) => Dispatch.Claim(webhook.Id, 10, Lease, default);

    private protected Task Settle(
        Webhook webhook, IReadOnlyList<ClaimedDelivery> claimed, string state, TimeSpan pause = default, EndpointHealth? health = null) =>
        Dispatch.Settle(
            webhook.Id,
            [.. claimed.Select(one => state == DeliveryStates.Delivered
                ? new SettledDelivery(one, state, pause, 200, null)
                : new SettledDelivery(one, state, pause, 500, "answered 500"))],
            health ?? Well,
            default);

    private protected async Task<WebhookDelivery> Only(Webhook webhook) =>
        Assert.Single((await Deliveries.GetPage(webhook.Id, null, null, 10, default)).Deliveries);

    private protected async Task<JsonNode[]> PayloadsOf(Webhook webhook)
    {
        await using NpgsqlCommand select = Database.CreateCommand(
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

    private protected async Task Execute(string sql)
    {
        await using NpgsqlCommand command = Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A session whose appends are numbered as its grain would number them.</summary>
    private protected sealed class TestSession(string project)
    {
        private readonly AppendChain _chain = new();

        public SessionKey Key { get; } = new(project, Guid.CreateVersion7());

        public SessionState? State { get; private set; }

        public JournalAppend Take(DateTimeOffset time, DateTimeOffset? receivedAt = null) => Next(new JournalEntry(
            (State?.Number ?? 0) + 1, EntryKind.NamedEvent, Guid.CreateVersion7(), time, receivedAt ?? time, "e", "d", "d", null, null, "{}"u8.ToArray()));

        public JournalAppend End(EndReason reason) => Next(JournalEntry.OfEnd(State!.Number + 1, reason, Now, Now));

        private JournalAppend Next(JournalEntry entry)
        {
            SessionState? before = State;
            State = SessionFold.Apply(before, entry, EventFacts.None, Rules);
            return new JournalAppend
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
