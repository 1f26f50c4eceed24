using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Sessions.Tests.Web;

/// <summary>
/// An app's sessions wherever sessions appear: a screen's name is where a page's path is, in the session, in SQL, in
/// filters, breakdowns, tables of pages and exports.
/// </summary>
public sealed class ScreenSessionsTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private static readonly DateTimeOffset Begun = DateTimeOffset.UtcNow.AddMinutes(-2);

    private readonly TestGateway.Project _project = gateway.NextProject();

    [Fact]
    public async Task Screens_without_urls_appear_wherever_pages_appear()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        string session = Guid.CreateVersion7().ToString();
        string bounced = Guid.CreateVersion7().ToString();
        await Post(program, Screen("ann", session, 0, "Home"), Screen("ann", session, 30, "shop/cart"), Screen("ann", session, 60, "Paid"));
        await Post(program, Screen("ben", bounced, 0, "Home"));
        await Post(program, new JsonObject
        {
            ["event"] = "$pageview",
            ["distinct_id"] = "cid",
            ["properties"] = new JsonObject { ["$session_id"] = Guid.CreateVersion7().ToString(), ["$current_url"] = "https://x.org/a" },
        });

        JsonNode live = await Get(program, $"/api/sessions/{session}");
        Assert.Equal("Home Paid Home Paid 3 False", Told(live));
        Assert.Null(live["$entry_current_url"]);
        Assert.Null(live["$entry_hostname"]);

        // Rows follow their grains within seconds.
        await TestGateway.Until(async () => (await Rows(program, "select 1 from sessions where exit_screen_name = 'Paid'")).Count == 1);
        Assert.Equal(
            """["Home","Paid","Home","Paid",3,false]""",
            (await Rows(program, $"""
                select entry_screen_name, exit_screen_name, entry_pathname, exit_pathname, unique_url_count, is_bounce
                from sessions where session_id = '{session}'
                """))[0]!.ToJsonString());
        Assert.Equal(
            "Home, shop/cart, Paid",
            (string?)(await Rows(program, $"select string_agg(pathname, ', ' order by timestamp) from events where session_id = '{session}'"))[0]![0]);

        JsonNode found = await Get(program, Filtered("""{"key":"$exit_screen_name","operator":"exact","value":"Paid"}"""));
        Assert.Equal("Home Paid Home Paid 3 False", Told(Assert.Single(found["results"]!.AsArray())!));
        Assert.Equal(2, (await Get(program, Filtered("""{"key":"$entry_screen_name","operator":"is_set"}""")))["results"]!.AsArray().Count);

        JsonNode query = JsonNode.Parse(await (await program.PostAsync("/api/query", Json(JsonNode.Parse("""
            {"date_from":"-1d","series":[{"math":"total"}],"breakdown":{"property":"$entry_screen_name"}}
            """)!))).Content.ReadAsStringAsync())!;
        Assert.Equal(
            ["2 Home", "1 "],
            query["results"]!.AsArray().Select(series => $"{series!["value"]} {series["breakdown_value"]}").OrderDescending());

        Assert.Equal("Home 2 4 2 0.5, /a 1 1 1 1", await Tile(program, "entry_path"));
        Assert.Equal("Paid 1 3 1 0, /a 1 1 1 1, Home 1 1 1 1", await Tile(program, "exit_path"));
        Assert.Equal("Home 2 2 2 0.5, /a 1 1 1 1, Paid 1 1 1 null, shop/cart 1 1 1 null", await Tile(program, "page"));

        string[] exported = (await program.GetStringAsync("/api/export/sessions")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(exported, line => Told(JsonNode.Parse(line)!) == "Home Paid Home Paid 3 False");
    }

    private static string Told(JsonNode session) =>
        $"{session["$entry_screen_name"]} {session["$exit_screen_name"]} {session["$entry_pathname"]} {session["$exit_pathname"]} "
        + $"{session["$unique_url_count"]} {(bool?)session["$is_bounce"]}";

    private static string Filtered(string filter) => $"/api/sessions?filters={Uri.EscapeDataString($"[{filter}]")}";

    private static async Task<string> Tile(HttpClient program, string tile) => string.Join(
        ", ",
        (await Get(program, $"/api/web-analytics/{tile}?date_from=-1d"))["results"]!.AsArray()
            .Select(row => $"{row!["value"] ?? "null"} {row["visitors"]} {row["views"]} {row["sessions"]} {row["bounce_rate"]?.ToJsonString() ?? "null"}"));

    private static async Task<JsonArray> Rows(HttpClient program, string query)
    {
        using HttpResponseMessage answer = await program.PostAsync("/api/sql", Json(new JsonObject { ["query"] = query }));
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["rows"]!.AsArray();
    }

    private static JsonObject Screen(string person, string session, int second, string name) => new()
    {
        ["event"] = "$screen",
        ["distinct_id"] = person,
        ["timestamp"] = Begun.AddSeconds(second).ToString("O", CultureInfo.InvariantCulture),
        ["properties"] = new JsonObject { ["$session_id"] = session, ["$screen_name"] = name },
    };

    private async Task Post(HttpClient program, params JsonObject[] events)
    {
        JsonObject body = new() { ["api_key"] = _project.Token, ["batch"] = new JsonArray([.. events]) };
        using HttpResponseMessage answer = await program.PostAsync("/batch/", Json(body));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<JsonNode> Get(HttpClient program, string path) => JsonNode.Parse(await program.GetStringAsync(path))!;

    private static StringContent Json(JsonNode body) => new(body.ToJsonString(), Encoding.UTF8, "application/json");
}
