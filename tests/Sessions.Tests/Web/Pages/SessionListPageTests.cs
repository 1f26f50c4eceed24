using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Pages;

/// <summary>The list of sessions: totals, pages back and forth, marks, and its file.</summary>
public sealed partial class SessionListPageTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task Pages_go_forth_and_back_and_say_where_they_are()
    {
        TestGateway.Project project = gateway.NextProject();
        for (int number = 0; number < 7; number++)
        {
            await gateway.Database.AddSession(project.Id, Noon.AddMinutes(number), distinctId: $"user-{number}");
        }

        using HttpClient browser = await gateway.Reader(project);
        List<string[]> forth = [], back = [];
        string address = "/sessions?date_from=all&limit=2&order=-%24start_timestamp", page = "";
        for (string? next = address; next is not null; next = Address(page, "next"))
        {
            page = await browser.Page(next);
            forth.Add(Visitors(page));
        }

        Assert.Contains("7 of 7 sessions", page, StringComparison.Ordinal);
        for (string? previous = Address(page, "prev"); previous is not null; previous = Address(page, "prev"))
        {
            page = await browser.Page(previous);
            back.Insert(0, Visitors(page));
        }

        Assert.Contains("1–2 of 7 sessions", page, StringComparison.Ordinal);
        Assert.Equal(["user-6 user-5", "user-4 user-3", "user-2 user-1", "user-0"], forth.Select(visitors => string.Join(' ', visitors)));
        Assert.Equal(forth.SkipLast(1), back);
    }

    [Fact]
    public async Task The_file_has_the_columns_and_the_order_of_the_table()
    {
        TestGateway.Project project = gateway.NextProject();
        await gateway.Database.AddSession(project.Id, Noon, seconds: 5, distinctId: "ann");
        await gateway.Database.AddSession(project.Id, Noon.AddMinutes(1), seconds: 9, distinctId: "bob");
        using HttpClient browser = await gateway.Reader(project);

        string page = await browser.Page("/sessions?date_from=all&order=-%24session_duration&col=distinct_id&col=%24session_duration&col=%24pageview_count");
        string file = await browser.GetStringAsync(File().Match(page).Groups[1].Value);

        Assert.Equal("distinct_id,$session_duration,$pageview_count,$screen_count\r\nbob,9,1,0\r\nann,5,1,0\r\n", file.Replace(".000", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Views_are_pages_and_screens_in_their_column_its_order_and_its_file()
    {
        TestGateway.Project project = gateway.NextProject();
        foreach ((string name, int pages, int screens) in ((string, int, int)[])[("user-1", 3, 0), ("user-2", 0, 5), ("user-3", 2, 2), ("user-4", 1, 0), ("user-5", 0, 4)])
        {
            Guid id = await gateway.Database.AddSession(project.Id, Noon, distinctId: name);
            await gateway.Database.CreateCommand($"update tracking.sessions set pageview_count = {pages}, screen_count = {screens} where session_id = '{id}'").ExecuteNonQueryAsync();
        }

        using HttpClient browser = await gateway.Reader(project);
        string first = await browser.Page("/sessions?date_from=all&limit=2");
        string byViews = Regex.Match(first, "<a href=\"([^\"]+)\" title=\"pages and screens\">").Groups[1].Value;
        List<string> visitors = [];
        string page = "";
        for (string? next = byViews; next is not null; next = Address(page, "next"))
        {
            page = await browser.Page(next);
            visitors.AddRange(Visitors(page));
        }

        string file = await browser.GetStringAsync(File().Match(page).Groups[1].Value);
        string upwards = await browser.Page(Regex.Match(page, "<a href=\"([^\"]+)\" title=\"pages and screens\">Views ↓").Groups[1].Value);

        Assert.Equal(("user-2", "user-1", "user-4"), (visitors[0], visitors[3], visitors[4]));
        Assert.Equal(["user-3", "user-5"], visitors[1..3].Order());
        Assert.Equal(visitors, file.Split("\r\n")[1..6].Select(line => line[..6]));
        Assert.Equal(["user-4", "user-1"], Visitors(upwards));
        Assert.Contains("aria-sort=\"ascending\"", upwards, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("order=views", "ann,bob")]
    [InlineData("order=-views", "bob,ann")]
    public async Task The_list_of_the_API_can_be_ordered_by_views(string order, string expected)
    {
        TestGateway.Project project = gateway.NextProject();
        await gateway.Database.AddSession(project.Id, Noon, distinctId: "ann");
        Guid id = await gateway.Database.AddSession(project.Id, Noon, distinctId: "bob");
        await gateway.Database.CreateCommand($"update tracking.sessions set pageview_count = 0, screen_count = 2 where session_id = '{id}'").ExecuteNonQueryAsync();
        using HttpClient program = gateway.Program(project.ApiKey);

        List<string> found = [];
        for (string? cursor = ""; cursor is not null;)
        {
            JsonNode page = JsonNode.Parse(await program.GetStringAsync($"/api/sessions?{order}&limit=1&cursor={cursor}"))!;
            found.Add((string)page["results"]![0]!["distinct_id"]!);
            cursor = (string?)page["next"];
        }

        Assert.Equal(expected, string.Join(',', found));
    }

    [Fact]
    public async Task Cells_that_may_be_cut_have_their_text_as_a_title()
    {
        TestGateway.Project project = gateway.NextProject();
        string path = $"/{new string('p', 90)}";
        Guid id = await gateway.Database.AddSession(project.Id, DateTimeOffset.UtcNow.AddHours(-1));
        await gateway.Database.CreateCommand($"update tracking.sessions set event_names = array['a <b>', 'purchased'], entry_pathname = '{path}' where session_id = '{id}'").ExecuteNonQueryAsync();
        using HttpClient browser = await gateway.Reader(project);

        string list = await browser.GetStringAsync("/sessions?date_from=all&col=%24event_names&col=%24entry_pathname");
        string explored = await browser.GetStringAsync("/explore?breakdown=%24entry_pathname&math=total&event=");
        string rows = await browser.GetStringAsync($"/sql?q={Uri.EscapeDataString($"select '{path[..50]}' as first, 1 as second")}");

        Assert.Contains("title=\"a &lt;b&gt;, purchased\"", list, StringComparison.Ordinal);
        Assert.Contains($"<th scope=\"row\" title=\"{path}\"", explored, StringComparison.Ordinal);
        Assert.Contains($"title=\"{path[..50]}\"", rows, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("columns=nonsense", "columns")]
    [InlineData("columns=distinct_id,distinct_id", "columns")]
    [InlineData("order=nonsense", "order")]
    public async Task An_export_names_a_wrong_column_or_order(string query, string field)
    {
        using HttpClient program = gateway.Program(gateway.Ours.ApiKey);

        using HttpResponseMessage answer = await program.GetAsync($"/api/export/sessions?{query}");

        Assert.Equal(field, (string)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["field"]!);
    }

    [Fact]
    public async Task An_export_as_lines_of_json_has_the_named_columns_only()
    {
        TestGateway.Project project = gateway.NextProject();
        await gateway.Database.AddSession(project.Id, Noon);
        using HttpClient program = gateway.Program(project.ApiKey);

        Assert.Equal("{\"status\":\"ended\",\"distinct_id\":\"ann\"}\n", await program.GetStringAsync("/api/export/sessions?columns=status,distinct_id"));
    }

    [Fact]
    public async Task Live_sessions_are_marked()
    {
        TestGateway.Project project = gateway.NextProject();
        await gateway.Database.AddSession(project.Id, Noon, isLive: true);
        using HttpClient browser = await gateway.Reader(project);

        Assert.Contains("aria-label=\"live\"", await browser.Page("/sessions?date_from=all"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_on_now_is_who_was_seen_in_the_last_five_minutes()
    {
        TestGateway.Project project = gateway.NextProject();
        DateTimeOffset now = DateTimeOffset.UtcNow;
        await gateway.Database.AddSession(project.Id, now.AddMinutes(-20), seconds: 19 * 60, isLive: true, distinctId: "active");
        await gateway.Database.AddSession(project.Id, now.AddMinutes(-20), seconds: 14 * 60, isLive: true, distinctId: "quiet");
        await gateway.Database.AddSession(project.Id, now.AddMinutes(-20), seconds: 19 * 60, distinctId: "ended");
        using HttpClient program = gateway.Program(project.ApiKey);
        using HttpClient browser = await gateway.Reader(project);

        JsonNode live = JsonNode.Parse(await program.GetStringAsync("/api/live"))!;
        string page = await browser.Page("/live");

        Assert.Equal((2, 1), ((int)live["count"]!, (int)live["active_count"]!));
        Assert.All(live["sessions"]!.AsArray(), session => Assert.Equal((string)session!["$end_timestamp"]!, (string)session["$last_event_at"]!));
        Assert.Matches("data-live-count>1<", page);
        Assert.Matches("data-live-quiet-count>1<", page);
        string active = page[page.IndexOf("data-live-rows=\"active\"", StringComparison.Ordinal)..page.IndexOf("data-live-rows=\"quiet\"", StringComparison.Ordinal)];
        Assert.Contains(">active</a>", active, StringComparison.Ordinal);
        Assert.Contains("1 min ago", active, StringComparison.Ordinal);
        Assert.DoesNotContain(">quiet</a>", active, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 3)]
    [InlineData("?key=distinct_id&op=exact&value=bob", 1)]
    public async Task Live_draws_who_came_in_each_of_the_last_minutes_and_lists_countries_when_there_are_some(string filter, int came)
    {
        TestGateway.Project project = gateway.NextProject(), nowhere = gateway.NextProject();
        DateTimeOffset now = DateTimeOffset.UtcNow;
        foreach ((string name, double minutes) in ((string, double)[])[("ann", 3.5), ("bob", 3.5), ("eve", 29.5), ("long ago", 40), ("to come", -2)])
        {
            Guid id = await gateway.Database.AddSession(project.Id, now.AddMinutes(-minutes), seconds: Math.Max(0, minutes * 60), isLive: true, distinctId: name);
            await gateway.Database.CreateCommand($"update tracking.sessions set country = 'NZ' where session_id = '{id}'").ExecuteNonQueryAsync();
            await gateway.Database.AddSession(nowhere.Id, now.AddMinutes(-minutes), seconds: Math.Max(0, minutes * 60), isLive: true, distinctId: name);
        }

        using HttpClient browser = await gateway.Reader(project), other = await gateway.Reader(nowhere);
        string page = await browser.Page($"/live{filter}"), without = await other.Page("/live");

        Assert.Equal(came.ToString(System.Globalization.CultureInfo.InvariantCulture), Came().Match(page).Groups[1].Value);
        Assert.Contains($"<title>3 min ago: {(came == 1 ? 1 : 2)}</title>", page, StringComparison.Ordinal);
        Assert.Equal(29, Regex.Count(page, "<title>\\d+ min ago: "));
        Assert.Contains("<section class=\"card\"><header><h2>By country", page, StringComparison.Ordinal);
        Assert.Contains("<section class=\"card\" hidden><header><h2>By country", without, StringComparison.Ordinal);
    }

    [GeneratedRegex("Came in the last 30 minutes</span>\\s*<span class=\"figure\">(\\d+)<")]
    private static partial Regex Came();

    private static string[] Visitors(string page) => [.. Visitor().Matches(page).Select(match => match.Groups[1].Value)];

    private static string? Address(string page, string rel) =>
        Regex.Match(page, $"rel=\"{rel}\" href=\"([^\"]+)\"") is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex("<a href=\"/sessions/[0-9a-f-]{36}\">\\s*(user-\\d)")]
    private static partial Regex Visitor();

    [GeneratedRegex("href=\"(/api/export/sessions[^\"]+)\"")]
    private static partial Regex File();
}
