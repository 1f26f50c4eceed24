using Npgsql;
using Sessions.Postgres;
using Sessions.Postgres.Migrations;
using Sessions.Tests.Gateway;

namespace Sessions.Tests.Postgres;

/// <summary>What a reader sees and what it can't do; the program's own role is no superuser here, as in real life.</summary>
public sealed class ReaderRoleTests(TestPostgres postgres) : IAsyncLifetime
{
    private const string Password = "it's a \\secret";

    private NpgsqlDataSource _program = null!;
    private NpgsqlDataSource _reader = null!;
    private string _ours = "";

    public async ValueTask InitializeAsync()
    {
        _ours = postgres.NewProject() + "-a_b";
        _program = NpgsqlDataSource.Create(await ProgramDatabase());
        await Migrator.Migrate(_program);
        string role = await ReaderRole.Ensure(_program, _ours, "an earlier password");
        Assert.Equal(role, await ReaderRole.Ensure(_program, _ours, Password));
        _reader = As(_program.ConnectionString, role, Password);
    }

    public async ValueTask DisposeAsync()
    {
        await _reader.DisposeAsync();
        await _program.DisposeAsync();
    }

    [Fact]
    public async Task A_reader_sees_its_projects_sessions_and_events_and_nobody_elses()
    {
        string theirs = postgres.NewProject();
        Guid session = await _program.AddSession(_ours, SampleSessions.Noon, seconds: 1.2345);
        await _program.AddEvent(_ours, session, 1, SampleSessions.Noon, """{"$current_url":"https://x.example"}""");
        Guid other = await _program.AddSession(theirs, SampleSessions.Noon);
        await _program.AddEvent(theirs, other, 1, SampleSessions.Noon);

        Assert.Equal($"{session} 1.235", await Ask("select session_id || ' ' || session_duration from sessions"));
        Assert.Equal($"{session} /", await Ask("select session_id || ' ' || pathname from events"));
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
    public async Task A_reader_can_do_nothing_else_even_when_it_lifts_its_guard_rails(string statement)
    {
        PostgresException refused = await Assert.ThrowsAsync<PostgresException>(
            () => Ask($"set default_transaction_read_only = off; {statement}"));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Theory]
    [InlineData("show default_transaction_read_only", "on")]
    [InlineData("show statement_timeout", "1min")]
    [InlineData("show search_path", "analytics")]
    public async Task A_reader_has_guard_rails(string statement, string expected) =>
        Assert.Equal(expected, await Ask(statement));

    [Theory]
    [InlineData("select * from sessions where session_id = '0190a1b2-0000-7000-8000-000000000001'", "sessions_pkey")]
    [InlineData("select * from sessions where start_timestamp > '2026-01-01' and start_timestamp < '2026-01-02'", "sessions_by_start")]
    [InlineData("select * from events where session_id = '0190a1b2-0000-7000-8000-000000000001'", "journal_20260115_pkey")]
    public async Task A_readers_filter_uses_the_tables_index(string query, string index)
    {
        Guid session = await _program.AddSession(_ours, SampleSessions.Noon);
        await _program.AddEvent(_ours, session, 1, SampleSessions.Noon);

        // So few rows are read faster without any index; what counts is whether one can be used.
        string plan = await Ask($"set enable_seqscan = off; explain {query}");

        Assert.Contains(index, plan, StringComparison.Ordinal);
        Assert.Contains("Index Cond: ((project = $0)", plan, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_columns_are_the_sessions_properties_without_the_dollar() =>
        Assert.Equal(
            string.Join('\n', Sessions.Postgres.Queries.SessionProperties.All.Select(property => property.Column)),
            await Ask("select attname from pg_attribute where attrelid = 'sessions'::regclass and attnum > 0 order by attnum"));

    private async Task<string> Ask(string statement)
    {
        await using NpgsqlCommand command = _reader.CreateCommand(statement);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        List<string> lines = [];
        do
        {
            while (await reader.ReadAsync())
            {
                lines.Add(reader.GetValue(0).ToString()!);
            }
        }
        while (await reader.NextResultAsync());
        return string.Join('\n', lines);
    }

    /// <summary>A database whose owner may make roles and nothing more.</summary>
    private async Task<string> ProgramDatabase()
    {
        string admin = await postgres.CreateEmptyDatabase();
        string owner = $"program_{_ours.Replace('-', '_')}";
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(admin);
        await using NpgsqlCommand command = database.CreateCommand(
            $"create role {owner} login createrole password 'test'; "
            + $"alter database {new NpgsqlConnectionStringBuilder(admin).Database} owner to {owner}");
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(admin) { Username = owner, Password = "test" }.ConnectionString;
    }

    private static NpgsqlDataSource As(string connection, string role, string password) => NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(connection) { Username = role, Password = password, Pooling = false });
}
