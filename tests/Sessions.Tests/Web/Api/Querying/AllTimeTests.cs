using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Sessions.SystemTests.Harness;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>
/// "All time" is taken from the data, so one odd row must not decide what everybody sees. It begins where true data
/// begins and ends now, whatever times unset or wrong clocks have left. It is never refused because of stored data.
/// Rows outside of it are kept: lists, exports and explicit dates have them.
/// </summary>
public sealed class AllTimeTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    public static TheoryData<string> UnsetClocks =>
    [
        "0001-01-01T00:00:00Z", "0001-01-01T00:00:12Z", "1601-01-01T00:00:00Z", "1904-01-01T00:10:00Z", "1970-01-01T00:00:00Z",
        "1970-02-11T07:00:00Z", "1980-01-06T00:00:05Z", "2000-01-01T00:00:01Z", "2001-01-01T00:00:00Z",
    ];

    [Theory]
    [MemberData(nameof(UnsetClocks))]
    public async Task An_event_from_an_unset_clock_does_not_decide_when_all_time_begins(string unset)
    {
        using Asking asking = await Asking.About(gateway, At(unset, 0), At("2026-01-15T12:00Z", 4), At("2026-01-16T12:00Z", 8));

        foreach (string from in new[] { "", "\"date_from\":\"all\"," })
        {
            foreach ((string interval, string first) in new[]
            {
                ("hour", "2026-01-15T12:00:00Z"), ("day", "2026-01-15T00:00:00Z"), ("week", "2026-01-12T00:00:00Z"), ("month", "2026-01-01T00:00:00Z"),
            })
            {
                JsonArray results = await asking.Query(
                    $$"""
                    { {{from}}"interval":"{{interval}}","series":[{"event":null,"math":"total"},
                      {"event":null,"math":"avg","property":"$session_duration"},{"event":"e","math":"unique_sessions"}]}
                    """);

                Assert.Equal([2, 6, 2], results.Select(result => (double)result!["value"]!));
                Assert.All(results, result => Assert.Equal(first, (string)result!["labels"]![0]!));
            }

            Assert.Equal(2, await asking.Value($$"""{ {{from}}"series":[{"event":null,"math":"total"}]}"""));
            Assert.Equal(2, await asking.Value($$"""{ {{from}}"series":[{"event":"e","math":"total"}]}"""));
        }

        JsonNode tiles = JsonNode.Parse(await asking.Program.GetStringAsync("/api/web-analytics/overview?date_from=all"))!;
        Assert.Equal("1 0 2 6", string.Join(' ', tiles["results"]!.AsArray().Take(4).Select(tile => tile!["value"])));
        JsonNode table = JsonNode.Parse(await asking.Program.GetStringAsync("/api/web-analytics/channel"))!;
        Assert.Equal(2, (int)Assert.Single(table["results"]!.AsArray())!["sessions"]!);
    }

    [Theory]
    [MemberData(nameof(UnsetClocks))]
    public async Task Events_from_an_unset_clock_are_kept_and_found_by_explicit_dates(string unset)
    {
        using Asking asking = await Asking.About(gateway, At(unset, 0), At("2026-01-15T12:00Z", 4));
        string day = unset[..10];

        Assert.Equal(1, await asking.Value($$"""{"date_from":"{{day}}","date_to":"{{day}}","interval":"day","series":[{"event":null}]}"""));
        Assert.Equal(2, await asking.Value($$"""{"date_from":"{{day}}","series":[{"event":null}]}"""));
        foreach (string kind in new[] { "sessions", "events" })
        {
            Assert.Equal(2, (await asking.Program.GetStringAsync($"/api/export/{kind}?date_from=all")).Split('\n').Length - 1);
        }

        JsonNode listed = JsonNode.Parse(await asking.Program.GetStringAsync("/api/sessions?date_from=all"))!;
        Assert.Equal(2, listed["results"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("1995-07-01T04:00:00Z")]
    [InlineData("2000-06-01T04:00:00Z")]
    [InlineData("2005-03-04T05:06:07Z")]
    public async Task Old_events_with_true_times_are_in_all_time(string old)
    {
        using Asking asking = await Asking.About(gateway, At(old, 0), At("1970-01-01T00:00Z", 0), At("2026-01-15T12:00Z", 4));

        JsonNode days = Assert.Single(await asking.Query("""{"interval":"day","series":[{"event":null}]}"""))!;
        JsonNode months = Assert.Single(await asking.Query("""{"interval":"month","series":[{"event":null}]}"""))!;

        Assert.Equal($"{old[..10]}T00:00:00Z", (string?)days["labels"]![0]);
        Assert.Equal($"{old[..7]}-01T00:00:00Z", (string?)months["labels"]![0]);
        Assert.Equal((2, 2), ((int)days["value"]!, (int)months["value"]!));
    }

    [Fact]
    public async Task A_session_whose_clock_was_set_meanwhile_counts_from_that_time_on()
    {
        StoredSession session = At("1970-01-01T00:00:10Z", 0) with { Seconds = (Noon - DateTimeOffset.UnixEpoch).TotalSeconds };
        session = session with { Events = [.. session.Events, new StoredEvent("e", Noon, "ann", new Dictionary<string, object?>())] };
        using Asking asking = await Asking.About(gateway, session, At("2026-02-15T12:00Z", 4));

        JsonArray results = await asking.Query(
            """{"interval":"month","series":[{"event":"e","math":"total"},{"event":null,"math":"max","property":"$session_duration"}]}""");

        Assert.Equal("2026-01-01T00:00:00Z", (string?)results[0]!["labels"]![0]);
        Assert.Equal((2, 4), ((int)results[0]!["value"]!, (int)results[1]!["value"]!));
    }

    [Fact]
    public async Task When_all_clocks_are_unset_all_time_is_empty_and_not_an_error()
    {
        using Asking asking = await Asking.About(gateway, At("0001-01-01T00:00Z", 0));

        foreach (string interval in new[] { "null", "\"minute\"", "\"day\"", "\"month\"" })
        {
            Assert.Equal(0, await asking.Value($$"""{"interval":{{interval}},"series":[{"event":null}]}"""));
        }
    }

    [Fact]
    public async Task A_time_far_in_the_future_does_not_decide_when_all_time_ends()
    {
        using Asking asking = await Asking.About(gateway, At("2026-01-15T12:00Z", 4), At("2999-01-01T00:00Z", 0), At("9999-12-31T23:59Z", 0));

        JsonNode days = Assert.Single(await asking.Query("""{"interval":"day","series":[{"event":null}]}"""))!;
        JsonNode tiles = JsonNode.Parse(await asking.Program.GetStringAsync("/api/web-analytics/overview"))!;

        Assert.Equal(1, (int)days["value"]!);
        Assert.True(Time((string)days["labels"]!.AsArray()[^1]!) <= DateTimeOffset.UtcNow);
        Assert.Equal(1, (int)tiles["results"]![2]!["value"]!);
        Assert.Equal(3, await asking.Value("""{"date_to":"9999-12-31","series":[{"event":null}]}"""));
        Assert.Equal(1, await asking.Value("""{"date_from":"2998-12-31","date_to":"2999-01-02","interval":"day","series":[{"event":null}]}"""));
    }

    [Fact]
    public async Task A_query_with_too_many_points_is_answered_with_the_latest()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using Asking asking = await Asking.About(
            gateway, At("2005-03-04T05:06:07Z", 100), new StoredSession { Start = now.AddHours(-1), Seconds = 4 }.With("e"));

        JsonNode minutes = await Answer(asking, """{"interval":"minute","series":[{"event":null,"math":"avg","property":"$session_duration"}]}""");
        JsonNode days = await Answer(asking, """{"interval":"day","series":[{"event":null,"math":"avg","property":"$session_duration"}]}""");
        JsonNode ever = await Answer(asking, """{"interval":"day","date_to":"9999-12-31","series":[{"event":null}]}""");
        JsonNode before = await Answer(asking, """{"interval":"minute","date_to":"2006-01-01T00:00Z","series":[{"event":null}]}""");

        JsonArray labels = minutes["results"]![0]!["labels"]!.AsArray();
        Assert.True((bool)minutes["truncated"]!);
        Assert.InRange(labels.Count, 12_000 - (25 * 60), 12_000); // without the empty ones ahead
        Assert.Equal(4, (int)minutes["results"]![0]!["value"]!); // of what is shown
        Assert.True(Time((string)labels[^1]!) <= DateTimeOffset.UtcNow);
        Assert.Equal((true, 2), ((bool)ever["truncated"]!, (int)ever["results"]![0]!["value"]!));
        Assert.Null(days["truncated"]);
        Assert.Equal(52, (int)days["results"]![0]!["value"]!);
        Assert.Equal("2005-12-31T23:59:00Z", (string?)before["results"]![0]!["labels"]!.AsArray()[^1]);
    }

    [Fact]
    public async Task A_query_whose_groups_make_too_many_points_is_answered_with_the_latest()
    {
        await using WebApplication other = await gateway.StartAnother(
            settings: new Dictionary<string, string?> { ["Sessions:Query:MaxPoints"] = "100", ["Sessions:Query:MaxBuckets"] = "1000" });
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using Asking asking = await Asking.About(
            gateway,
            [.. Enumerable.Range(0, 8).Select(i => new StoredSession { Start = now.AddDays(-200).AddHours(i), EntryPathname = $"/{i}" }),
             .. Enumerable.Range(0, 3).Select(i => new StoredSession { Start = now.AddMinutes(-i), EntryPathname = $"/{i}" })]);
        asking.Ask(other.Urls.First());

        foreach (string series in new[] { "{\"event\":null}", "{\"event\":null,\"filters\":[{\"key\":\"status\",\"value\":\"ended\"}]}" })
        {
            JsonNode all = await Answer(asking, $$"""{"interval":"day","series":[{{series}},{{series}}],"breakdown":{"property":"$entry_pathname"} }""");

            Assert.True((bool)all["truncated"]!);
            Assert.Equal(6, all["results"]!.AsArray().Count);
            Assert.True(all["results"]!.AsArray().Sum(result => result!["data"]!.AsArray().Count) <= 100);
            // What its own dates make too much is still refused.
            Assert.Equal("breakdown", await asking.WrongField(
                $$"""{"date_from":"-201d","interval":"day","series":[{{series}}],"breakdown":{"property":"$entry_pathname"} }"""));
        }
    }

    [Fact]
    public async Task The_pages_show_all_time_with_the_same_bounds()
    {
        TestGateway.Project project = gateway.NextProject();
        await StoredSession.Write(gateway.Database, project.Id, [At("0001-01-01T00:00Z", 0), At("2026-01-15T12:00Z", 4)]);
        using HttpClient browser = gateway.Browser();
        using HttpResponseMessage signedIn = await browser.SignIn(project.ApiKey);
        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);

        foreach (string page in new[]
        {
            "/?date_from=all", "/explore?date_from=all", "/explore?date_from=all&interval=minute", "/explore?date_from=all&interval=whole", "/sessions?date_from=all",
        })
        {
            string shown = await browser.GetStringAsync(page);

            Assert.DoesNotContain("note wrong", shown, StringComparison.Ordinal);
            Assert.Equal(page.Contains("minute", StringComparison.Ordinal), shown.Contains("more points than the chart can show", StringComparison.Ordinal));
        }
    }

    private static async Task<JsonNode> Answer(Asking asking, string query)
    {
        using HttpResponseMessage answer = await asking.Post("/api/query", query);
        string body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, body);
        return JsonNode.Parse(body)!;
    }

    private static StoredSession At(string start, double seconds) => new StoredSession { Start = Time(start), Seconds = seconds }.With("e");

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
