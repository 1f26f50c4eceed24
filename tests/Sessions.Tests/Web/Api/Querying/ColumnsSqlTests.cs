using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Npgsql;
using Sessions.Web.UserSql;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>SQL of users that DuckDB answers, beside the same in Postgres.</summary>
public sealed class ColumnsSqlTests(SqlGateway gateway) : IClassFixture<SqlGateway>
{
    [Fact]
    public async Task A_query_is_answered_from_the_columns_with_the_types_and_forms_of_Postgres()
    {
        using Asking asking = await About();

        foreach (string query in (string[])[
            "select * from sessions order by session_id",
            "select * from events order by session_id, event_id",
            "select * from session_replays order by session_id",
            "select s.start_timestamp, e.properties, e.event from sessions s join events e using (session_id) order by 1, 3 -- done",
            "select 1::smallint as a, 2 as b, 3000000000::bigint as c, 1.50::numeric(10, 2) as d, 0.1::float8 as e, 1e20::float8 as f, 1.5::real as g, true as h",
            "select 'NaN'::float8 as a, 'Infinity'::float8 as b, date '2026-01-02' as c, time '03:04:05.5' as d, timestamp '2026-01-02 03:04:05.25' as e",
            "select interval '1 year 2 months 3 days 04:05:06.5' as a, interval '-1 day' as b, interval '-90 minutes' as c, interval '0 days' as d",
            "select timestamptz '2026-01-02 03:04:05.678901+02' as a, timestamptz 'infinity' as b, date '-infinity' as c, timestamp '12026-01-02 03:04:05' as d",
            "select array[1, null, 3] as a, array['a', null, 'b c', 'NULL', '', '\"{}'] as b, array[true, false] as c, array[timestamptz '2026-01-02 03:04:05Z'] as d",
            "select * from (values (1, 'a'), (2, 'b')) v (x, y) order by x",
            "with a as (select 1 as x union all select 2) select x from a order by x desc",
            "select count(*) as n, sum(event_count) as sum from sessions"])
        {
            JsonNode columns = await Answer(asking, query, "columns"), postgres = await Answer(asking, query, "postgres");

            Assert.Equal(("columns", "postgres"), ((string)columns["engine"]!, (string)postgres["engine"]!));
            Assert.Equal(Plain(postgres["rows"]!), Plain(columns["rows"]!));
            Assert.Equal(Types(postgres), Types(columns));
        }
    }

