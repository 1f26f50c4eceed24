using Npgsql;
using Sessions.Database.Migrations;
using Sessions.Database.Properties;
using Sessions.Database.Readers;
using Sessions.Tests.Web;

namespace Sessions.Tests.Database;

/// <summary>
/// What a reader can see and what it can't do. The program's own role is no superuser here, as in production.
/// </summary>
public sealed class ReaderRoleTests(ReaderDatabase database, TestPostgres postgres) : IClassFixture<ReaderDatabase>
{

    [Fact]
    public async Task A_reader_sees_only_the_sessions_and_events_of_its_project()
    {
        string theirs = postgres.NewProject();
        Guid session = await database.Program.AddSession(database.Project, SampleSessions.Noon, seconds: 1.2346, events: 2);
        await database.Program.AddEvent(database.Project, session, 1, SampleSessions.Noon, """{"$current_url":"https://x.example"}""");
        Guid other = await database.Program.AddSession(theirs, SampleSessions.Noon);
        await database.Program.AddEvent(theirs, other, 1, SampleSessions.Noon);

        Assert.Equal($"{session} 1.235", await Ask("select session_id || ' ' || session_duration from sessions where event_count = 2"));
        Assert.Equal($"{session} /", await Ask("select session_id || ' ' || pathname from events where current_url is not null"));
        Assert.Equal("0", await Ask($"select count(*) from sessions where session_id = '{other}'"));
        Assert.Equal("0", await Ask($"select count(*) from events where session_id = '{other}'"));
    }

    [Theory]
    [InlineData("select count(*) from tracking.sessions")]
    [InlineData("select count(*) from tracking.projects")]
    [InlineData("select count(*) from tracking.all_sessions")]
    [InlineData("select tracking.ensure_reader('x', 'y')")]
    [InlineData("delete from sessions")]
    [InlineData("update analytics.sessions set status = 'live'")]
    [InlineData("create table made (i int)")]
    [InlineData("create table public.made (i int)")]
    [InlineData("create temporary table made (i int)")]
    [InlineData("create schema made")]
    [InlineData("create role made")]
    [InlineData("set session authorization postgres")]
    [InlineData("copy (select 1) to program 'true'")]
    public async Task A_reader_has_no_other_rights_even_when_it_changes_its_own_limits(string statement)
    {
        PostgresException refused = await Assert.ThrowsAsync<PostgresException>(
            () => Ask("set default_transaction_read_only = off", statement));

        // It may write to no view, and to a view of two tables nobody may.
        Assert.Contains(
            refused.SqlState,
            new[] { PostgresErrorCodes.InsufficientPrivilege, PostgresErrorCodes.ObjectNotInPrerequisiteState });
    }

    [Theory]
    [InlineData("show default_transaction_read_only", "on")]
    [InlineData("show statement_timeout", "1min")]
    [InlineData("show search_path", "analytics")]
    public async Task A_reader_starts_with_limits_on_its_queries(string statement, string expected) =>
        Assert.Equal(expected, await Ask(statement));

    [Theory]
    [InlineData("select * from sessions where session_id = '0190a1b2-0000-7000-8000-000000000001'", "sessions_pkey")]
    [InlineData("select * from sessions where start_timestamp > '2026-01-01' and start_timestamp < '2026-01-02'", "sessions_by_start")]
    [InlineData("select * from events where session_id = '0190a1b2-0000-7000-8000-000000000001'", "journal_20260115_pkey")]
    public async Task A_readers_filter_uses_the_tables_index(string query, string index)
    {
        Guid session = await database.Program.AddSession(database.Project, SampleSessions.Noon);
        await database.Program.AddEvent(database.Project, session, 1, SampleSessions.Noon);

        await database.FillUp();
        string plan = await Ask($"explain {query}");

        Assert.Contains(index, plan, StringComparison.Ordinal);
        Assert.Contains("Index Cond: ((project = $0)", plan, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_columns_of_the_view_are_the_session_properties_without_the_dollar_sign() =>
        Assert.Equal(
            string.Join('\n', SessionProperties.All.Select(property => property.Column)),
            await Ask("select attname from pg_attribute where attrelid = 'sessions'::regclass and attnum > 0 order by attnum"));

    private async Task<string> Ask(params string[] statements)
    {
        await using NpgsqlConnection connection = await database.Reader.OpenConnectionAsync();
        List<string> lines = [];
        foreach (string statement in statements)
        {
            await using NpgsqlCommand command = new(statement, connection);
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                lines.Add(reader.GetValue(0).ToString()!);
            }
        }

        return string.Join('\n', lines);
    }
}

/// <summary>A database whose owner may make roles and nothing more, and a reader of one project in it.</summary>
public sealed class ReaderDatabase(TestPostgres postgres) : IAsyncLifetime
{
    public const string Password = "it's a \\secret";

    public string Project { get; } = postgres.NewProject() + "-a_b";

    public NpgsqlDataSource Program { get; private set; } = null!;

    public NpgsqlDataSource Reader { get; private set; } = null!;

    /// <summary>The server's superuser, in this database.</summary>
    public string Admin { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        string connection = await CreateDatabase();
        Program = NpgsqlDataSource.Create(connection);
        await Migrator.Migrate(Program);
        string role = await ReaderRole.Ensure(Program, Project, "an earlier password");
        Assert.Equal(role, await ReaderRole.Ensure(Program, Project, Password));
        Reader = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(connection) { Username = role, Password = Password, Pooling = false });
    }

    /// <summary>So many rows of another project that an index pays.</summary>
    public async Task FillUp()
    {
        await using NpgsqlCommand command = Program.CreateCommand(
            """
            insert into tracking.sessions
            select made.*
            from   (select to_jsonb(t) as row from tracking.sessions t limit 1) sample,
                   generate_series(1, 5000) i,
                   jsonb_populate_record(null::tracking.sessions, row || jsonb_build_object(
                       'project', 'filler', 'session_id', gen_random_uuid(), 'device_id', i)) made;
            insert into tracking.journal
            select made.*
            from   (select to_jsonb(t) as row from tracking.journal t limit 1) sample,
                   generate_series(1, 5000) i,
                   jsonb_populate_record(null::tracking.journal, row || jsonb_build_object(
                       'project', 'filler', 'session_id', gen_random_uuid(), 'device_id', i)) made;
            analyze tracking.sessions;
            analyze tracking.journal;
            """);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Reader.DisposeAsync();
        await Program.DisposeAsync();
    }

    private async Task<string> CreateDatabase()
    {
        NpgsqlConnectionStringBuilder admin = new(await postgres.CreateEmptyDatabase());
        string owner = $"program_{Project.Replace('-', '_')}";
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(admin);
        await using NpgsqlCommand command = database.CreateCommand(
            $"create role {owner} login createrole password 'test'; alter database {admin.Database} owner to {owner}");
        await command.ExecuteNonQueryAsync();
        Admin = admin.ConnectionString;
        return new NpgsqlConnectionStringBuilder(admin.ConnectionString) { Username = owner, Password = "test" }.ConnectionString;
    }
}
