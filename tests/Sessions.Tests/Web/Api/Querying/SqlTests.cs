using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Api.Querying;

public sealed class SqlTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task A_query_is_answered_with_columns_and_rows()
    {
        using Asking asking = await Asking.About(
            gateway, new StoredSession { Start = Noon, Seconds = 1.5, IsBounce = true }.With("$pageview", 0, null, ("a", 1)));

        JsonNode answer = await Ask(
            asking,
            """
            select s.start_timestamp, session_duration, is_bounce, e.properties, e.event, browser, 'NaN'::float8 as nan,
                   '2026-01-02 03:04:05'::timestamp as local, 12345678901234567890 as big
            from sessions s join events e using (session_id); -- done
            """);

        Assert.Equal(
            """[["2026-01-15T12:00:00Z",1.500,true,{"a": 1},"$pageview",null,"NaN","2026-01-02T03:04:05",12345678901234567890]]""",
            answer["rows"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })
                .Replace("{\"a\":1}", "{\"a\": 1}", StringComparison.Ordinal));
        Assert.Equal(
            "start_timestamp timestamp with time zone, session_duration numeric, is_bounce boolean, properties jsonb, event text",
            string.Join(", ", answer["columns"]!.AsArray().Take(5).Select(column => $"{column!["name"]} {column["type"]}")));
        Assert.False((bool)answer["truncated"]!);
    }

    [Fact]
    public async Task A_caller_that_accepts_csv_gets_csv()
    {
        using Asking asking = new(gateway);

        using HttpResponseMessage answer = await asking.Sql("select 1 as a, 'x,\"y' as \"b c\", null as d, '' as e, true as f", "text/csv");

        Assert.Equal("text/csv", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("a,b c,d,e,f\r\n1,\"x,\"\"y\",,\"\",true\r\n", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task An_SQL_query_sees_only_the_callers_project()
    {
        using Asking ours = await Asking.About(gateway, new StoredSession { Start = Noon }.With("a"));
        using Asking theirs = await Asking.About(gateway, new StoredSession { Start = Noon }.With("b"), new StoredSession { Start = Noon });

        Assert.Equal("[[1,1]]", (await Ask(ours, "select (select count(*) from sessions), (select count(*) from events)"))["rows"]!.ToJsonString());
        Assert.Equal("[[2,1]]", (await Ask(theirs, "select (select count(*) from sessions), (select count(*) from events)"))["rows"]!.ToJsonString());
    }

    [Fact]
    public async Task An_answer_over_50_000_rows_is_cut()
    {
        using Asking asking = new(gateway);

        JsonNode exactly = await Ask(asking, "select i from generate_series(1, 50000) i");
        JsonNode more = await Ask(asking, "select generate_series(1, 1000000000)");

        Assert.Equal((50_000, false), (exactly["rows"]!.AsArray().Count, (bool)exactly["truncated"]!));
        Assert.Equal((50_000, true), (more["rows"]!.AsArray().Count, (bool)more["truncated"]!));
        Assert.Equal("[[1]]", (await Ask(asking, "select 1"))["rows"]!.ToJsonString());
    }

    [Fact]
    public async Task An_answer_over_the_limit_of_characters_is_cut()
    {
        using Asking asking = new(gateway);

        JsonNode answer = await Ask(asking, "select repeat('x', 10 * 1024 * 1024) from generate_series(1, 100)");

        Assert.Equal((1, true), (answer["rows"]!.AsArray().Count, (bool)answer["truncated"]!));
    }

    [Theory]
    [InlineData("", "query")]
    [InlineData("selec 1", "syntax error")]
    [InlineData("select * from nothing", "nothing")]
    [InlineData("select 1/0", "division by zero")]
    [InlineData("select 1; select 2", "multiple commands")]
    [InlineData("select 1) ; select (2", "syntax error")]
    // Writing, by statement, inside a query, and into a table.
    [InlineData("delete from sessions", "syntax error")]
    [InlineData("insert into sessions (browser) values ('x')", "syntax error")]
    [InlineData("with gone as (delete from sessions returning 1) select * from gone", "DECLARE CURSOR must not contain data-modifying")]
    [InlineData("select 1 into made", "SELECT ... INTO is not allowed")]
    [InlineData("select * from sessions for update", "permission denied")]
    [InlineData("create table made (i int)", "syntax error")]
    [InlineData("truncate sessions", "syntax error")]
    // Other statements.
    [InlineData("copy (select 1) to stdout", "syntax error")]
    [InlineData("copy (select 1) to program 'true'", "syntax error")]
    [InlineData("do $$ begin perform 1; end $$", "syntax error")]
    [InlineData("set role postgres", "syntax error")]
    [InlineData("set statement_timeout = 0", "syntax error")]
    [InlineData("reset all", "syntax error")]
    [InlineData("explain analyze select 1", "syntax error")]
    [InlineData("listen x", "syntax error")]
    [InlineData("notify x", "syntax error")]
    [InlineData("prepare transaction 'x'", "syntax error")]
    [InlineData("prepare x as select 1", "syntax error")]
    [InlineData("commit", "syntax error")]
    [InlineData("begin", "syntax error")]
    [InlineData("lock table sessions", "syntax error")]
    [InlineData("declare c cursor for select 1", "syntax error")]
    [InlineData("fetch all from checked", "syntax error")]
    [InlineData("call x()", "syntax error")]
    [InlineData("vacuum", "syntax error")]
    // Functions that wait, lock, set, write, or run what they are given.
    [InlineData("select pg_sleep(1)", "permission denied for function pg_sleep")]
    [InlineData("select pg_catalog.pg_sleep_for('1 s')", "permission denied for function pg_sleep_for")]
    [InlineData("select U&\"pg\\005fsleep\"(1)", "permission denied for function pg_sleep")]
    [InlineData("select pg_advisory_lock(1)", "permission denied for function pg_advisory_lock")]
    [InlineData("select pg_try_advisory_xact_lock(1, 2)", "permission denied")]
    [InlineData("select set_config('statement_timeout', '0', false)", "permission denied for function set_config")]
    [InlineData("select set_config('role', 'postgres', false)", "permission denied for function set_config")]
    [InlineData("select query_to_xml('select 1', true, true, '')", "permission denied for function query_to_xml")]
    [InlineData("select table_to_xml('sessions', true, true, '')", "permission denied")]
    [InlineData("select schema_to_xml('analytics', true, true, '')", "permission denied")]
    [InlineData("select database_to_xml(true, true, '')", "permission denied")]
    [InlineData("select cursor_to_xml('checked', 1, true, true, '')", "permission denied")]
    [InlineData("select * from ts_stat('select to_tsvector(current_user)')", "permission denied")]
    [InlineData("select ts_rewrite('a'::tsquery, 'select ''a''::tsquery, ''b''::tsquery')", "permission denied")]
    [InlineData("select lo_creat(-1)", "permission denied for function lo_creat")]
    [InlineData("select lo_from_bytea(0, 'x')", "permission denied")]
    [InlineData("select lo_import('/etc/passwd')", "permission denied")]
    [InlineData("select lo_get(1)", "permission denied")]
    [InlineData("select pg_read_file('/etc/passwd')", "permission denied")]
    [InlineData("select pg_read_binary_file('/etc/passwd')", "permission denied")]
    [InlineData("select pg_ls_dir('/')", "permission denied")]
    [InlineData("select pg_stat_file('/etc/passwd')", "permission denied")]
    [InlineData("select pg_notify('a', 'b')", "permission denied for function pg_notify")]
    [InlineData("select pg_terminate_backend(1)", "permission denied")]
    [InlineData("select pg_cancel_backend(1)", "permission denied")]
    [InlineData("select pg_reload_conf()", "permission denied")]
    [InlineData("select pg_export_snapshot()", "permission denied")]
    [InlineData("select txid_current()", "permission denied")]
    [InlineData("select pg_current_xact_id()", "permission denied")]
    [InlineData("select pg_logical_emit_message(false, 'a', 'b')", "permission denied")]
    [InlineData("select pg_switch_wal()", "permission denied")]
    [InlineData("select pg_create_physical_replication_slot('x')", "permission denied")]
    [InlineData("select * from dblink('host=127.0.0.1', 'select 1') as t(i int)", "dblink")]
    [InlineData("select tracking.ensure_sql_reader('default')", "permission denied for schema tracking")]
    // What is stored beside the project's rows.
    [InlineData("select * from tracking.projects", "permission denied for schema tracking")]
    [InlineData("select * from tracking.sql_readers", "permission denied for schema tracking")]
    [InlineData("select * from tracking.sessions", "permission denied for schema tracking")]
    [InlineData("select * from tracking.all_events", "permission denied for schema tracking")]
    [InlineData("select * from orleans.orleansstorage", "permission denied for schema orleans")]
    [InlineData("select * from pg_authid", "permission denied")]
    [InlineData("select * from pg_shadow", "permission denied")]
    [InlineData("select * from pg_statistic", "permission denied")]
    [InlineData("select * from pg_stat_activity", "permission denied")]
    [InlineData("select * from pg_hba_file_rules", "permission denied")]
    [InlineData("select * from pg_file_settings", "permission denied")]
    [InlineData("select * from pg_largeobject", "permission denied")]
    [InlineData("select * from pg_user_mapping", "permission denied")]
    public async Task A_forbidden_statement_is_refused_with_the_reason_of_Postgres(string query, string message)
    {
        using Asking asking = new(gateway);

        using HttpResponseMessage answer = await asking.Sql(query);

        string body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, body);
        Assert.Contains(message, (string)JsonNode.Parse(body)!["detail"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("select count(*) from pg_stats where schemaname = 'tracking'")]
    [InlineData("select count(*) from pg_largeobject_metadata")]
    [InlineData("select count(*) from pg_auth_members where member = current_user::regrole")]
    [InlineData("select count(*) from pg_class c where c.relkind = 'r' and relnamespace = 'tracking'::regnamespace and has_table_privilege(c.oid, 'select')")]
    [InlineData("select count(*) from pg_roles where rolname = current_user and (rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls or rolinherit)")]
    [InlineData("select count(*) from pg_roles where rolpassword <> '********'")]
    [InlineData("select count(*) from information_schema.tables where table_schema = 'tracking'")]
    public async Task The_catalogs_show_nothing_of_other_projects(string query)
    {
        using Asking asking = await Asking.About(gateway, new StoredSession { Start = Noon });

        Assert.Equal("[[0]]", (await Ask(asking, query))["rows"]!.ToJsonString());
    }

    [Fact]
    public async Task Every_query_runs_under_one_role_that_nobody_logs_in_with()
    {
        using Asking asking = new(gateway);

        string first = (await Ask(asking, "select session_user, current_user"))["rows"]!.ToJsonString();

        Assert.Equal(first, (await Ask(asking, "select session_user, current_user"))["rows"]!.ToJsonString());
        Assert.StartsWith("[[\"sessions_sql_", first, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dropped_role_is_created_again()
    {
        using Asking asking = await Asking.About(gateway, new StoredSession { Start = Noon });
        string role = (string)(await Ask(asking, "select session_user"))["rows"]![0]![0]!;
        await using (NpgsqlCommand drop = gateway.Database.CreateCommand($"drop owned by {role}; drop role {role}"))
        {
            await drop.ExecuteNonQueryAsync();
        }

        Assert.Equal("[[1]]", (await Ask(asking, "select count(*) from sessions"))["rows"]!.ToJsonString());
    }

    [Fact]
    public async Task A_query_is_canceled_when_its_caller_disconnects()
    {
        using Asking asking = new(gateway);
        string role = (string)(await Ask(asking, "select session_user"))["rows"]![0]![0]!;
        using CancellationTokenSource leave = new();
        Task asked = asking.Sql("select count(*) from generate_series(1, 1e18::bigint) i", cancellation: leave.Token);
        await Until(role, 1);

        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        await Until(role, 0);
    }

    private async Task Until(string role, long running)
    {
        await using NpgsqlCommand count = gateway.Database.CreateCommand(
            $"select count(*) from pg_stat_activity where usename = '{role}' and state = 'active' and query like '%1e18%'");
        while ((long)(await count.ExecuteScalarAsync())! != running)
        {
            await Task.Delay(10);
        }
    }

    private static async Task<JsonNode> Ask(Asking asking, string query)
    {
        using HttpResponseMessage answer = await asking.Sql(query);
        string body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, body);
        return JsonNode.Parse(body)!;
    }
}
