using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Sessions.Tests.Web;

/// <summary>The names of a session's events and its rage and dead clicks, wherever sessions are read.</summary>
public sealed class EventNamesTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private readonly TestGateway.Project _project = gateway.NextProject();

    [Fact]
    public async Task The_names_and_clicks_of_a_session_are_in_its_JSON_at_once_and_in_SQL_filters_breakdowns_and_exports()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        (string shop, string blog) = (Guid.CreateVersion7().ToString(), Guid.CreateVersion7().ToString());
        await Post(program, shop, ("$rageclick", 3), ("buy \"now\", \\ {a}", 2), ("$pageview", 1), ("$dead_click", 4), ("$rageclick", 5));
        await Post(program, blog, ("$pageview", 0), ("read", 1), ("NULL", 2));

        JsonNode live = JsonNode.Parse(await program.GetStringAsync($"/api/sessions/{shop}"))!;
        const string Names = """["$pageview","buy \"now\", \\ {a}","$rageclick","$dead_click"]""";
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Names), live["$event_names"]), live["$event_names"]?.ToJsonString());
        Assert.Equal((2, 1), ((int)live["$rage_click_count"]!, (int)live["$dead_click_count"]!));

        // Rows follow their grains within seconds.
        await TestGateway.Until(async () => (await Rows(program, "select sum(event_count) from sessions"))[0]![0]!.ToString() == "8");
        JsonNode row = (await Rows(program, $"select event_names, rage_click_count, dead_click_count, event_names[2] from sessions where session_id = '{shop}'"))[0]!;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse($"""[{Names},2,1,"buy \"now\", \\ {"{a}"}"]"""), row), row.ToJsonString());
        Assert.Equal("[1]", (await Rows(program, "select count(*) from sessions where 'read' = any(event_names)"))[0]!.ToJsonString());

        Assert.Equal([shop], await Found(program, """{"key":"$event_names","operator":"contains","value":"$rageclick"}"""));
        Assert.Equal([blog], await Found(program, """{"key":"$event_names","operator":"not_contains","value":["$rageclick","x"]}"""));
        Assert.Equal([shop], await Found(program, """{"key":"$rage_click_count","operator":"gt","value":1}"""));
        Assert.Equal(
            ["1 $dead_click", "1 $rageclick", "1 NULL", "1 buy \"now\", \\ {a}", "1 read", "2 $pageview"],
            (await Ask(program, "/api/query", """{"date_from":"-1d","series":[{"math":"total"}],"breakdown":{"property":"$event_names"}}"""))["results"]!
                .AsArray().Select(series => $"{series!["value"]} {series["breakdown_value"]}").Order(StringComparer.Ordinal));

        Assert.Contains("""$event_names":["$pageview","read","NULL"],"$rage_click_count":0,"$dead_click_count":0}""", await program.GetStringAsync("/api/export/sessions"), StringComparison.Ordinal);
        Assert.Contains("\"[\"\"$pageview\"\",\"\"read\"\",\"\"NULL\"\"]\",0,0\r\n", await program.GetStringAsync("/api/export/sessions?format=csv"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_that_come_again_or_late_change_no_name_but_their_own()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        string session = Guid.CreateVersion7().ToString();
        foreach ((string Name, int Second)[] sent in new (string, int)[][] { [("b", 5)], [("b", 5), ("c", 9)], [("a", 2)], [("c", 1)] })
        {
            await Post(program, session, sent);
        }

        JsonNode live = JsonNode.Parse(await program.GetStringAsync($"/api/sessions/{session}"))!;
        Assert.Equal("""["c","a","b"]""", live["$event_names"]!.ToJsonString());
    }

    [Theory]
    [InlineData("exact")]
    [InlineData("is_not")]
    [InlineData("in")]
    [InlineData("icontains")]
    [InlineData("regex")]
    [InlineData("gt")]
    [InlineData("between")]
    public async Task Another_operator_on_a_list_is_400_and_names_those_that_it_takes(string comparison)
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        JsonNode problem = await Problem(program, $$"""/api/sessions?filters=[{"key":"$event_names","operator":"{{comparison}}","value":"x"}]""");
        Assert.Equal("filters[0].operator", (string?)problem["field"]);
        Assert.Contains("contains, is_not_set, is_set, not_contains", (string?)problem["detail"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""/api/sessions?filters=[{"key":"$entry_pathname","operator":"contains","value":"x"}]""", "filters[0].operator")]
    [InlineData("""/api/sessions?filters=[{"key":"plan","type":"event","operator":"not_contains","value":"x"}]""", "filters[0].operator")]
    [InlineData("""/api/sessions?filters=[{"key":"$event_names","operator":"contains","value":[]}]""", "filters[0].value")]
    [InlineData("""/api/sessions?filters=[{"key":"$event_names","operator":"contains"}]""", "filters[0].value")]
    [InlineData("""/api/sessions?filters=[{"key":"$event_names","operator":"contains","value":[null]}]""", "filters[0].value")]
    [InlineData("""/api/sessions?filters=[{"key":"$event_names","value":"x"}]""", "filters[0].operator")]
    [InlineData("/api/sessions?order=$event_names", "order")]
    [InlineData("/api/sessions?order=-$event_names", "order")]
    public async Task A_wrong_use_of_lists_is_400_and_named(string path, string field)
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        Assert.Equal(field, (string?)(await Problem(program, path))["field"]);
    }

    [Fact]
    public async Task A_row_of_an_earlier_build_has_no_names_and_is_not_set()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        string session = Guid.CreateVersion7().ToString();
        await Post(program, session, ("a", 0));
        await TestGateway.Until(async () => (await Rows(program, "select count(*) from sessions"))[0]![0]!.ToString() == "1");
        foreach (string stored in new[] { "null", "'{}'" })
        {
            await using (var command = gateway.Database.CreateCommand($"update tracking.sessions set event_names = {stored} where project = $1"))
            {
                command.Parameters.AddWithValue(_project.Id);
                await command.ExecuteNonQueryAsync();
            }

            Assert.Equal([session], await Found(program, """{"key":"$event_names","operator":"is_not_set"}"""));
            Assert.Equal([session], await Found(program, """{"key":"$event_names","operator":"not_contains","value":"a"}"""));
            Assert.Empty(await Found(program, """{"key":"$event_names","operator":"is_set"}"""));
            Assert.Empty(await Found(program, """{"key":"$event_names","operator":"contains","value":"a"}"""));
            JsonNode result = Assert.Single((await Ask(program, "/api/query", """{"date_from":"-1d","series":[{"math":"total"}],"breakdown":{"property":"$event_names"}}"""))["results"]!.AsArray())!;
            Assert.Null(result["breakdown_value"]);
            Assert.Null(JsonNode.Parse(await program.GetStringAsync("/api/sessions"))!["results"]![0]!["$event_names"]);
        }

        // The session's next event brings the names back.
        await Post(program, session, ("b", 1));
        await TestGateway.Until(async () => (await Rows(program, "select event_names from sessions"))[0]![0]?.ToJsonString() == """["a","b"]""");
    }

    private static async Task<string[]> Found(HttpClient program, string filter) =>
    [
        .. JsonNode.Parse(await program.GetStringAsync($"/api/sessions?filters={WebUtility.UrlEncode($"[{filter}]")}"))!["results"]!
            .AsArray().Select(session => (string)session!["$session_id"]!),
    ];

    private static async Task<JsonNode> Problem(HttpClient program, string path)
    {
        using HttpResponseMessage answer = await program.GetAsync(path);
        string body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{(int)answer.StatusCode} {body}");
        return JsonNode.Parse(body)!;
    }

    private static async Task<JsonArray> Rows(HttpClient program, string sql) =>
        (await Ask(program, "/api/sql", new JsonObject { ["query"] = sql }.ToJsonString()))["rows"]!.AsArray();

    private static async Task<JsonNode> Ask(HttpClient program, string path, string body)
    {
        using HttpResponseMessage answer = await program.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    private async Task Post(HttpClient program, string session, params (string Name, int Second)[] events)
    {
        JsonArray batch =
        [
            .. events.Select(happened => new JsonObject
            {
                ["event"] = happened.Name,
                ["distinct_id"] = "ann",
                // The same event again has the same id.
                ["uuid"] = new Guid(Guid.Parse(session).ToByteArray().Select((part, at) => at == 15 ? (byte)(happened.Second + (happened.Name[0] * 16)) : part).ToArray()).ToString(),
                ["timestamp"] = s_start.AddSeconds(happened.Second).ToString("O"),
                ["properties"] = new JsonObject { ["$session_id"] = session },
            }),
        ];
        await Ask(program, "/batch/", new JsonObject { ["api_key"] = _project.Token, ["batch"] = batch }.ToJsonString());
    }

    private static readonly DateTimeOffset s_start = DateTimeOffset.UtcNow.AddMinutes(-1);
}
