using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Sessions.Tests.Web;

/// <summary>The SDK's texts on a session's start page, wherever sessions are read.</summary>
public sealed class StartPageTextTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private readonly TestGateway.Project _project = gateway.NextProject();

    [Fact]
    public async Task The_start_pages_texts_are_the_sessions_and_a_number_is_read_as_a_text()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        string session = Guid.CreateVersion7().ToString();
        await Post(
            program,
            session,
            Event("custom", 0, """{"$browser_version":1,"$browser_language":"fr","$timezone":"Asia/Tokyo"}"""),
            Event("$pageview", 1, """{"$browser_version":138.5,"$browser_language":"de-DE"}"""),
            Event("$pageview", 2, """{"$browser_version":139,"$browser_language":"en","$timezone":"Europe/Berlin"}"""));

        JsonNode live = JsonNode.Parse(await program.GetStringAsync($"/api/sessions/{session}"))!;
        Assert.Equal("138.5", (string?)live["$browser_version"]);
        Assert.Equal("de-DE", (string?)live["$browser_language"]);
        Assert.Null(live["$timezone"]);
    }

    [Fact]
    public async Task The_texts_of_the_start_page_are_in_SQL_filters_breakdowns_and_exports()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        string berlin = Guid.CreateVersion7().ToString();
        await Post(program, berlin, Event("$pageview", 0, """{"$browser_version":138,"$browser_language":"de","$timezone":"Europe/Berlin"}"""));
        await Post(program, Guid.CreateVersion7().ToString(), Event("$pageview", 0, """{"$browser_version":"17.2","$browser_language":"ja"}"""));

        // Rows follow their grains within seconds.
        await TestGateway.Until(async () => (await Rows(program, "select count(*) from sessions where browser_version in ('138', '17.2')"))[0]![0]!.ToString() == "2");
        Assert.Equal(
            """["138","de","Europe/Berlin"]""",
            (await Rows(program, "select browser_version, browser_language, timezone from sessions where timezone is not null"))[0]!.ToJsonString());

        JsonNode found = JsonNode.Parse(await program.GetStringAsync(
            "/api/sessions?filters=" + WebUtility.UrlEncode("""[{"key":"$timezone","operator":"icontains","value":"berlin"}]""")))!;
        Assert.Equal(berlin, (string?)Assert.Single(found["results"]!.AsArray())!["$session_id"]);

        JsonNode query = await Ask(program, "/api/query", """{"date_from":"-1d","series":[{"math":"total"}],"breakdown":{"property":"$browser_language"}}""");
        Assert.Equal(["1 de", "1 ja"], query["results"]!.AsArray().Select(series => $"{series!["value"]} {series["breakdown_value"]}").Order());

        string exported = await program.GetStringAsync("/api/export/sessions");
        Assert.Contains("\"$browser_version\":\"17.2\",\"$browser_language\":\"ja\",\"$timezone\":null", exported, StringComparison.Ordinal);
    }

    private static JsonObject Event(string name, int second, string properties) => new()
    {
        ["event"] = name,
        ["distinct_id"] = "ann",
        ["timestamp"] = DateTimeOffset.UtcNow.AddMinutes(-1).AddSeconds(second).ToString("O"),
        ["properties"] = JsonNode.Parse(properties),
    };

    private static async Task<JsonArray> Rows(HttpClient program, string sql) =>
        (await Ask(program, "/api/sql", new JsonObject { ["query"] = sql }.ToJsonString()))["rows"]!.AsArray();

    private static async Task<JsonNode> Ask(HttpClient program, string path, string body)
    {
        using HttpResponseMessage answer = await program.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    private async Task Post(HttpClient program, string session, params JsonObject[] events)
    {
        foreach (JsonObject each in events)
        {
            each["properties"]!["$session_id"] = session;
        }

        await Ask(program, "/batch/", new JsonObject { ["api_key"] = _project.Token, ["batch"] = new JsonArray([.. events]) }.ToJsonString());
    }
}
