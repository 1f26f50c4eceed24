using Npgsql;
using Sessions.Database.Migrations;

namespace Sessions.Tests.Columns;

/// <summary>The journal's new column in a database that is in use, with processes of an earlier build beside it.</summary>
public sealed class ColumnsMigrationTests(TestPostgres postgres)
{
    private static readonly IReadOnlyList<Migration> All = Migrator.Embedded(typeof(Migrator).Assembly);

    [Fact]
    public async Task Entries_from_before_have_no_transaction_those_after_it_have_and_the_table_is_not_written_anew()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.CreateEmptyDatabase());
        await Migrator.Apply(database, [.. All.Where(migration => migration.Number < 87)], default);
        await Do(database, "select tracking.ensure_partitions('2026-01-15', 0)");
        await Enter(database, "2026-01-15");
        object place = await Ask(database, "select pg_relation_filenode('tracking.journal_20260115')");

        await Migrator.Apply(database, All, default);
        await Enter(database, "2026-01-15");
        await Do(database, "select tracking.ensure_partitions('2026-01-18', 0)");
        await Enter(database, "2026-01-18");

        Assert.Equal(place, await Ask(database, "select pg_relation_filenode('tracking.journal_20260115')"));
        Assert.Equal(1L, await Ask(database, "select count(*) from tracking.journal where xact is null"));
        Assert.Equal(2L, await Ask(database, "select count(*) from tracking.journal where xact < pg_snapshot_xmax(pg_current_snapshot())"));
        Assert.Equal(
            true,
            await Ask(database, "select exists (select from pg_indexes where tablename = 'journal_20260118' and indexdef like '%brin%xact_number%')"));
    }

    [Fact]
    public async Task A_day_that_was_detached_before_can_be_attached_again()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.CreateEmptyDatabase());
        await Migrator.Apply(database, [.. All.Where(migration => migration.Number < 87)], default);
        await Do(database, "select tracking.ensure_partitions('2026-01-15', 0)");
        await Enter(database, "2026-01-15");
        await Do(database, "alter table tracking.journal detach partition tracking.journal_20260115");

        await Migrator.Apply(database, All, default);
        await Do(database, "alter table tracking.journal attach partition tracking.journal_20260115 for values from ('2026-01-15') to ('2026-01-16')");

        Assert.Equal(1L, await Ask(database, "select count(*) from tracking.all_events where project = 'p'"));
    }

    private static Task Enter(NpgsqlDataSource database, string born) => Do(
        database,
        $"""
        insert into tracking.journal (project, session_id, number, born, kind, event_id, time, received_at, event, distinct_id)
        select unnest(array['p']), gen_random_uuid(), 1, '{born}', 0, gen_random_uuid(), now(), now(), 'e', 'x'
        """);

    private static async Task<object> Ask(NpgsqlDataSource database, string sql)
    {
        await using NpgsqlCommand command = database.CreateCommand(sql);
        return (await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private static async Task Do(NpgsqlDataSource database, string sql)
    {
        await using NpgsqlCommand command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
