using Npgsql;
using Sessions.Columns.Files;

namespace Sessions.Tests.Columns;

/// <summary>The tables of DuckDB are those of Postgres, whatever is written, and in whatever order it is committed.</summary>
public sealed class CatchUpTests(TestPostgres postgres)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Random_traffic_of_overlapping_transactions_gives_the_rows_of_the_views(int seed)
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        await using RandomTraffic traffic = new(columns.Database, columns.Project, new Random(seed));
        for (int step = 0; step < 30; step++)
        {
            await traffic.Step();
        }

        await columns.AssertEqualsPostgres();
        for (int step = 0; step < 250; step++)
        {
            await traffic.Step();
            if (step % 3 == 0)
            {
                await columns.AssertEqualsPostgres();
            }
        }

        await traffic.Finish();
        await columns.AssertEqualsPostgres();
        await columns.Restart();
        await columns.AssertEqualsPostgres();
        Assert.True(await (await columns.Open.Take(columns.Project, default))!.Rewrite(mustBeClean: true));
        await columns.AssertEqualsPostgres();
    }

    [Fact]
    public async Task Days_that_leave_the_journal_and_come_back_leave_and_come_back()
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        await using RandomTraffic traffic = new(columns.Database, columns.Project, new Random(5));
        for (int step = 0; step < 200; step++)
        {
            await traffic.Step();
        }

        await traffic.Finish();
        await columns.AssertEqualsPostgres();
        string day = DateTime.UtcNow.AddDays(-1).ToString("yyyyMMdd");
        await columns.Do($"alter table tracking.journal detach partition tracking.journal_{day} concurrently");
        await columns.AssertEqualsPostgres();
        await columns.Do($"alter table tracking.journal attach partition tracking.journal_{day} for values from ('{day}') to ('{day}'::date + 1)");
        await columns.AssertEqualsPostgres();
        await columns.Do($"alter table tracking.journal detach partition tracking.journal_{day}");
        await columns.Do($"drop table tracking.journal_{day}");
        await columns.Do("select tracking.ensure_partitions((now() at time zone 'utc')::date, 3)");
        await columns.AssertEqualsPostgres();
    }

    [Fact]
    public async Task More_changes_than_the_backlog_allows_write_the_file_anew()
    {
        await using TestColumns columns = await TestColumns.Start(postgres, options => options.MaxBacklog = 20);
        await using RandomTraffic traffic = new(columns.Database, columns.Project, new Random(6));
        await columns.AssertEqualsPostgres();
        for (int step = 0; step < 200; step++)
        {
            await traffic.Step();
        }

        await traffic.Finish();
        Assert.Null(await columns.TryAsk("SELECT 1"));
        await columns.AssertEqualsPostgres();
    }

    [Fact]
    public async Task Sessions_of_old_days_that_come_with_their_entries_are_not_marked_and_nothing_is_taken_for_deleted()
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        await columns.AssertEqualsPostgres();

        await AddSessions(columns, 20, rowNumber: 2);
        await columns.AssertEqualsPostgres();

        Assert.Equal(0L, await Marks(columns));
        Assert.False((await State(columns)).HasDeletions);
        // Without entries, as those of a day that comes back.
        await columns.Do(
            """
            with row as (delete from tracking.sessions where project = $1 returning *)
            insert into tracking.leaving_sessions (day, project, session_id, session) select born, project, session_id, to_jsonb(row) from row
            """,
            columns.Project);
        await columns.AssertEqualsPostgres();
        long marks = await Marks(columns);
        await columns.Do(
            "insert into tracking.sessions select r.* from tracking.leaving_sessions l cross join lateral jsonb_populate_record(null::tracking.sessions, l.session) r where r.project = $1",
            columns.Project);
        Assert.Equal(marks + 20, await Marks(columns));
        await columns.AssertEqualsPostgres();
    }

    [Fact]
    public async Task The_row_of_a_session_that_is_behind_is_read_only_when_it_has_gone_on()
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        await columns.AssertEqualsPostgres();
        await AddSessions(columns, 10, rowNumber: 1);
        await columns.AssertEqualsPostgres();
        long removed = (await State(columns)).RemovedRows;

        await AddEntries(columns, 3);
        await columns.AssertEqualsPostgres();
        await AddEntries(columns, 4);
        await columns.AssertEqualsPostgres();
        Assert.Equal(removed, (await State(columns)).RemovedRows);

        await columns.Do("update tracking.sessions set number = 3, event_count = 3 where project = $1", columns.Project);
        await columns.AssertEqualsPostgres();
        Assert.Equal(removed + 10, (await State(columns)).RemovedRows);
        await columns.Do("update tracking.sessions set number = 4, event_count = 4 where project = $1", columns.Project);
        await columns.AssertEqualsPostgres();
        Assert.Equal(removed + 20, (await State(columns)).RemovedRows);
        await columns.Restart();
        await columns.AssertEqualsPostgres();
    }

    [Theory]
    // An id that the file does not know yet, and ids of sessions that change together.
    [InlineData("'known'")]
    [InlineData("case distinct_id when 'x' then 'y' else 'x' end")]
    public async Task Events_with_generic_ids_are_the_persons_whose_ids_their_sessions_get_later(string newId)
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        await AddSessions(columns, 10, rowNumber: 1);
        await columns.Do("update tracking.sessions set distinct_id = 'y' where project = $1 and session_id::text < '8'", columns.Project);
        await columns.AssertEqualsPostgres();
        await AddEntries(columns, 3, distinctId: "null");
        await columns.AssertEqualsPostgres();

        await columns.Do($"update tracking.sessions set number = 3, event_count = 3, distinct_id = {newId} where project = $1", columns.Project);

        await columns.AssertEqualsPostgres();
    }

    [Fact]
    public async Task What_other_projects_do_is_not_written_into_the_file_until_it_is_closed()
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        await AddSessions(columns, 10, rowNumber: 2);
        await columns.AssertEqualsPostgres();
        string written = await Snapshot(columns);

        await columns.Do("create table public.others (i int)");
        await columns.AssertEqualsPostgres();
        string known = (await State(columns)).Snapshot;

        Assert.NotEqual(written, known);
        Assert.Equal(written, await Snapshot(columns));
        await columns.Restart();
        Assert.NotNull(await columns.TryAsk("SELECT 1"));
        Assert.NotEqual(written, await Snapshot(columns));
    }

    private static async Task AddSessions(TestColumns columns, int count, int rowNumber) => await columns.Do(
        $"""
        with new as materialized (select gen_random_uuid() as id, ((now() at time zone 'utc')::date - 3) as born from generate_series(1, {count})), entries as (
            insert into tracking.journal (project, session_id, number, born, kind, event_id, time, received_at, event, distinct_id)
            select $1, id, n, born, 0, gen_random_uuid(), now() - interval '3 days', now(), 'e', 'x' from new, generate_series(1, 2) n
        )
        insert into tracking.sessions (project, session_id, device_key, born, number, fold_version, fold, status, start_timestamp, end_timestamp,
            distinct_id, pageview_count, autocapture_count, screen_count, event_count, unique_url_count)
        select $1, id, 'device', born, {rowNumber}, 1, '', 'live', now(), now(), 'x', 0, 0, 0, {rowNumber}, 0 from new
        """,
        columns.Project);

    private static async Task AddEntries(TestColumns columns, int number, string distinctId = "x") => await columns.Do(
        $"""
        insert into tracking.journal (project, session_id, number, born, kind, event_id, time, received_at, event, distinct_id)
        select project, session_id, {number}, born, 0, gen_random_uuid(), now(), now(), 'e', $2 from tracking.sessions where project = $1
        """,
        columns.Project,
        distinctId);

    private static async Task<long> Marks(TestColumns columns)
    {
        await using NpgsqlCommand command = columns.Database.CreateCommand("select count(*) from tracking.changes where project = $1");
        command.Parameters.Add(new NpgsqlParameter { Value = columns.Project });
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private static async Task<FileState> State(TestColumns columns) => (await columns.Open.Take(columns.Project, default))!.State!;

    private static async Task<string> Snapshot(TestColumns columns) =>
        (string)(await columns.Ask("SELECT value FROM holding.state WHERE name = 'Snapshot'")).Rows[0][0]!;
}
