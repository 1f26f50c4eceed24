using System.Text;
using Npgsql;
using Sessions.Columns.Serving;

namespace Sessions.Tests.Columns;

/// <summary>What is deleted leaves the file's bytes, too.</summary>
public sealed class CopyDeletionTests(TestPostgres postgres)
{
    // Long, and unlike anything else, so that compression keeps it in one piece where nothing is compressed.
    private const string Secret = "secret-person-4711-whose-bytes-must-go";

    [Fact]
    public async Task A_person_who_is_deleted_leaves_the_bytes_of_the_file_and_only_then_the_deletion_may_finish()
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        ColumnsKeeper keeper = columns.Keeper();
        await AddPerson(columns);
        await columns.AssertEqualsPostgres();
        await columns.Do("insert into tracking.person_deletions (id, project, until, person, ids) values (gen_random_uuid(), $1, now(), '', '{x}')", columns.Project);
        Assert.True(HasSecret(columns));

        await columns.Do("delete from tracking.journal where project = $1 and distinct_id = $2", columns.Project, Secret);
        await columns.Do("delete from tracking.sessions where project = $1 and distinct_id = $2", columns.Project, Secret);
        await columns.Do("delete from tracking.identities where project = $1 and distinct_id = $2", columns.Project, Secret);
        await columns.AssertEqualsPostgres();
        // The rows are gone, and their bytes are still there.
        Assert.True(HasSecret(columns));
        await columns.Do("update tracking.person_deletions set removed_in = pg_current_xact_id() where project = $1", columns.Project);
        Assert.True(await IsWaitedFor(columns));
        Assert.Equal(1L, await NumbersOfPerson(columns));
        await Until(columns, keeper);

        Assert.False(HasSecret(columns));
        Assert.Equal(0L, await NumbersOfPerson(columns));
        await columns.AssertEqualsPostgres();
    }

    [Fact]
    public async Task A_file_that_is_not_open_is_deleted_when_a_deletion_waits_for_it()
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        await AddPerson(columns);
        await columns.AssertEqualsPostgres();
        await columns.Restart();
        ColumnsKeeper keeper = columns.Keeper();
        await columns.Do("insert into tracking.person_deletions (id, project, until, person, ids, removed_in) values (gen_random_uuid(), $1, now(), '', '{x}', pg_current_xact_id())", columns.Project);

        await Until(columns, keeper);

        Assert.False(File.Exists(columns.FilePath));
        await columns.AssertEqualsPostgres();
    }

    [Fact]
    public async Task Retention_takes_the_bytes_of_a_day_too()
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        ColumnsKeeper keeper = columns.Keeper();
        await AddPerson(columns);
        await columns.AssertEqualsPostgres();
        string day = await DayOf(columns);

        await columns.Do($"alter table tracking.journal detach partition tracking.journal_{day}");
        await columns.Do("delete from tracking.sessions where project = $1", columns.Project);
        await columns.Do("delete from tracking.identities where project = $1", columns.Project);
        await keeper.Round(default);

        Assert.False(HasSecret(columns));
        await columns.AssertEqualsPostgres();
    }

    [Fact]
    public async Task A_deleted_project_has_no_file()
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        ColumnsKeeper keeper = columns.Keeper();
        await AddPerson(columns);
        await columns.AssertEqualsPostgres();

        await columns.Do("select tracking.delete_project($1)", columns.Project);
        await keeper.Round(default);

        Assert.Empty(Directory.GetFileSystemEntries(columns.Options.Directory, columns.Project + "*"));
    }

    private static async Task AddPerson(TestColumns columns)
    {
        await columns.Do(
            """
            insert into tracking.journal (project, session_id, number, born, kind, event_id, time, received_at, event, distinct_id, properties)
            select $1, session.id, 1, (now() at time zone 'utc')::date, 0, gen_random_uuid(), now(), now(), '$identify', $2,
                   jsonb_build_object('$anon_distinct_id', 'anonymous-' || n, 'mail', $2)
            from   generate_series(1, 3) n cross join lateral (select gen_random_uuid() as id where n > 0) session
            """,
            columns.Project,
            Secret);
        await columns.Do(
            """
            insert into tracking.sessions (project, session_id, device_key, born, number, fold_version, fold, status, start_timestamp, end_timestamp,
                distinct_id, pageview_count, autocapture_count, screen_count, event_count, unique_url_count)
            select project, session_id, 'device', born, 1, 1, '', 'live', now(), now(), distinct_id, 0, 0, 0, 1, 0
            from   tracking.journal where project = $1
            """,
            columns.Project);
    }

    /// <summary>The day of the person's events, as the names of the journal's partitions have it.</summary>
    private static async Task<string> DayOf(TestColumns columns)
    {
        await using NpgsqlCommand command = columns.Database.CreateCommand("select to_char(max(born), 'YYYYMMDD') from tracking.journal where project = $1");
        command.Parameters.Add(new NpgsqlParameter { Value = columns.Project });
        return (string)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private static async Task<bool> IsWaitedFor(TestColumns columns)
    {
        await using NpgsqlCommand command = columns.Database.CreateCommand(
            "select exists (select from tracking.copies c join tracking.person_deletions d using (project) where project = $1 and c.clean_from <= d.removed_in)");
        command.Parameters.Add(new NpgsqlParameter { Value = columns.Project });
        return (bool)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>Makes rounds until the deletion waits no more: transactions of other tests on the same server may hold it up.</summary>
    private static async Task Until(TestColumns columns, ColumnsKeeper keeper)
    {
        for (int round = 0; round < 600 && await IsWaitedFor(columns); round++)
        {
            await keeper.Round(default);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.False(await IsWaitedFor(columns));
    }

    /// <summary>How many numbers the file has given to the hash of the person's id.</summary>
    private static async Task<object?> NumbersOfPerson(TestColumns columns) =>
        (await columns.Ask("SELECT count(*) FROM ids WHERE id_hash = md5($1)::UUID", Secret)).Rows[0][0];

    /// <summary>Whether any file of the process has the person's id, as bytes.</summary>
    private static bool HasSecret(TestColumns columns) => Directory.GetFiles(columns.Options.Directory, "*", SearchOption.AllDirectories)
        .Any(file => File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(Secret)) >= 0);
}
