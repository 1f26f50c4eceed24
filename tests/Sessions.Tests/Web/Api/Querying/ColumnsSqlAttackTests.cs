using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Sessions.Columns.UserSql;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>What SQL of users must not do or see in DuckDB.</summary>
public sealed class ColumnsSqlAttackTests(SqlGateway gateway) : IClassFixture<SqlGateway>
{
    [Theory]
    // No query at all, or more than one.
    [InlineData("")]
    [InlineData(";")]
    [InlineData("-- nothing")]
    [InlineData("/* nothing */")]
    [InlineData("select 1; select 2")]
    [InlineData("select 1; delete from sessions")]
    [InlineData("select 1; -- \n drop table \"default\".main.sessions")]
    [InlineData("/* ; */ commit; select 1")]
    [InlineData("select 1) ; select (2")]
    [InlineData("select 1 \\; attach ':memory:' as x")]
    // Other statements.
    [InlineData("insert into sessions select * from sessions")]
    [InlineData("update sessions set browser = 'x'")]
    [InlineData("delete from sessions")]
    [InlineData("truncate sessions")]
    [InlineData("merge into sessions using events using (session_id) when matched then delete")]
    [InlineData("with gone as (delete from sessions returning 1) select * from gone")]
    [InlineData("create table made (i int)")]
    [InlineData("create temp table made as select 1")]
    [InlineData("create or replace view sessions as select 1")]
    [InlineData("create macro sessions() as table select 1")]
    [InlineData("create function f(x) as x + 1")]
    [InlineData("create type t as enum ('a')")]
    [InlineData("create sequence s")]
    [InlineData("create secret (type s3, key_id 'a', secret 'b')")]
    [InlineData("drop view sessions")]
    [InlineData("drop database \"the.views\"")]
    [InlineData("alter table sessions add column x int")]
    [InlineData("comment on view sessions is 'x'")]
    [InlineData("attach ':memory:' as x")]
    [InlineData("attach '/tmp/x.duckdb' as x")]
    [InlineData("attach 'postgres:dbname=x' as x (type postgres)")]
    [InlineData("detach \"the.views\"")]
    [InlineData("use memory")]
    [InlineData("copy sessions to '/tmp/x.csv'")]
    [InlineData("copy (select 1) to '/dev/stdout'")]
    [InlineData("copy sessions from '/etc/passwd'")]
    [InlineData("copy from database x to y")]
    [InlineData("export database '/tmp/x'")]
    [InlineData("import database '/tmp/x'")]
    [InlineData("install httpfs")]
    [InlineData("force install httpfs from 'http://127.0.0.1'")]
    [InlineData("load httpfs")]
    [InlineData("load '/tmp/x.duckdb_extension'")]
    [InlineData("update extensions")]
    [InlineData("pragma enable_profiling")]
    [InlineData("pragma database_list")]
    [InlineData("pragma threads = 64")]
    [InlineData("set threads = 64")]
    [InlineData("set memory_limit = '100GB'")]
    [InlineData("set enable_external_access = true")]
    [InlineData("set search_path = 'main'")]
    [InlineData("set variable x = 1")]
    [InlineData("reset all")]
    [InlineData("reset memory_limit")]
    [InlineData("call pragma_version()")]
    [InlineData("call enable_logging()")]
    [InlineData("checkpoint")]
    [InlineData("force checkpoint")]
    [InlineData("vacuum")]
    [InlineData("analyze")]
    [InlineData("begin")]
    [InlineData("commit")]
    [InlineData("rollback")]
    [InlineData("prepare x as select 1")]
    [InlineData("execute x")]
    [InlineData("explain select 1")]
    [InlineData("explain analyze select 1")]
    [InlineData("describe sessions")]
    [InlineData("summarize sessions")]
    [InlineData("show tables")]
    [InlineData("show all tables")]
    [InlineData("show databases")]
    [InlineData("select * from (describe sessions)")]
    [InlineData("select * from (show tables)")]
    [InlineData("select * from (show databases)")]
    [InlineData("pivot sessions on browser using count(*)")]
    // Files and the network.
    [InlineData("select * from '/etc/passwd'")]
    [InlineData("select * from '/etc/*.csv'")]
    [InlineData("from 'data.parquet'")]
    [InlineData("select * from \"/etc/passwd\"")]
    [InlineData("select * from 'https://example.com/x.csv'")]
    [InlineData("select * from 's3://bucket/x.parquet'")]
    [InlineData("with \"/etc/passwd\" as (select * from \"/etc/passwd\") select 1 where exists (from '/etc/hosts')")]
    [InlineData("select (select count(*) from '/etc/passwd')")]
    [InlineData("select * from sessions where browser in (select column0 from '/etc/passwd')")]
    [InlineData("select * from read_csv('/etc/passwd')")]
    [InlineData("select * from read_csv_auto('/etc/passwd')")]
    [InlineData("select * from read_text('/etc/passwd')")]
    [InlineData("select * from READ_TEXT('/etc/passwd')")]
    [InlineData("select * from \"read_text\"('/etc/passwd')")]
    [InlineData("select * from system.main.read_text('/etc/passwd')")]
    [InlineData("select * from read_blob('/proc/self/environ')")]
    [InlineData("select * from read_json('/etc/passwd')")]
    [InlineData("select * from read_ndjson_objects('/etc/passwd')")]
    [InlineData("select * from read_parquet('/tmp/x.parquet')")]
    [InlineData("select * from parquet_scan('/tmp/x.parquet')")]
    [InlineData("select * from parquet_metadata('/tmp/x.parquet')")]
    [InlineData("select * from parquet_schema('/tmp/x.parquet')")]
    [InlineData("select * from parquet_kv_metadata('/tmp/x.parquet')")]
    [InlineData("select * from read_duckdb('/tmp/x.duckdb')")]
    [InlineData("select * from sniff_csv('/etc/passwd')")]
    [InlineData("select * from glob('/etc/*')")]
    [InlineData("select * from arrow_scan(1, 2, 3)")]
    [InlineData("select * from seq_scan('sessions')")]
    // Texts that run as SQL.
    [InlineData("select * from query('select * from persons')")]
    [InlineData("select * from query_table('persons')")]
    [InlineData("select * from query_table(['sessions', 'events'])")]
    [InlineData("select * from json_execute_serialized_sql(json_serialize_sql('select 1'))")]
    [InlineData("select json_serialize_plan('select * from persons')")]
    [InlineData("select json_deserialize_sql('{}')")]
    [InlineData("select * from sql_auto_complete('sel')")]
    [InlineData("select * from check_peg_parser('select 1')")]
    // The process, its settings, and what it does.
    [InlineData("select getenv('HOME')")]
    [InlineData("select current_setting('temp_directory')")]
    [InlineData("select main.current_setting('temp_directory')")]
    [InlineData("select 'temp_directory'.current_setting()")]
    [InlineData("select list_transform(['temp_directory'], lambda x: current_setting(x))")]
    [InlineData("select [current_setting(x) for x in ['temp_directory']]")]
    [InlineData("select browser from sessions order by current_setting('temp_directory')")]
    [InlineData("select count(*) filter (where current_setting('threads') = '2') from sessions")]
    [InlineData("select sum(1) over (order by current_setting('threads')) from sessions")]
    [InlineData("select * from range(len(current_setting('temp_directory')))")]
    [InlineData("select 1 limit len(current_setting('temp_directory'))")]
    [InlineData("values (current_setting('temp_directory'))")]
    [InlineData("select getvariable('x')")]
    [InlineData("select version()")]
    [InlineData("select pg_sleep(1)")]
    [InlineData("select sleep_ms(1000)")]
    [InlineData("select write_log('x')")]
    [InlineData("select nextval('s')")]
    [InlineData("select txid_current()")]
    [InlineData("select current_query()")]
    [InlineData("select current_database()")]
    [InlineData("select in_search_path('main', 'main')")]
    [InlineData("select pg_get_viewdef(1)")]
    [InlineData("select has_table_privilege('persons', 'select')")]
    [InlineData("select inet_server_addr()")]
    [InlineData("select stats(browser) from sessions")]
    [InlineData("select parse_duckdb_log_message('a', 'b')")]
    [InlineData("select * from duckdb_settings()")]
    [InlineData("select * from duckdb_databases()")]
    [InlineData("select * from duckdb_tables()")]
    [InlineData("select * from duckdb_columns()")]
    [InlineData("select * from duckdb_views()")]
    [InlineData("select * from duckdb_functions()")]
    [InlineData("select * from duckdb_extensions()")]
    [InlineData("select * from duckdb_secrets()")]
    [InlineData("select * from duckdb_memory()")]
    [InlineData("select * from duckdb_temporary_files()")]
    [InlineData("select * from duckdb_logs()")]
    [InlineData("select * from duckdb_prepared_statements()")]
    [InlineData("select * from duckdb_external_file_cache()")]
    [InlineData("select * from which_secret('s3://x', 's3')")]
    [InlineData("select * from pragma_database_size()")]
    [InlineData("select * from pragma_storage_info('sessions')")]
    [InlineData("select * from pragma_table_info('sessions')")]
    [InlineData("select * from pragma_show('sessions')")]
    [InlineData("select * from pragma_user_agent()")]
    [InlineData("select * from test_all_types()")]
    [InlineData("select * from repeat_row(1, num_rows = 1000000000)")]
    [InlineData("select * from summary((select 1))")]
    // What the file has beside the views.
    [InlineData("select * from persons")]
    [InlineData("select * from main.persons")]
    [InlineData("select * from main.sessions")]
    [InlineData("select * from \"the.views\".main.sessions")]
    [InlineData("select * from holding.state")]
    [InlineData("select * from holding.behind")]
    [InlineData("select * from temp.keys")]
    [InlineData("select (with persons as (select 1) select 1), (select count(*) from duckdb_tables)")]
    [InlineData("with duckdb_tables as (select 1) select * from duckdb_tables")]
    [InlineData("with pg_class as (select 1) select * from pg_class")]
    [InlineData("with x as (select 1) select (select count(*) from x), (select count(*) from sqlite_master)")]
    [InlineData("select 1 union all (select 1 from (select count(*) from (values (1)) v join pg_tables on true))")]
    [InlineData("select * from duckdb_tables")]
    [InlineData("select * from duckdb_settings")]
    [InlineData("select * from pragma_database_list")]
    [InlineData("select * from sqlite_master")]
    [InlineData("select * from pg_class")]
    [InlineData("select * from pg_settings")]
    [InlineData("select * from pg_catalog.pg_settings")]
    [InlineData("select * from information_schema.tables")]
    [InlineData("select * from information_schema.columns")]
    [InlineData("select * from system.information_schema.tables")]
    [InlineData("select persons.* from sessions, persons")]
    [InlineData("select * from sessions s, lateral (select * from persons p where p.distinct_id = s.distinct_id) x")]
    [InlineData("from sessions semi join persons using (distinct_id)")]
    [InlineData("select * from sessions unpivot (v for n in (browser, os)), persons")]
    [InlineData("with recursive t as (select 1 union all select count(*) from persons) select * from t")]
    // Parameters, and what crashes DuckDB.
    [InlineData("select $1")]
    [InlineData("select ?")]
    [InlineData("select $name")]
    [InlineData("select json_structure(repeat('[', 1000000))")]
    [InlineData("select json_group_structure(properties) from events")]
    [InlineData("select json_contains(repeat('[', 1000000), '1')")]
    [InlineData("select json_merge_patch('{}', '{}')")]
    [InlineData("select (repeat('[', 1000000) || repeat(']', 1000000))::json::variant")]
    [InlineData("select 1::variant[]")]
    public async Task A_statement_that_does_more_than_read_the_views_is_refused(string query)
    {
        using HttpClient program = gateway.Program(gateway.Ours.ApiKey);

        using HttpResponseMessage answer = await program.PostAsJsonAsync("/api/sql", new { query }, TestContext.Current.CancellationToken);

        string body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, body);
        Assert.DoesNotContain(gateway.Directory, body, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", body, StringComparison.Ordinal);
        Assert.True(query.Length < 3 || (string?)JsonNode.Parse(body)!["engine"] == "columns", body);
    }

