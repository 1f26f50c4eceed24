using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Sessions.Database.Persons;
using Sessions.Silo.Checkpoints;
using Sessions.Silo.Devices;
using Sessions.Silo.Journal;
using Sessions.Silo.Outbox;
using Sessions.Silo.PersonData;
using Sessions.Silo.Reminders;
using Sessions.Silo.Retention;
using Sessions.Silo.Sessions;

namespace Sessions.Tests.Simulation.Store;

/// <summary>The product's store on Postgres does what grains rely on.</summary>
public sealed class PostgresStoreTests(TestPostgres postgres) : StoreConformance
{
    private protected override async ValueTask<StoreUnderTest> Open()
    {
        string connectionString = await postgres.SharedDatabase();
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        var options = Options.Create(new JournalOptions { Lanes = 1 });
        var cluster = Options.Create(new ClusterOptions { ServiceId = "sessions" });
        var meters = new TestMeters();
        NpgsqlDataSource database = NpgsqlDataSource.Create(connectionString);
        await PartitionKeeper.Ensure(database, DateOnly.FromDateTime(now.UtcDateTime), CancellationToken.None);
        WriterDataSource connections = WriterDataSource.Create(connectionString, "conformance", options.Value);
        var reminders = new ReminderRows(database, cluster, NullLogger<ReminderRows>.Instance);
        var forgotten = new ForgottenPersons(
            database, Options.Create(new PersonOptions()), TimeProvider.System, NullLogger<ForgottenPersons>.Instance);
        var outbox = new WebhookOutbox(new WebhookedProjects(
            database, Options.Create(new OutboxOptions()), TimeProvider.System, NullLogger<WebhookedProjects>.Instance));
        var metrics = new JournalMetrics(meters);
        var journal = new JournalWriter(
            connections, new StuckWriters(database, options), outbox, forgotten, reminders, options, metrics, NullLogger<JournalWriter>.Instance);
        var checkpoints = new CheckpointWriter(database, outbox, options, TimeProvider.System, metrics, NullLogger<CheckpointWriter>.Instance);
        var sessions = new SessionStore(database, checkpoints, NullLogger<SessionStore>.Instance);
        var devices = new DeviceStore(database, reminders, forgotten, cluster, NullLogger<DeviceStore>.Instance);
        return new StoreUnderTest(journal, sessions, devices, checkpoints.Flush, postgres.NewProject, now, async () =>
        {
            await journal.DisposeAsync();
            await sessions.DisposeAsync();
            await devices.DisposeAsync();
            await checkpoints.DisposeAsync();
            await reminders.DisposeAsync();
            await connections.DisposeAsync();
            await database.DisposeAsync();
            meters.Dispose();
        });
    }
}