    [Fact]
    public async Task Lists_are_lists_and_properties_are_JSON()
    {
        using Asking asking = await About();

        JsonNode answer = await Answer(
            asking,
            """
            select event_names, [1, 2.5], [], {'a': 1, 'b': [true]}, [[1], [2]], map {'k': 'v'}, e.properties, e.properties ->> 'a', e.properties -> '/b'
            from   sessions join events e using (session_id)
            where  event = '$pageview'
            """);

        Assert.Equal(
            """[["$pageview","b"],[1.0,2.5],[],{"a":1,"b":[true]},[[1],[2]],{"k":"v"},{"a":1.50,"b":"x"},"1.5","x"]""",
            Assert.Single(answer["rows"]!.AsArray())!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })
                .Replace("{\"a\": 1.50, \"b\": \"x\"}", "{\"a\":1.50,\"b\":\"x\"}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_views_have_the_columns_that_a_login_to_Postgres_sees()
    {
        using Asking asking = await About();

        foreach (string view in (string[])["sessions", "events", "session_replays"])
        {
            JsonNode columns = await Answer(asking, $"select * from {view} limit 0"), postgres = await Answer(asking, $"select * from {view} limit 0", "postgres");
            Assert.Equal(Names(postgres), Names(columns));
        }
    }

    [Fact]
    public async Task A_query_sees_only_the_callers_project()
    {
        using Asking ours = await Asking.About(gateway, new StoredSession { Start = Noon }.With("a"));
        using Asking theirs = await Asking.About(gateway, new StoredSession { Start = Noon }.With("b"), new StoredSession { Start = Noon });

        Assert.Equal("[[1,1]]", (await Answer(ours, "select (select count(*) from sessions), (select count(*) from events)"))["rows"]!.ToJsonString());
        Assert.Equal("[[2,1]]", (await Answer(theirs, "select (select count(*) from sessions), (select count(*) from events)"))["rows"]!.ToJsonString());
    }

    [Fact]
    public async Task A_long_answer_is_cut_by_rows_and_by_characters()
    {
        using Asking asking = new(gateway);

        JsonNode exactly = await Answer(asking, "select i from generate_series(1, 50000) t(i)"), more = await Answer(asking, "select i from range(100000000) t(i)");
        JsonNode wide = await Answer(asking, "select repeat('x', 10 * 1024 * 1024) from range(5)");

        Assert.Equal((50_000, false), (exactly["rows"]!.AsArray().Count, (bool)exactly["truncated"]!));
        Assert.Equal((50_000, true), (more["rows"]!.AsArray().Count, (bool)more["truncated"]!));
        Assert.Equal((1, true), (wide["rows"]!.AsArray().Count, (bool)wide["truncated"]!));
    }

    [Fact]
    public async Task A_caller_that_accepts_csv_gets_csv_and_the_engine_as_a_header()
    {
        using Asking asking = new(gateway);

        using HttpResponseMessage answer = await asking.Sql("select 1 as a, 'x,\"y' as \"b c\", null as d, '' as e, true as f, ['a', 'b c'] as g", "text/csv");

        Assert.Equal("a,b c,d,e,f,g\r\n1,\"x,\"\"y\",,\"\",true,\"{a,\"\"b c\"\"}\"\r\n", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("columns", Assert.Single(answer.Headers.GetValues("X-Engine")));
    }

    [Theory]
    [InlineData("select nothing from sessions", "nothing", 8)]
    [InlineData("select 'ä' as x,\n  nothing from sessions", "nothing", 20)]
    [InlineData("selec 1", "syntax error", 1)]
    [InlineData("select 1 as a, 'x'::int as b", "Could not convert", 19)]
    [InlineData("select * from nowhere", "There is no table nowhere", 15)]
    [InlineData("select\n  pg_sleep(3)", "pg_sleep is not available", 10)]
    public async Task A_wrong_query_is_the_callers_mistake_with_DuckDBs_message_and_the_place(string query, string message, int position)
    {
        using Asking asking = new(gateway);

        using HttpResponseMessage answer = await asking.Sql(query);

        JsonNode problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("DuckDB refused the query.", (string)problem["title"]!);
        Assert.Contains(message, (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.DoesNotContain("LINE", (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.Equal(("query", "columns", position), ((string)problem["field"]!, (string)problem["engine"]!, (int)problem["position"]!));
    }

    [Fact]
    public async Task Postgres_answers_while_the_columns_are_away_unless_the_caller_wants_the_columns_alone()
    {
        using Asking asking = await About();
        try
        {
            gateway.IsAway = true;

            Assert.Equal("postgres", (string)(await Answer(asking, "select count(*) from sessions"))["engine"]!);
            using HttpResponseMessage alone = await Post(asking, "select 1", "columns"), unknown = await Post(asking, "select 1", "mysql"), other = await Post(asking, "select [1]", null);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.BadRequest), (alone.StatusCode, unknown.StatusCode));
            Assert.Contains("the columns can't answer now", await other.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
        finally
        {
            gateway.IsAway = false;
        }

        Assert.Equal("columns", (string)(await Answer(asking, "select count(*) from sessions"))["engine"]!);
    }

    [Fact]
    public async Task Each_query_of_the_cookbook_gives_the_same_on_both_engines()
    {
        using Asking asking = await Asking.About(gateway, [.. Enumerable.Range(0, 40).Select(Visit)]);
        await Do("update tracking.sessions set entry_utm_campaign = 'sale', exit_pathname = '/cart' where project = $1 and channel_type <> 'Direct'", asking);

        Assert.True(SqlExamples.All.Count >= 20, $"{SqlExamples.All.Count} queries");
        foreach (SqlExample example in SqlExamples.All)
        {
            JsonNode columns = await Answer(asking, example.Query, "columns"), postgres = await Answer(asking, example.Query, "postgres");

            Assert.True(columns["rows"]!.AsArray().Count > 0, example.Title);
            Assert.True(Rounded(postgres["rows"]!) == Rounded(columns["rows"]!), $"{example.Title}\n{Rounded(postgres["rows"]!)}\n{Rounded(columns["rows"]!)}");
            Assert.Equal(Names(postgres), Names(columns));
        }
    }

    private async Task<Asking> About()
    {
        Asking asking = await Asking.About(
            gateway,
            new StoredSession { Start = Noon.AddMicroseconds(1), Seconds = 1.5, UtmSource = "日本 \"x\"", IsBounce = true }
                .With("$pageview", 0, null, ("a", JsonNode.Parse("1.50")), ("b", "x")).With("b", 1),
            new StoredSession { Start = Noon.AddDays(1), IsLive = true }.With("c \"d\", {e}", 0, null, ("$browser", "x")),
            new StoredSession { Start = Noon.AddDays(2) });
        await Do(
            """
            insert into tracking.replays (
                project, session_id, number, start_timestamp, end_timestamp, click_count, keypress_count, mouse_activity_count, active_ms,
                console_log_count, console_warn_count, console_error_count, event_count, block_count, bytes, first_url, source, library)
            select project, session_id, 1, start_timestamp, start_timestamp + interval '1.2345678 seconds', 1, 2, 3, 4567, 5, 6, 7, 8, 9, 10, 'https://x', 'web', 'web 1.2'
            from   tracking.sessions
            where  project = $1 and is_bounce
            """,
            asking);
        return asking;
    }

    private async Task Do(string sql, Asking asking)
    {
        await using NpgsqlCommand command = gateway.Database.CreateCommand(sql);
        command.Parameters.AddWithValue(asking.Project);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static StoredSession Visit(int number)
    {
        // Ties would be in any order.
        StoredSession visit = new()
        {
            Start = DateTimeOffset.UtcNow.AddDays(-number % 13).AddHours(-number).AddSeconds(-number * 7),
            Seconds = 20 + (number * number),
            EntryPathname = number % 3 == 0 ? "/" : "/shoes/a",
            ChannelType = number % 4 == 0 ? "Paid Search" : "Direct",
            IsBounce = number % 5 == 0,
            EventCount = number + 1,
            IsLive = number == 0,
            DistinctId = $"visitor {number % 9}",
        };
        visit = visit.With("$pageview", 0, null, ("$current_url", "https://shop.example/shoes/a")).With("added_to_cart", 2).With("$pageview", 3 + number, null, ("$current_url", "https://shop.example/cart"));
        return number % 2 == 0 ? visit.With("purchased", 5 + number, null, ("price", JsonNode.Parse("19.90"))) : visit;
    }

    private static async Task<JsonNode> Answer(Asking asking, string query, string? engine = null)
    {
        using HttpResponseMessage answer = await Post(asking, query, engine);
        string body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{engine} {body}\n{query}");
        return JsonNode.Parse(body)!;
    }

    private static Task<HttpResponseMessage> Post(Asking asking, string query, string? engine) =>
        asking.Program.PostAsync("/api/sql", engine is null ? JsonContent.Create(new { query }) : JsonContent.Create(new { query, engine }));

    private static string Plain(JsonNode rows) => rows.ToJsonString();

    private static string Names(JsonNode answer) => string.Join(", ", answer["columns"]!.AsArray().Select(column => (string)column!["name"]!));

    /// <summary>Types, but for the sizes of whole numbers.</summary>
    private static string Types(JsonNode answer) => Regex.Replace(
        string.Join(", ", answer["columns"]!.AsArray().Select(column => $"{column!["name"]} {((string)column["type"]!).Split('(')[0]}")),
        " (integer|bigint|smallint|numeric)(?=,|$)",
        " number");

    /// <summary>Rows with numbers of six digits, in any order: the engines calculate with other types.</summary>
    private static string Rounded(JsonNode rows) => string.Join(
        '\n',
        rows.AsArray().Select(row => Regex.Replace(row!.ToJsonString(), @"-?\d+\.\d+(e[+-]?\d+)?", number => double.Parse(number.Value, System.Globalization.CultureInfo.InvariantCulture).ToString("G6", System.Globalization.CultureInfo.InvariantCulture)))
            .Order(StringComparer.Ordinal));
}