    [Theory]
    [InlineData("with persons as (select count(*) as n from sessions) select n from persons", "[[1]]")]
    [InlineData("with recursive t(i) as (select 1 union all select i + 1 from t where i < 3) select max(i) from t", "[[3]]")]
    [InlineData("with sessions as (select 7 as n) select n from sessions", "[[7]]")]
    [InlineData("select 'read_text(''/etc/passwd'')'", "[[\"read_text(\\u0027/etc/passwd\\u0027)\"]]")]
    [InlineData("select '; delete from sessions -- $1' as \"drop table persons\"", "[[\"; delete from sessions -- $1\"]]")]
    [InlineData("select count(*) /* from persons */ from sessions -- from persons", "[[1]]")]
    [InlineData("from sessions select count(*)", "[[1]]")]
    [InlineData("SELECT count(*) FROM SESSIONS S JOIN Events E USING (session_id)", "[[1]]")]
    [InlineData("select count(*) from sessions tablesample 100%", "[[1]]")]
    [InlineData("select unnest(range(3)) order by 1 desc limit 1", "[[2]]")]
    [InlineData("select list_transform([1, 2], lambda x: x + 1)", "[[[2,3]]]")]
    [InlineData("select [x * 2 for x in [1, 2] if x > 1]", "[[[4]]]")]
    [InlineData("select percentile_cont(0.5) within group (order by x) from range(3) t(x)", "[[1]]")]
    [InlineData("select count(*) from json_each('{\"a\": 1}')", "[[1]]")]
    [InlineData("select n from (select 1 as a, 2 as b) unpivot (v for n in (a, b)) where v = 2", "[[\"b\"]]")]
    [InlineData("select case when 'purchased' = any (event_names) then 1 else 0 end from sessions", "[[0]]")]
    public async Task A_query_that_only_looks_like_an_attack_is_answered(string query, string rows)
    {
        using Asking asking = await Asking.About(gateway, new StoredSession { Start = Noon }.With("a"));

        using HttpResponseMessage answer = await asking.Sql(query);

        string body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, body);
        Assert.Equal(rows, JsonNode.Parse(body)!["rows"]!.ToJsonString());
    }

    [Fact]
    public async Task A_query_of_any_depth_is_answered_or_refused()
    {
        using Asking asking = new(gateway);
        foreach (int depth in (int[])[50, 400, 3_000, 20_000])
        {
            foreach ((string open, string middle, string close) in ((string, string, string)[])[
                ("(", "1", ")"), ("[", "1", "]"), ("-", "1", ""), ("1+", "1", ""), ("not ", "true", ""), ("{'a':", "1", "}"), ("abs(", "1", ")")])
            {
                using HttpResponseMessage answer = await asking.Sql($"select {string.Concat(Enumerable.Repeat(open, depth))} {middle} {string.Concat(Enumerable.Repeat(close, depth))}");
                Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest or HttpStatusCode.GatewayTimeout, $"{depth} {open}: {(int)answer.StatusCode}");
            }
        }
    }

    [Fact]
    public async Task All_functions_that_are_available_exist()
    {
        await using DuckDB.NET.Data.DuckDBConnection duck = new("DataSource=:memory:");
        await duck.OpenAsync(TestContext.Current.CancellationToken);
        await using DuckDB.NET.Data.DuckDBCommand command = duck.CreateCommand();
        command.CommandText = "select distinct function_name from duckdb_functions()";
        await using DuckDB.NET.Data.DuckDBDataReader reader = command.ExecuteReader();
        HashSet<string> known = [];
        while (reader.Read())
        {
            known.Add(reader.GetString(0));
        }

        Assert.Empty(UserFunctions.OfExpressions.Concat(UserFunctions.OfTables).Except(known));
    }
}
