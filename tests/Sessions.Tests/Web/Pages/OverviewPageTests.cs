using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Sessions.Tests.Web.Pages;

/// <summary>The charts of pages, and what pages say when there is nothing to show.</summary>
public sealed class OverviewPageTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task Seven_days_are_whole_days_of_the_projects_zone_and_the_running_one_is_marked()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient admin = gateway.Program(project.ApiKey);
        (await admin.PutAsJsonAsync("/api/project", new { timezone = "Asia/Kathmandu" })).EnsureSuccessStatusCode();
        TimeZoneInfo zone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Kathmandu");
        DateTime today = TimeZoneInfo.ConvertTime(DateTimeOffset.UtcNow, zone).Date;
        // The first minute of the range, and the minute before it.
        DateTimeOffset first = new DateTimeOffset(today.AddDays(-6), zone.BaseUtcOffset).ToUniversalTime();
        await gateway.Database.AddSession(project.Id, first.AddMinutes(1));
        await gateway.Database.AddSession(project.Id, first.AddMinutes(-1));
        using HttpClient browser = await gateway.Reader(project);

        JsonNode chart = await browser.Chart("/?metric=sessions&date_from=-7d");
        string list = await browser.Page("/sessions?date_from=-7d");

        Assert.Equal(7, chart["labels"]!.AsArray().Count);
        Assert.All(Enumerable.Range(-6, 7), day => Assert.StartsWith(
            today.AddDays(day).ToString("d MMM", CultureInfo.InvariantCulture), (string)chart["labels"]![day + 6]!, StringComparison.Ordinal));
        Assert.Equal("""{"6":"not over yet"}""", chart["partial"]!.ToJsonString());
        Assert.Equal([1, 0, 0, 0, 0, 0, 0], chart["series"]![0]!["data"]!.AsArray().Select(value => (double)value!));
        Assert.Equal(7, chart["series"]![1]!["titles"]!.AsArray().Count);
        Assert.Contains("1 of 1 session", list, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_API_counts_back_from_now_all_the_same()
    {
        TestGateway.Project project = gateway.NextProject();
        await gateway.Database.AddSession(project.Id, DateTimeOffset.UtcNow.AddDays(-7).AddMinutes(2));
        using HttpClient program = gateway.Program(project.ApiKey);

        JsonNode list = JsonNode.Parse(await program.GetStringAsync("/api/sessions?date_from=-7d"))!;

        Assert.Single(list["results"]!.AsArray());
    }

    [Fact]
    public async Task Hours_say_their_date_only_where_it_changes()
    {
        TestGateway.Project project = gateway.NextProject();
        await gateway.Database.AddSession(project.Id, DateTimeOffset.UtcNow.AddMinutes(-1));
        using HttpClient browser = await gateway.Reader(project);

        JsonNode chart = await browser.Chart("/?date_from=-24h");
        string[] labels = [.. chart["labels"]!.AsArray().Select(label => (string)label!)];

        Assert.Equal(24, labels.Length);
        Assert.Single(labels, label => !label.Contains(':', StringComparison.Ordinal));
        Assert.All(chart["titles"]!.AsArray(), title => Assert.Matches(@"^\w{3} \d+ \w{3} \d{4}, \d\d:00–\d\d:00$", (string)title!));
    }

    [Fact]
    public async Task A_rate_changes_by_points_and_a_count_by_percent()
    {
        TestGateway.Project project = gateway.NextProject();
        DateTimeOffset now = DateTimeOffset.UtcNow;
        foreach ((int days, bool isBounce) in ((int, bool)[])[(1, true), (1, false), (8, false), (8, false), (8, false), (8, true)])
        {
            await gateway.Database.AddSession(project.Id, now.AddDays(-days), isBounce: isBounce);
        }

        using HttpClient browser = await gateway.Reader(project);
        string page = await browser.Page("/");

        Assert.Contains(">+25.0 points<", page, StringComparison.Ordinal);
        Assert.Contains(">−50.0%<", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_numbers_of_the_chart_are_in_a_table_too()
    {
        TestGateway.Project project = gateway.NextProject();
        await gateway.Database.AddSession(project.Id, DateTimeOffset.UtcNow.AddDays(-1));
        using HttpClient browser = await gateway.Reader(project);

        string page = await browser.Page("/?metric=sessions");

        Assert.Contains("Numbers of the chart", page, StringComparison.Ordinal);
        Assert.Contains("not over yet</th>", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/explore")]
    [InlineData("/sessions")]
    public async Task Only_a_project_that_never_had_a_session_gets_the_install_card(string path)
    {
        TestGateway.Project project = gateway.NextProject(), old = gateway.NextProject();
        await gateway.Database.AddSession(old.Id, SampleSessions.Noon);
        using HttpClient newcomer = await gateway.Reader(project);
        using HttpClient browser = await gateway.Reader(old);

        string first = await newcomer.Page(path);
        string empty = await browser.Page($"{path}?date_from=-7d");
        string filtered = await browser.Page($"{path}?date_from=-7d&key=%24browser&op=exact&value=x");
        string backwards = await browser.Page($"{path}?date_from=2026-02-02&date_to=2026-02-01");

        Assert.Contains("data-install", first, StringComparison.Ordinal);
        Assert.Contains("No session began in this range.", empty, StringComparison.Ordinal);
        Assert.Contains("No session in this range matches the filters.", filtered, StringComparison.Ordinal);
        foreach (string page in (string[])[empty, filtered, backwards])
        {
            Assert.DoesNotContain("data-install", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<canvas", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<table", page, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/live")]
    [InlineData("/live?key=%24browser&op=exact&value=x")]
    public async Task Live_shows_the_install_card_only_to_a_project_that_never_had_a_session(string path)
    {
        TestGateway.Project project = gateway.NextProject(), old = gateway.NextProject();
        await gateway.Database.AddSession(old.Id, SampleSessions.Noon);
        using HttpClient newcomer = await gateway.Reader(project), browser = await gateway.Reader(old);

        string first = await newcomer.Page(path), empty = await browser.Page(path);

        Assert.Contains("data-install", first, StringComparison.Ordinal);
        Assert.DoesNotContain("data-install", empty, StringComparison.Ordinal);
        Assert.DoesNotContain("/project#install", empty, StringComparison.Ordinal);
        Assert.Contains(path.Contains('?', StringComparison.Ordinal) ? "No one who is on now matches the filters." : "No one is on now.", empty, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("update tracking.projects set had_sessions = true where project = '{0}'")]
    [InlineData("insert into tracking.person_deletions (id, project, until, person, sessions, finished_at) values (gen_random_uuid(), '{0}', now(), '', 1, now())")]
    public async Task A_project_whose_sessions_were_all_deleted_gets_no_install_card(string deletion)
    {
        TestGateway.Project project = gateway.NextProject();
        await gateway.Database.CreateCommand(string.Format(System.Globalization.CultureInfo.InvariantCulture, deletion, project.Id)).ExecuteNonQueryAsync();
        using HttpClient browser = await gateway.Reader(project);

        foreach (string path in (string[])["/", "/live", "/sessions", "/explore"])
        {
            Assert.DoesNotContain("data-install", await browser.Page(path), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Pages_are_compressed_unless_they_show_a_new_secret()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient browser = await gateway.Reader(project);
        using HttpResponseMessage made = await browser.Send("/project", "/project/keys", ("name", "reader"), ("role", "read"));
        browser.DefaultRequestHeaders.AcceptEncoding.ParseAdd("br");

        using HttpResponseMessage withKey = await browser.GetAsync("/project");
        using HttpResponseMessage page = await browser.GetAsync("/project");
        using HttpResponseMessage api = await browser.GetAsync("/api/project");

        Assert.Equal(HttpStatusCode.Redirect, made.StatusCode);
        Assert.Empty(withKey.Content.Headers.ContentEncoding);
        Assert.Contains("Your new key", await withKey.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(["br"], page.Content.Headers.ContentEncoding);
        Assert.Empty(api.Content.Headers.ContentEncoding);
    }
}
