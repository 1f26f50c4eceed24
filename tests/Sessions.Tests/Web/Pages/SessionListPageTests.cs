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

    private static string[] Visitors(string page) => [.. Visitor().Matches(page).Select(match => match.Groups[1].Value)];

    private static string? Address(string page, string rel) =>
        Regex.Match(page, $"rel=\"{rel}\" href=\"([^\"]+)\"") is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex("<a href=\"/sessions/[0-9a-f-]{36}\">\\s*(user-\\d)")]
    private static partial Regex Visitor();

    [GeneratedRegex("href=\"(/api/export/sessions[^\"]+)\"")]
    private static partial Regex File();
}
