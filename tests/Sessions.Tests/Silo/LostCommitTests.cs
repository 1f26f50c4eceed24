using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Sessions.Database.Connections;
using Sessions.Database.Persons;
using Sessions.Domain;
using Sessions.Domain.Folding;
using Sessions.Silo.Checkpoints;
using Sessions.Silo.Journal;
using Sessions.Silo.Outbox;
using Sessions.Silo.PersonData;
using Sessions.Silo.Reminders;
using Sessions.Silo.Retention;
using Sessions.Tests.Database;
using static Sessions.Tests.Silo.TestAppends;

namespace Sessions.Tests.Silo;

/// <summary>
/// A connection leads to another server, which may lack what memory knows. What continues that knowledge is not written
/// there, though the silo learns of the change only while it connects to write it.
/// </summary>
public sealed class LostCommitTests(TestPostgres postgres) : IAsyncLifetime
{
    private static readonly SessionRules Rules = new();
    private readonly JournalOptions _options = new() { Lanes = 1, CheckpointSeconds = 10 };
    private readonly HistoryWatch _history = new(NullLogger<HistoryWatch>.Instance);
    private readonly TestMeters _meters = new();
    private string _connectionString = "";
    private string _promoted = "";
    private NpgsqlDataSource _database = null!;

    public async ValueTask InitializeAsync()
    {
        string database = _connectionString = await postgres.CreateDatabase();
        _database = NpgsqlDataSource.Create(database);
        await PartitionKeeper.Ensure(_database, Today, CancellationToken.None);
        string before = await OtherServer.Make(database, "before");
        _promoted = await OtherServer.Make(database, "promoted", timeline: 2);
        await using NpgsqlDataSource source = PostgresAddress.CreateSource(new NpgsqlConnectionStringBuilder(before), _history);
        await using NpgsqlConnection connection = await source.OpenConnectionAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _meters.Dispose();
    }

    [Fact]
    public async Task An_append_that_continues_another_history_is_not_written_and_others_in_its_batch_are()
    {
        await using WriterDataSource connections = WriterDataSource.Create(_promoted, "test", _options, _history);
        await using ReminderRows reminders = new(_database, Options.Create(new ClusterOptions { ServiceId = "sessions" }), NullLogger<ReminderRows>.Instance);
        await using JournalWriter journal = new(
            connections,
            new StuckWriters(_database, Options.Create(_options)),
            Outbox(),
            new ForgottenPersons(_database, Options.Create(new PersonOptions()), TimeProvider.System, NullLogger<ForgottenPersons>.Instance),
            reminders,
            Options.Create(_options),
            new JournalMetrics(_meters),
            NullLogger<JournalWriter>.Instance);
        JournalAppend old = Opening(NewSession()) with { Chain = new AppendChain(_history.Current) };
        JournalAppend other = Opening(NewSession());

        JournalResult[] results = await Task.WhenAll(journal.Append(old), journal.Append(other));

        Assert.Equal([JournalOutcome.Superseded, JournalOutcome.Committed], results.Select(result => result.Outcome));
        Assert.Equal(1L, await Count("select count(*) from tracking.sessions"));
    }

    [Fact]
    public async Task A_checkpoint_of_another_history_does_not_change_the_row()
    {
        JournalAppend opening = Opening(NewSession());
        await using NpgsqlDataSource promoted = PostgresAddress.CreateSource(new NpgsqlConnectionStringBuilder(_promoted), _history);
        await using CheckpointWriter checkpoints = new(
            promoted, Outbox(), Options.Create(_options), TimeProvider.System, new JournalMetrics(_meters), NullLogger<CheckpointWriter>.Instance);
        await Write(opening);

        checkpoints.Add(opening.Session, opening.After with { Number = 9 }, Rules, _history.Current);
        await checkpoints.Flush();
        Assert.Equal(0L, await Count("select count(*) from tracking.sessions where number = 9"));

        checkpoints.Add(opening.Session, opening.After with { Number = 9 }, Rules, _history.Current);
        await checkpoints.Flush();
        Assert.Equal(1L, await Count("select count(*) from tracking.sessions where number = 9"));
    }

    /// <summary>Writes an append past the watch, as another silo does.</summary>
    private async Task Write(JournalAppend append)
    {
        await using WriterDataSource connections = WriterDataSource.Create(_connectionString, "test", _options);
        await using ReminderRows reminders = new(_database, Options.Create(new ClusterOptions { ServiceId = "sessions" }), NullLogger<ReminderRows>.Instance);
        await new JournalTransaction(connections, new StuckWriters(_database, Options.Create(_options)), Outbox(), reminders, _options)
            .Commit([append], erasureGeneration: long.MaxValue);
    }

    private WebhookOutbox Outbox() => new(new WebhookedProjects(
        _database, Options.Create(new OutboxOptions()), TimeProvider.System, NullLogger<WebhookedProjects>.Instance));

    private SessionKey NewSession() => new(postgres.NewProject(), Guid.CreateVersion7());

    private async Task<long> Count(string sql)
    {
        await using NpgsqlCommand command = _database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
