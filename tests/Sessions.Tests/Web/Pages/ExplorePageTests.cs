using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sessions.Database.Properties;
using Sessions.Web.Analytics;
using Sessions.Web.UserSql;

namespace Sessions.Tests.Web.Pages;

/// <summary>The explorer and the SQL page, as people read them.</summary>
public sealed class ExplorePageTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Theory]
    [InlineData("$session_duration", "[0,49.2555)", "0.0 s to under 49.3 s")]
    [InlineData("$session_duration", "[49.2555,250]", "49.3 s to 4:10")]
    [InlineData("$pageview_count", "[1,3.5)", "1 to 3")]
    [InlineData("$pageview_count", "[3.5,6]", "4 to 6")]
    [InlineData("$pageview_count", "[1,2)", "1")]
    [InlineData("$pageview_count", "[1000,2500.5)", "1,000 to 2,500")]
    [InlineData("$pageview_count", "[1.2,1.4)", "none between 1.2 and 1.4")]
    [InlineData("$pageview_count", "$other", "$other")]
    [InlineData("$pageview_count", "[1e99,2)", "[1e99,2)")]
    public void A_bin_is_said_in_plain_words(string property, string bin, string words) =>
        Assert.Equal(words, BinWords.Of(bin, SessionProperties.Find(property)!));

    [Theory]
    [InlineData("bins=abc&breakdown=%24session_duration", "Bins must be a whole number from 1 to")]
    [InlineData("bins=0&breakdown=%24session_duration", "Bins must be a whole number from 1 to")]
    [InlineData("bins=5&breakdown=%24browser", "Browser is not a number, so it has no bins.")]
    [InlineData("bins=5", "Bins need a number to break down by.")]
    [InlineData("breakdown=fame", "A session has no property “fame”.")]
    [InlineData("formula=A%20%2B", "The formula ")]
    [InlineData("interval=decade", "“decade” is no interval")]
    [InlineData("math=total&event=&math=fame&event=", "Series B: “fame” is no math.")]
    [InlineData("math=avg&event=&property=%24browser", "Series A: average of needs a number, and “$browser” is none.")]
    [InlineData("chart=pie", "“pie” is no form of a chart.")]
    [InlineData("compare=always", "“always” is no comparison.")]
    public async Task A_field_that_makes_no_sense_is_named_in_words_and_the_rest_is_shown(string address, string words)
    {
        TestGateway.Project project = gateway.NextProject();
        await gateway.Database.AddSession(project.Id, DateTimeOffset.UtcNow.AddMinutes(-1), seconds: 5);
        using HttpClient browser = await gateway.Reader(project);

        string page = await browser.Page($"/explore?{address}");

        Assert.Contains(words, page, StringComparison.Ordinal);
        Assert.Contains("id=\"explore-results\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("breakdown.bins", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_never_happened_is_named_and_rows_lead_to_their_sessions()
    {
        TestGateway.Project project = gateway.NextProject();
        await gateway.Database.AddSession(project.Id, DateTimeOffset.UtcNow.AddMinutes(-1), source: "letter");
        using HttpClient browser = await gateway.Reader(project);

        string typo = await browser.Page("/explore?math=total&event=purchsed&math=total&event=");
        string groups = await browser.Page("/explore?math=total&event=&breakdown=%24entry_utm_source&interval=whole");

        Assert.Contains("No event “<bdi>purchsed</bdi>” happened in this range.", typo, StringComparison.Ordinal);
        Assert.Contains("<a href=\"/sessions?key=%24entry_utm_source&op=exact&value=letter\"", groups, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("math=sum&event=%24pageview&property=&event_property=seats", "$pageview, sum of seats", "7")]
    [InlineData("math=total&event=%24pageview&event_breakdown=plan", "gold", "2")]
    [InlineData("math=sum&event=%24pageview&property=&event_property=seats&event_breakdown=plan", "gold", "7")]
    public async Task A_series_of_an_event_is_calculated_from_and_broken_down_by_its_properties(string address, string name, string value)
    {
        TestGateway.Project project = gateway.NextProject();
        await Seats(project);
        using HttpClient browser = await gateway.Reader(project);

        string page = await browser.Page($"/explore?{address}&interval=whole");

        Assert.Matches($"""<th scope="row"[^>]*>\s*{Regex.Escape(name)}\s*</th>\s*<td class="n"><strong><a [^>]*>{value}</a></strong></td>""", page);
        Assert.DoesNotContain("class=\"fault\"", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("math=sum&event=&property=&event_property=seats", "“seats” is a property of events, and the series is of sessions.")]
    [InlineData("math=total&event=&event_breakdown=plan", "A series of sessions can't be broken down by a property of events.")]
    public async Task A_series_of_sessions_has_no_property_of_events(string address, string words)
    {
        TestGateway.Project project = gateway.NextProject();
        await Seats(project);
        using HttpClient browser = await gateway.Reader(project);

        Assert.Contains(words, await browser.Page($"/explore?{address}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_number_leads_to_the_sessions_behind_it()
    {
        TestGateway.Project project = gateway.NextProject();
        Guid counted = await Seats(project);
        Guid other = await gateway.Database.AddSession(project.Id, DateTimeOffset.UtcNow.AddMinutes(-1), distinctId: "ben");
        using HttpClient browser = await gateway.Reader(project);

        string page = await browser.Page("/explore?math=unique_sessions&event=%24pageview&interval=whole");
        string list = Regex.Match(page, "href=\"(/sessions\\?counted=[^\"]+)\"").Groups[1].Value;
        string sessions = await browser.Page(list);
        string broken = await browser.Page("/sessions?counted=x");

        Assert.Contains("only the sessions behind one number", sessions, StringComparison.Ordinal);
        Assert.Contains($"/sessions/{counted}", sessions, StringComparison.Ordinal);
        Assert.DoesNotContain($"/sessions/{other}", sessions, StringComparison.Ordinal);
        Assert.Contains("names no sessions behind a number", broken, StringComparison.Ordinal);
        Assert.Contains($"/sessions/{other}", broken, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_table_is_a_CSV_file_too()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient admin = gateway.Program(project.ApiKey);
        (await admin.PutAsJsonAsync("/api/project", new { timezone = "Asia/Kathmandu" })).EnsureSuccessStatusCode();
        await gateway.Database.AddSession(project.Id, SampleSessions.Noon, source: "=1+1");
        using HttpClient browser = await gateway.Reader(project);

        using HttpResponseMessage file = await browser.GetAsync(
            "/explore/csv?date_from=2026-01-14&date_to=2026-01-15&math=total&event=&breakdown=%24entry_utm_source");

        Assert.Equal("text/csv", file.Content.Headers.ContentType!.MediaType);
        Assert.Equal(
            "result,period,whole range,2026-01-14T00:00:00+05:45,2026-01-15T00:00:00+05:45\r\n'=1+1,current,1,0,1\r\n",
            await file.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Results_of_SQL_have_the_projects_time_zone_and_a_chart()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient admin = gateway.Program(project.ApiKey);
        (await admin.PutAsJsonAsync("/api/project", new { timezone = "Asia/Kathmandu" })).EnsureSuccessStatusCode();
        using HttpClient browser = await gateway.Reader(project);

        string page = await browser.Page(Address(
            "select timestamptz '2026-01-15 12:00:00Z' + n * interval '1 day' as day, n as count, n * 2 as twice from generate_series(1, 3) n"));
        JsonNode chart = await browser.Chart(Address("select 'a <b>' as name, 1 as count union all select 'c', 2"), "sql-chart");
        string single = await browser.Page(Address("select 1 as one"));

        Assert.Contains(">2026-01-16 17:45:00</time>", page, StringComparison.Ordinal);
        Assert.Contains("times in Asia/Kathmandu", page, StringComparison.Ordinal);
        Assert.Contains("\"kind\":\"line\"", page, StringComparison.Ordinal);
        Assert.Equal("bars", (string)chart["kind"]!);
        Assert.Equal(["a <b>", "c"], chart["labels"]!.AsArray().Select(label => (string)label!));
        Assert.DoesNotContain("sql-chart", single, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_example_of_the_cookbook_is_offered_and_runs()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient browser = await gateway.Reader(project);
        string page = await browser.Page("/sql");

        Assert.True(SqlExamples.All.Count >= 15, $"There are {SqlExamples.All.Count} examples.");
        foreach (SqlExample example in SqlExamples.All)
        {
            Assert.Contains(example.Title, page, StringComparison.Ordinal);
            // Some divide by the number of sessions, and there is none here.
            Assert.DoesNotMatch("refused the query: (?!division by zero)", await browser.Page(Address(example.Query)));
        }
    }

    [Fact]
    public async Task The_operator_finds_grains_by_the_ids_that_people_know_and_the_dashboard_leads_back()
    {
        TestGateway.Project project = gateway.NextProject();
        string session = Guid.CreateVersion7().ToString(), visitor = $"v{Guid.NewGuid():N}";
        using HttpClient sdk = gateway.Program(null);
        JsonObject seen = new()
        {
            ["event"] = "$pageview",
            ["distinct_id"] = visitor,
            ["uuid"] = Guid.CreateVersion7().ToString(),
            ["timestamp"] = DateTimeOffset.UtcNow.ToString("O"),
            ["properties"] = new JsonObject { ["$session_id"] = session },
        };
        (await sdk.PostAsJsonAsync("/batch/", new { api_key = project.Token, batch = new[] { seen } })).EnsureSuccessStatusCode();
        using HttpClient browser = await gateway.Reader(project with { ApiKey = TestGateway.OperatorKey }), reader = await gateway.Reader(project);
        using HttpResponseMessage opened = await browser.Send("/", "/projects/open", ("id", project.Id));

        string ofDevice = await browser.Page($"/grains?id={visitor}"), ofSession = await browser.Page($"/grains?id={session}");
        string none = await browser.Page("/grains?id=nobody%3Cb%3E"), dashboard = await browser.GetStringAsync("/dashboard/");

        Assert.Contains($"<a href=\"/sessions/{session}\">", ofDevice, StringComparison.Ordinal);
        Assert.Contains("badge live", ofSession, StringComparison.Ordinal);
        Assert.Contains("SessionGrain", ofSession, StringComparison.Ordinal);
        Assert.Contains("no silo", none, StringComparison.Ordinal);
        Assert.DoesNotContain("<td class=\"mono\">nobody<b>", none, StringComparison.Ordinal);
        Assert.Contains("Back to Sessions", dashboard, StringComparison.Ordinal);
        Assert.StartsWith("/admins-only", (await reader.GetAsync("/grains")).Headers.Location!.PathAndQueryOrText(), StringComparison.Ordinal);
    }

    private static string Address(string query) => $"/sql?q={Uri.EscapeDataString(query)}";

    /// <summary>A session with two views, of three and of four seats.</summary>
    private async Task<Guid> Seats(TestGateway.Project project)
    {
        DateTimeOffset time = DateTimeOffset.UtcNow.AddMinutes(-2);
        Guid session = await gateway.Database.AddSession(project.Id, time, events: 2);
        await gateway.Database.AddEvent(project.Id, session, 1, time, """{"seats":3,"plan":"gold"}""");
        await gateway.Database.AddEvent(project.Id, session, 2, time, """{"seats":"4","plan":"gold"}""");
        return session;
    }
}
