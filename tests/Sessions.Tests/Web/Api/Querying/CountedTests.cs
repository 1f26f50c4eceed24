using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Api.Querying;

/// <inheritdoc/>
public sealed class CountedTests(TestGateway gateway) : Counted<TestGateway>(gateway);

/// <summary>The same, answered from columns.</summary>
public sealed class CountedOfColumnsTests(ColumnsGateway gateway) : Counted<ColumnsGateway>(gateway);

/// <summary>The lists of sessions behind numbers.</summary>
public abstract class Counted<TGateway>(TGateway gateway) : IClassFixture<TGateway>
    where TGateway : TestGateway
{
    private const string Total = """{"date_from":"2026-01-01","date_to":"2026-01-31","series":[{"event":null,"math":"total"}]}""";

    [Fact]
    public async Task A_list_is_read_page_by_page_in_the_order_that_is_asked_for()
    {
        using Asking asking = await Asking.About(
            gateway, [.. Enumerable.Range(0, 25).Select(i => new StoredSession { Start = Noon.AddMinutes(i), EventCount = i, Pageviews = i % 2 })]);
        string url = await Url(asking, """{"date_from":"2026-01-01","series":[{"event":null,"math":"total","filters":[{"key":"$pageview_count","operator":"exact","value":1}]}]}""");
        List<int> counts = [];
        for (string? cursor = ""; cursor is not null;)
        {
            JsonNode page = JsonNode.Parse(await asking.Program.GetStringAsync($"{url}&order=-$event_count&limit=5{(cursor.Length > 0 ? "&cursor=" + cursor : "")}"))!;
            counts.AddRange(page["results"]!.AsArray().Select(session => (int)session!["$event_count"]!));
            cursor = (string?)page["next"];
        }

        Assert.Equal([23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1], counts);
    }

    [Fact]
    public async Task A_list_takes_filters_and_dates_of_its_own()
    {
        using Asking asking = await Asking.About(
            gateway, new StoredSession { Start = Noon, UtmSource = "ads" }, new StoredSession { Start = Noon }, new StoredSession { Start = Noon.AddDays(1), UtmSource = "ads" });
        string url = await Url(asking, Total);
        string filters = Uri.EscapeDataString("""[{"key":"$entry_utm_source","value":"ads"}]""");

        Assert.Equal(3, await Count(asking.Program, url));
        Assert.Equal(2, await Count(asking.Program, $"{url}&filters={filters}"));
        Assert.Equal(1, await Count(asking.Program, $"{url}&filters={filters}&date_to=2026-01-15"));
    }

    [Fact]
    public async Task A_list_has_what_is_counted_now()
    {
        StoredSession session = new() { Start = Noon };
        using Asking asking = await Asking.About(gateway, session);
        string url = await Url(asking, Total);

        await StoredSession.Write(gateway.Database, asking.Project, [new StoredSession { Start = Noon.AddDays(1) }]);
        Assert.Equal(2, await Count(asking.Program, url));

        await StoredSession.Delete(gateway.Database, asking.Project, session);
        Assert.Equal(1, await Count(asking.Program, url));
    }

    [Fact]
    public async Task A_token_is_good_at_another_gateway_and_for_no_other_project()
    {
        using Asking asking = await Asking.About(gateway, new StoredSession { Start = Noon });
        using Asking other = await Asking.About(gateway, new StoredSession { Start = Noon });
        string url = await Url(asking, Total);

        Assert.Equal("counted", await WrongField(other, url));
        await using WebApplication started = await gateway.StartAnother();
        asking.Ask(started.Urls.First());
        Assert.Equal(1, await Count(asking.Program, url));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("%00")]
    [InlineData("ä")]
    public async Task A_text_that_is_no_token_is_400(string token)
    {
        using Asking asking = await Asking.About(gateway, new StoredSession { Start = Noon });
        Assert.Equal("counted", await WrongField(asking, $"/api/sessions?counted={token}"));
    }

    [Fact]
    public async Task A_token_with_one_other_character_or_without_its_end_is_400()
    {
        using Asking asking = await Asking.About(gateway, new StoredSession { Start = Noon });
        string url = await Url(asking, Total);
        int begin = url.IndexOf('=', StringComparison.Ordinal) + 1;
        for (int at = begin; at < url.Length; at += 7)
        {
            string changed = url[..at] + (url[at] == 'A' ? 'B' : 'A') + url[(at + 1)..];
            Assert.Equal("counted", await WrongField(asking, changed));
            if (at > begin)
            {
                Assert.Equal("counted", await WrongField(asking, url[..at]));
            }
        }
    }

    [Fact]
    public async Task A_formula_has_no_list_and_a_filter_by_many_values_has_one()
    {
        using Asking asking = await Asking.About(gateway, new StoredSession { Start = Noon, UtmSource = "source 7" });
        JsonNode formula = Assert.Single(await asking.Query("""{"date_from":"2026-01-01","series":[{"math":"total"}],"formula":"A * 2"}"""))!;
        Assert.Null(formula["sessions_url"]);
        Assert.Null(formula["sessions_urls"]);

        string many = new JsonArray([.. Enumerable.Range(0, 1000).Select(i => JsonValue.Create($"source {i}"))]).ToJsonString();
        Assert.Equal(1, await Count(asking.Program, await Url(asking, $$"""{"series":[{"math":"total"}],"filters":[{"key":"$entry_utm_source","operator":"in","value":{{many}}}]}""")));
    }

    [Fact]
    public async Task Groups_that_are_no_value_or_all_others_or_odd_texts_can_be_opened()
    {
        string[] odd = ["a&b=c", "日本", "\"quoted\"", "+", " ", "%2F"];
        using Asking asking = await Asking.About(
            gateway,
            [
                .. odd.Select(source => new StoredSession { Start = Noon, UtmSource = source }),
                new StoredSession { Start = Noon }, new StoredSession { Start = Noon }, new StoredSession { Start = Noon, UtmSource = "rare" },
            ]);
        JsonArray results = await asking.Query("""{"date_from":"2026-01-01","series":[{"math":"total"}],"breakdown":{"property":"$entry_utm_source","limit":7}}""");
        Assert.Equal(8, results.Count);
        foreach (JsonNode? result in results)
        {
            Assert.Equal((double?)result!["value"], await Count(asking.Program, (string)result["sessions_url"]!));
        }
    }

    [Fact]
    public async Task Every_row_of_a_tile_can_be_opened()
    {
        using Asking asking = await Asking.About(
            gateway,
            new StoredSession { Start = Noon, EntryPathname = "/users/1", UtmSource = "ads", IsBounce = true }
                .With("$pageview", 0, null, ("$pathname", "/users/1")).With("$screen", 5, null, ("$pathname", "/users/1")).With("buy", 6),
            new StoredSession { Start = Noon, EntryPathname = "/users/2", UtmSource = "news" }.With("$pageview", 1, null, ("$pathname", "/")),
            new StoredSession { Start = Noon, UtmSource = "ads", IsBounce = false }.With("$pageview").With("$snapshot", 1));
        using HttpResponseMessage put = await asking.Program.PutAsync(
            "/api/project",
            new StringContent("""{"path_cleaning":[{"regex":"/users/\\d+","replacement":"/users/:id"}]}""", System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        string filters = Uri.EscapeDataString("""[{"key":"distinct_id","value":"ann"}]""");
        int rows = 0;
        foreach (string tile in new[] { "entry_path", "exit_path", "page", "utm_source", "channel", "events" })
        {
            foreach (string query in new[] { "", $"&filters={filters}" })
            {
                JsonNode table = JsonNode.Parse(await asking.Program.GetStringAsync($"/api/web-analytics/{tile}?date_from=2026-01-01{query}"))!;
                foreach (JsonNode? row in table["results"]!.AsArray())
                {
                    Assert.True(
                        (int)row!["sessions"]! == await Count(asking.Program, (string)row["sessions_url"]!), $"{tile}: {row.ToJsonString()}");
                    rows++;
                }
            }
        }

        Assert.True(rows > 15, $"There are only {rows} rows.");
        JsonArray tiles = JsonNode.Parse(await asking.Program.GetStringAsync("/api/web-analytics/overview?date_from=2026-01-01"))!["results"]!.AsArray();
        int[] counts = await Task.WhenAll(tiles.Select(tile => Count(asking.Program, (string)tile!["sessions_url"]!)));
        Assert.Equal([3, 3, 3, 3, 3, 2], counts);
    }

    [Fact]
    public async Task The_events_tile_counts_occurrences_sessions_and_visitors_of_each_event_but_snapshots()
    {
        using Asking asking = await Asking.About(
            gateway,
            new StoredSession { Start = Noon }.With("buy").With("buy", 1).With("$pageview", 2).With("$snapshot", 3),
            new StoredSession { Start = Noon }.With("buy", 0, "bea").With("late", 86_400 * 20),
            new StoredSession { Start = Noon.AddDays(-2), UtmSource = "ads" }.With("buy", 86_400 * 2, "cem"));

        JsonArray rows = await Rows("date_from=2026-01-15&date_to=2026-01-15");
        Assert.Equal(["buy 4 3 3", "$pageview 1 1 1"], rows.Select(Shown));
        Assert.Equal(["buy 4 3 3"], (await Rows("date_from=2026-01-15&date_to=2026-01-15&limit=1")).Select(Shown));
        Assert.Equal(
            ["buy 1 1 1"],
            (await Rows("filters=" + Uri.EscapeDataString("""[{"key":"$entry_utm_source","value":"ads"}]"""))).Select(Shown));
        Assert.Equal(["buy 4 3 3", "$pageview 1 1 1", "late 1 1 1"], (await Rows("")).Select(Shown));

        async Task<JsonArray> Rows(string query) =>
            JsonNode.Parse(await asking.Program.GetStringAsync("/api/web-analytics/events?" + query))!["results"]!.AsArray();

        static string Shown(JsonNode? row) => $"{row!["value"]} {row["occurrences"]} {row["sessions"]} {row["visitors"]}";
    }

    private static async Task<string> Url(Asking asking, string query) => (string)Assert.Single(await asking.Query(query))!["sessions_url"]!;

    private static async Task<int> Count(HttpClient program, string url) =>
        JsonNode.Parse(await program.GetStringAsync(url))!["results"]!.AsArray().Count;

    private static async Task<string?> WrongField(Asking asking, string url)
    {
        using HttpResponseMessage answer = await asking.Program.GetAsync(url);
        string body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{(int)answer.StatusCode} {body}");
        return (string?)JsonNode.Parse(body)!["field"];
    }
}
