using System.Net;
using System.Text.Json.Nodes;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Api.Querying;

/// <inheritdoc/>
public sealed class WebAnalyticsTests(TestGateway gateway) : WebAnalytics<TestGateway>(gateway);

/// <summary>The same, answered from columns.</summary>
public sealed class WebAnalyticsOfColumnsTests(ColumnsGateway gateway) : WebAnalytics<ColumnsGateway>(gateway);

public abstract class WebAnalytics<TGateway>(TGateway gateway) : IClassFixture<TGateway>
    where TGateway : TestGateway
{
    [Fact]
    public async Task The_overview_has_each_value_with_that_of_the_previous_period()
    {
        using Asking asking = await Asking.About(
            gateway,
            Session("anon", 4, true, 1),
            Session("anna", 20, false, 3).With("$identify", 1, null, ("$anon_distinct_id", "anon")),
            Session("bob", 0, null, 0),
            Session("cleo", 30, false, 2) with { Start = Noon.AddDays(-1) });

        JsonNode answer = await Get(asking, "overview?date_from=2026-01-15&date_to=2026-01-15");

        Assert.Equal(
            "visitors 2 1, views 4 2, sessions 3 1, average_duration 8 30, median_duration 4 30, bounce_rate 0.5 0",
            string.Join(", ", answer["results"]!.AsArray().Select(tile => $"{tile!["key"]} {tile["value"]} {tile["previous"]}")));
    }

    [Fact]
    public async Task All_time_has_no_previous_period_and_an_empty_project_has_no_averages()
    {
        using Asking asking = new(gateway);

        JsonNode answer = await Get(asking, "overview");

        Assert.Equal(
            "0/null 0/null 0/null null/null null/null null/null",
            string.Join(' ', answer["results"]!.AsArray().Select(tile =>
                $"{tile!["value"]?.ToJsonString() ?? "null"}/{tile["previous"]?.ToJsonString() ?? "null"}")));
    }

    [Theory]
    [InlineData("channel", "Direct 2 4 3 0.5, null 1 2 1 0")]
    [InlineData("channel?limit=1", "Direct 2 4 3 0.5")]
    [InlineData("entry_path", "/a 2 4 3 0.5, /b/7 1 2 1 0")]
    [InlineData("utm_source", "null 3 6 4 0.3333333333333333")]
    [InlineData("country", "null 3 6 4 0.3333333333333333")]
    [InlineData("channel?filters=[{\"key\":\"distinct_id\",\"operator\":\"exact\",\"value\":\"bob\"}]", "Direct 1 0 1 null")]
    [InlineData("channel?date_from=2026-01-16", "")]
    public async Task A_table_has_visitors_views_sessions_and_bounce_rate(string tile, string expected)
    {
        using Asking asking = await Asking.About(
            gateway,
            Session("anon", 4, true, 1) with { ChannelType = "Direct", EntryPathname = "/a" },
            (Session("anna", 20, false, 3) with { ChannelType = "Direct", EntryPathname = "/a" })
                .With("$identify", 1, null, ("$anon_distinct_id", "anon")),
            Session("bob", 0, null, 0) with { ChannelType = "Direct", EntryPathname = "/a" },
            Session("cleo", 30, false, 2) with { EntryPathname = "/b/7" });

        Assert.Equal(expected, Summary(await Get(asking, tile)));
    }

    [Fact]
    public async Task Pages_are_counted_by_their_views_and_bounces_count_for_the_entry_page()
    {
        using Asking asking = await Asking.About(
            gateway,
            (Session("ann", 4, true, 1) with { EntryPathname = "/a" }).With("$pageview", 0, null, ("$pathname", "/a")),
            (Session("bob", 20, false, 2) with { EntryPathname = "/b" }).With("$pageview", 0, null, ("$pathname", "/b"))
                .With("$pageview", 1, null, ("$current_url", "https://x.example/a?q")).With("$pageview", 2, null, ("$pathname", "/a"))
                .With("click", 2, null, ("$pathname", "/c")).With("$screen", 3, null, ("$screen_name", "Home")));

        Assert.Equal("/a 2 3 2 1, /b 1 1 1 0, Home 1 1 1 null", Summary(await Get(asking, "page")));
    }

    [Fact]
    public async Task Path_rules_combine_many_paths_into_one_page()
    {
        using Asking asking = await Asking.About(
            gateway,
            (Session("ann", 4, true, 1) with { EntryPathname = "/users/17/edit" }).With("$pageview", 0, null, ("$pathname", "/users/17/edit")),
            (Session("bob", 4, false, 1) with { EntryPathname = "/users/18" }).With("$pageview", 0, null, ("$pathname", "/users/18")));
        using HttpResponseMessage set = await asking.Program.PutAsync(
            "/api/project",
            new StringContent("""{"path_cleaning":[{"regex":"/edit$","replacement":""},{"regex":"/(users)/\\d+","replacement":"/\\1/:id"}]}"""));
        Assert.Equal(HttpStatusCode.OK, set.StatusCode);

        Assert.Equal("/users/:id 2 2 2 0.5", Summary(await Get(asking, "entry_path")));
        Assert.Equal("/users/:id 2 2 2 0.5", Summary(await Get(asking, "page")));
        Assert.Equal(
            """[{"regex":"/edit$","replacement":""},{"regex":"/(users)/\\d\u002B","replacement":"/\\1/:id"}]""",
            JsonNode.Parse(await asking.Program.GetStringAsync("/api/project"))!["path_cleaning"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"path_cleaning":{}}""", "path_cleaning")]
    [InlineData("""{"path_cleaning":[{"regex":"a"}]}""", "path_cleaning[0].replacement")]
    [InlineData("""{"path_cleaning":[{"regex":"","replacement":""}]}""", "path_cleaning[0].regex")]
    [InlineData("""{"path_cleaning":[{"regex":"a","replacement":""},{"regex":"(","replacement":""}]}""", "path_cleaning[1].regex")]
    public async Task A_wrong_path_rule_is_named_in_the_error(string settings, string field)
    {
        using Asking asking = new(gateway);

        using HttpResponseMessage answer = await asking.Program.PutAsync("/api/project", new StringContent(settings));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(field, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["field"]);
    }

    [Theory]
    [InlineData("nothing", HttpStatusCode.NotFound)]
    [InlineData("channel?limit=0", HttpStatusCode.BadRequest)]
    [InlineData("channel?date_from=soon", HttpStatusCode.BadRequest)]
    [InlineData("overview?timezone=Mars", HttpStatusCode.BadRequest)]
    public async Task A_wrong_parameter_is_refused(string tile, HttpStatusCode expected)
    {
        using Asking asking = new(gateway);

        using HttpResponseMessage answer = await asking.Program.GetAsync($"/api/web-analytics/{tile}");

        Assert.Equal(expected, answer.StatusCode);
    }

    private static StoredSession Session(string distinctId, double seconds, bool? isBounce, int pageviews) =>
        new() { Start = Noon, DistinctId = distinctId, Seconds = seconds, IsBounce = isBounce, Pageviews = pageviews };

    private static string Summary(JsonNode answer) => string.Join(", ", answer["results"]!.AsArray().Select(row =>
        $"{row!["value"] ?? "null"} {row["visitors"]} {row["views"]} {row["sessions"]} {row["bounce_rate"]?.ToJsonString() ?? "null"}"));

    private static async Task<JsonNode> Get(Asking asking, string tile) =>
        JsonNode.Parse(await asking.Program.GetStringAsync($"/api/web-analytics/{tile}"))!;
}
