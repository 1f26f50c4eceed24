using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Storage;
using Orleans.TestingHost;
using Sessions.Database;
using Sessions.Host.Configuration;
using Sessions.Host.Roles;
using Sessions.Silo;

namespace Sessions.Tests.Database;

/// <summary>Orleans' own providers on this product's SQL statements.</summary>
public sealed class OrleansTablesTests(TestPostgres postgres) : IAsyncLifetime
{
    private InProcessTestCluster? _cluster;

    public async ValueTask InitializeAsync()
    {
        string database = await postgres.CreateDatabase();
        string connectionString = SiloRole.OrleansConnectionString(database, new ClusterSettings(), "test");
        InProcessTestClusterBuilder builder = new(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.UseSystemTextJsonGrainStorageSerializer();
            silo.Services.AddSessionsDatabase(database);
            silo.AddSessionsReminders();
            silo.AddAdoNetGrainStorageAsDefault((AdoNetGrainStorageOptions options) =>
                (options.Invariant, options.ConnectionString, options.DeleteStateOnClear) = (SiloRole.Invariant, connectionString, true));
            silo.AddAdoNetGrainStorage("kept", (AdoNetGrainStorageOptions options) =>
                (options.Invariant, options.ConnectionString) = (SiloRole.Invariant, connectionString));
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync() => await _cluster!.DisposeAsync();

    private IServiceProvider Services => _cluster!.GetSiloServiceProvider(_cluster.Silos[0].SiloAddress);

    [Fact]
    public async Task A_state_is_written_read_and_cleared()
    {
        IGrainStorage storage = Services.GetRequiredService<IGrainStorage>();
        GrainId grain = GrainId.Create("thing", "d~some project~some device");
        GrainState<Note> written = new() { State = new Note("one") };

        await storage.WriteStateAsync("note", grain, written);
        written.State = new Note("two");
        await storage.WriteStateAsync("note", grain, written);
        Assert.Equal("two", (await Read(storage, grain)).State!.Text);

        await storage.ClearStateAsync("note", grain, written);
        Assert.False((await Read(storage, grain)).RecordExists);
    }

    [Fact]
    public async Task A_cleared_state_can_be_written_again_where_its_row_is_kept()
    {
        IGrainStorage storage = Services.GetRequiredKeyedService<IGrainStorage>("kept");
        GrainId grain = GrainId.Create("thing", "d~kept");
        GrainState<Note> state = new() { State = new Note("one") };
        await storage.WriteStateAsync("note", grain, state);
        await storage.ClearStateAsync("note", grain, state);
        GrainState<Note> later = await Read(storage, grain);
        later.State = new Note("two");

        await storage.WriteStateAsync("note", grain, later);

        Assert.Equal("two", (await Read(storage, grain)).State!.Text);
    }

    [Fact]
    public async Task Of_many_simultaneous_first_writes_one_succeeds_and_the_others_fail_with_a_conflict()
    {
        IGrainStorage storage = Services.GetRequiredService<IGrainStorage>();
        GrainId grain = GrainId.Create("thing", "d~twins");

        bool[] won = await Task.WhenAll(Enumerable.Range(0, 8).Select(async n =>
        {
            try
            {
                await storage.WriteStateAsync("note", grain, new GrainState<Note> { State = new Note($"{n}") });
                return true;
            }
            catch (InconsistentStateException)
            {
                return false;
            }
        }));

        Assert.Single(won, true);
        Assert.True((await Read(storage, grain)).RecordExists);
    }

    [Fact]
    public async Task A_write_with_an_old_version_is_refused()
    {
        IGrainStorage storage = Services.GetRequiredService<IGrainStorage>();
        GrainId grain = GrainId.Create("thing", "d~stale");
        await storage.WriteStateAsync("note", grain, new GrainState<Note> { State = new Note("one") });
        GrainState<Note> mine = await Read(storage, grain);
        GrainState<Note> theirs = await Read(storage, grain);
        await storage.WriteStateAsync("note", grain, theirs);

        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("note", grain, mine));
    }

    [Fact]
    public async Task Reminders_are_kept_replaced_found_by_range_and_removed_by_version()
    {
        IReminderTable table = Services.GetRequiredService<IReminderTable>();
        GrainId grain = GrainId.Create("device", "d~reminded");
        DateTime due = new(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        ReminderEntry entry = new() { GrainId = grain, ReminderName = "idle", StartAt = due, Period = TimeSpan.FromMinutes(1) };

        string? first = await table.UpsertRow(entry);
        string? second = await table.UpsertRow(entry);
        ReminderEntry? read = await table.ReadRow(grain, "idle");
        ReminderTableData wrapped = await table.ReadRows(0x8000_0000, 0x7fff_ffff);
        uint hash = grain.GetUniformHashCode();

        Assert.NotEqual(first, second);
        Assert.Equal((due, TimeSpan.FromMinutes(1)), (read!.StartAt, read.Period));
        Assert.Single((await table.ReadRows(grain)).Reminders);
        Assert.Contains(wrapped.Reminders, found => found.GrainId == grain);
        Assert.Single((await table.ReadRows(hash - 1, hash)).Reminders, found => found.GrainId == grain);
        Assert.DoesNotContain((await table.ReadRows(hash, hash + 1)).Reminders, found => found.GrainId == grain);
        Assert.False(await table.RemoveRow(grain, "idle", first!));
        Assert.True(await table.RemoveRow(grain, "idle", second!));
        Assert.Empty((await table.ReadRows(grain)).Reminders);
    }

    [Fact]
    public async Task Overdue_reminders_of_a_range_of_grains_are_returned_for_an_immediate_tick()
    {
        IReminderTable table = Services.GetRequiredService<IReminderTable>();
        GrainId missed = GrainId.Create("device", "d~missed");
        GrainId late = GrainId.Create("device", "d~late");
        DateTime now = TimeProvider.System.GetUtcNow().UtcDateTime;
        await table.UpsertRow(new() { GrainId = missed, ReminderName = "idle", StartAt = now.AddMinutes(-5), Period = TimeSpan.FromMinutes(1) });
        await table.UpsertRow(new() { GrainId = late, ReminderName = "idle", StartAt = now.AddSeconds(30), Period = TimeSpan.FromMinutes(1) });

        ReminderTableData due = await table.ReadRows(0, 0);

        // Orleans takes a time that has passed for a tick that was missed, and waits for the next period.
        Assert.InRange(due.Reminders.Single(found => found.GrainId == missed).StartAt, now, now.AddSeconds(30));
        Assert.DoesNotContain(due.Reminders, found => found.GrainId == late);
        Assert.NotNull(await table.ReadRow(late, "idle"));
    }

    [Fact]
    public async Task Many_reminders_written_at_once_each_get_a_version_of_their_own()
    {
        IReminderTable table = Services.GetRequiredService<IReminderTable>();
        ReminderEntry[] entries =
        [
            .. Enumerable.Range(0, 300).Select(i => new ReminderEntry
            {
                GrainId = GrainId.Create("device", $"d~many-{i % 200}"),
                ReminderName = "idle",
                StartAt = TimeProvider.System.GetUtcNow().UtcDateTime,
                Period = TimeSpan.FromMinutes(1),
            }),
        ];

        string?[] versions = await Task.WhenAll(entries.Select(entry => table.UpsertRow(entry)));
        bool[] removed = await Task.WhenAll(entries.Select((entry, i) => table.RemoveRow(entry.GrainId, "idle", versions[i]!)));

        // A hundred were written twice: their first versions are gone.
        Assert.Equal(100, versions.Count(version => version == "1"));
        Assert.Equal(200, removed.Count(done => done));
    }

    private static async Task<GrainState<Note>> Read(IGrainStorage storage, GrainId grain)
    {
        GrainState<Note> state = new();
        await storage.ReadStateAsync("note", grain, state);
        return state;
    }

    public sealed record Note(string Text)
    {
        // Orleans hands out an empty state where there is none.
        public Note()
            : this("")
        {
        }
    }
}
