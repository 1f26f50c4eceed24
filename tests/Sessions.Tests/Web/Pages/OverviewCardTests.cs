using System.Net.Http.Json;
using Npgsql;

namespace Sessions.Tests.Web.Pages;

/// <summary>The overview's cards: their tabs, rows that filter, comparisons and path rules.</summary>
public sealed class OverviewCardTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Theory]
    [InlineData("pages", "entry", "Entry pages", "/in")]
    [InlineData("pages", "exit", "Exit pages", "/out")]
    [InlineData("sources", "channel", "Channels", "Email")]
    [InlineData("sources", "referrer", "Referrers", "news.example")]
    [InlineData("sources", "campaign", "Campaigns", "spring")]
    [InlineData("sources", "source", "UTM source", "letter")]
    [InlineData("places", "country", "Countries", "NZ")]
    [InlineData("technology", "os", "Systems", "Haiku")]
    [InlineData("technology", "device", "Devices", "Desktop")]
    public async Task A_tab_lists_its_values_and_a_row_filters_the_page(string card, string tab, string title, string value)
    {
        TestGateway.Project project = gateway.NextProject();
        await Session(project, DateTimeOffset.UtcNow.AddDays(-1), "/in", "/out");
        await gateway.Database.AddSession(project.Id, DateTimeOffset.UtcNow.AddDays(-1), distinctId: "other");
        using HttpClient browser = await gateway.Reader(project);

        string page = await browser.Page($"/?{card}={tab}");
        string shown = page[page.IndexOf($"data-card=\"{card}\"", StringComparison.Ordinal)..];
        int at = shown.IndexOf($">{value}</a>", StringComparison.Ordinal);
        string link = shown[(shown.LastIndexOf("href=\"", at, StringComparison.Ordinal) + 6)..at].Split('"')[0];
        string filtered = await browser.Page(link);

        Assert.Matches($"aria-current=\"true\">{title}</a>", page);
        Assert.Contains("key=", link, StringComparison.Ordinal);
        Assert.Contains($"{card}={tab}", link, StringComparison.Ordinal);
        Assert.Contains("<span class=\"figure\">1</span>", filtered, StringComparison.Ordinal);
        Assert.DoesNotContain("No session in this range", filtered, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_pages_count_views_and_a_row_filters_by_the_path_of_events()
    {
        TestGateway.Project project = gateway.NextProject();
        DateTimeOffset yesterday = DateTimeOffset.UtcNow.AddDays(-1);
        Guid session = await Session(project, yesterday, "/in", "/out");
        await gateway.Database.AddEvent(project.Id, session, 1, yesterday, """{"$pathname":"/seen"}""");
        using HttpClient browser = await gateway.Reader(project);

        string page = await browser.Page("/?pages=all");

        Assert.Contains(">Views</th>", page, StringComparison.Ordinal);
        Assert.Contains("of=event&key=pathname&op=exact&value=%2Fseen", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_are_listed_by_name_and_a_row_filters_by_the_event()
    {
        TestGateway.Project project = gateway.NextProject();
        DateTimeOffset yesterday = DateTimeOffset.UtcNow.AddDays(-1);
        Guid session = await Session(project, yesterday, "/in", "/out");
        await gateway.Database.AddEvent(project.Id, session, 1, yesterday);
        await gateway.Database.AddEvent(project.Id, session, 2, yesterday);
        using HttpClient browser = await gateway.Reader(project);

        string page = await browser.Page("/?pages=events");

        Assert.Matches("aria-current=\"true\">Events</a>", page);
        Assert.Contains("of=event&key=event&op=exact&value=%24pageview", page, StringComparison.Ordinal);
        Assert.Matches("""<th class="n">Events</th>\s*<th class="n">Sessions</th>\s*<th class="n">Visitors</th>""", page);
        Assert.Matches("""\$pageview</a></span></td><td class="n"[^>]*>2<.*?<td class="n"[^>]*>1<.*?<td class="n"[^>]*>1<""", page);
    }

    [Fact]
    public async Task Rows_are_compared_with_the_chosen_period()
    {
        TestGateway.Project project = gateway.NextProject();
        DateTimeOffset now = DateTimeOffset.UtcNow;
        // Two now, one in the week before, and four a year before.
        foreach ((DateTimeOffset start, bool isBounce) in ((DateTimeOffset, bool)[])
            [(now.AddDays(-1), true), (now.AddDays(-2), false), (now.AddDays(-8), false), .. Enumerable.Repeat((now.AddYears(-1).AddDays(-1), true), 4)])
        {
            await Session(project, start, "/in", "/out", isBounce);
        }

        using HttpClient browser = await gateway.Reader(project);
        string week = await browser.Page("/"), year = await browser.Page("/?compare=year"), off = await browser.Page("/?compare=off");
        DateTimeOffset then = now.AddYears(-1);
        string custom = await browser.Page($"/?compare=custom&compare_from={then.AddDays(-3):yyyy-MM-dd}&compare_to={then:yyyy-MM-dd}");

        Assert.Contains("vs. previous period", week, StringComparison.Ordinal);
        Assert.Contains("<span class=\"change up\">+100.0%</span>", week, StringComparison.Ordinal);
        Assert.Contains("<span class=\"change down\">+50.0 points</span>", week, StringComparison.Ordinal);
        foreach (string page in (string[])[year, custom])
        {
            Assert.Contains("<span class=\"change down\">−50.0%</span>", page, StringComparison.Ordinal);
            Assert.Contains("<span class=\"change up\">−50.0 points</span>", page, StringComparison.Ordinal);
        }

        Assert.Contains("a year before", year, StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"change", off, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Path_rules_reach_the_cards_and_a_row_leads_to_its_sessions()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient admin = gateway.Program(project.ApiKey);
        (await admin.PutAsJsonAsync("/api/project", new { path_cleaning = new[] { new { regex = "^/users/[0-9]+", replacement = "/users/:id" } } })).EnsureSuccessStatusCode();
        DateTimeOffset yesterday = DateTimeOffset.UtcNow.AddDays(-1);
        foreach (string path in (string[])["/users/17/a.b", "/users/18/a.b", "/users/18/aXb", "/other"])
        {
            await Session(project, yesterday, path, path);
        }

        using HttpClient browser = await gateway.Reader(project);
        string page = await browser.Page("/");
        int at = page.IndexOf(">/users/:id/a.b</a>", StringComparison.Ordinal);
        string link = page[(page.LastIndexOf("href=\"", at, StringComparison.Ordinal) + 6)..at].Split('"')[0];
        string list = await browser.Page(link.Replace("/?", "/sessions?", StringComparison.Ordinal));

        Assert.Contains("1–2 of 2 sessions", list, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Countries_have_a_map_or_say_what_they_need()
    {
        TestGateway.Project without = gateway.NextProject(), with = gateway.NextProject();
        await gateway.Database.AddSession(without.Id, DateTimeOffset.UtcNow.AddDays(-1));
        await Session(with, DateTimeOffset.UtcNow.AddDays(-1), "/", "/");
        using HttpClient one = await gateway.Reader(without), other = await gateway.Reader(with);

        string bare = await one.Page("/"), mapped = await other.Page("/");

        Assert.Contains("Countries come from a GeoIP file", bare, StringComparison.Ordinal);
        Assert.DoesNotContain("data-map", bare, StringComparison.Ordinal);
        Assert.Contains("\"country\":\"NZ\",\"count\":1", mapped, StringComparison.Ordinal);
        Assert.Contains("id=\"countries\"", await one.Page("/docs/projects"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_number_of_those_on_now_leads_to_the_live_page()
    {
        TestGateway.Project project = gateway.NextProject();
        await gateway.Database.AddSession(project.Id, DateTimeOffset.UtcNow.AddMinutes(-1), isLive: true);
        await gateway.Database.AddSession(project.Id, DateTimeOffset.UtcNow.AddMinutes(-20), isLive: true, distinctId: "quiet");
        using HttpClient browser = await gateway.Reader(project);

        Assert.Matches("href=\"/live\" data-online>.*<span data-online-count>1</span> on now", await browser.Page("/"));
    }

    [Fact]
    public async Task Links_to_other_pages_carry_range_and_filters()
    {
        TestGateway.Project project = gateway.NextProject();
        Guid session = await gateway.Database.AddSession(project.Id, DateTimeOffset.UtcNow.AddHours(-1));
        using HttpClient browser = await gateway.Reader(project);
        const string carried = "?date_from=-30d&key=%24browser&op=exact&value=Firefox";
        string[] pages = ["/", "/live", "/sessions", "/explore", "/sql"];

        foreach (string path in pages)
        {
            string page = await browser.Page($"{path}{carried}");
            Assert.All(pages, to => Assert.Contains($"<a href=\"{to}{carried}\"", page, StringComparison.Ordinal));
            Assert.Contains("<a href=\"/project\"", page, StringComparison.Ordinal);
            Assert.DoesNotContain("The page knows nothing called", page, StringComparison.Ordinal);
        }

        // A query and a filter of the live page keep them too.
        Assert.Contains("name=\"date_from\" value=\"-30d\"", await browser.Page($"/live{carried}"), StringComparison.Ordinal);
        using HttpResponseMessage asked = await browser.Send($"/sql{carried}", $"/sql{carried}", ("q", "select 1"));
        Assert.Equal($"/sql{carried}&q=select%201", asked.Leads());

        // The page of a session has them of the list, or of the page with the link to it.
        string list = Uri.EscapeDataString($"{carried[1..]}&limit=2");
        Assert.All(pages, to => Assert.Contains($"<a href=\"{to}{carried}\"", browser.Page($"/sessions/{session}?list={list}").Result, StringComparison.Ordinal));
        foreach (string from in (string[])[$"/live{carried}", $"/explore{carried}", $"/sessions/{session}?list={list}"])
        {
            using HttpRequestMessage ask = new(HttpMethod.Get, $"/sessions/{session}/replay");
            ask.Headers.Referrer = new Uri(browser.BaseAddress!, from);
            using HttpResponseMessage answer = await browser.SendAsync(ask);
            string page = System.Net.WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
            Assert.All(pages, to => Assert.Contains($"<a href=\"{to}{carried}\"", page, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("exact", "%24direct", "direct")]
    [InlineData("exact", "direct", "direct")]
    [InlineData("in", "news.example,%24direct", "news.example,direct")]
    public async Task A_visit_without_a_referrer_is_called_direct_on_every_page(string comparison, string value, string shown)
    {
        TestGateway.Project project = gateway.NextProject();
        Guid direct = await gateway.Database.AddSession(project.Id, DateTimeOffset.UtcNow.AddHours(-1));
        await gateway.Database.CreateCommand($"update tracking.sessions set entry_referring_domain = '$direct' where session_id = '{direct}'").ExecuteNonQueryAsync();
        await gateway.Database.AddSession(project.Id, DateTimeOffset.UtcNow.AddHours(-1), distinctId: "bob");
        using HttpClient browser = await gateway.Reader(project);
        using HttpClient program = gateway.Program(project.ApiKey);
        string filter = $"key=%24entry_referring_domain&op={comparison}&value={value}";

        string list = await browser.Page($"/sessions?{filter}&col=distinct_id&col=%24entry_referring_domain");
        string suggested = await browser.GetStringAsync("/suggestions?of=session&key=%24entry_referring_domain");
        string api = await program.GetStringAsync("/api/sessions");
        string csv = await program.GetStringAsync("/api/export/sessions?format=csv&columns=$entry_referring_domain");

        Assert.Contains($"Entry referring domain {(comparison == "in" ? "is one of" : "is")} {shown}<", list, StringComparison.Ordinal);
        Assert.Contains("1 of 1 session ", list, StringComparison.Ordinal);
        Assert.Contains($"value=\"{shown}\" aria-label=\"Value\"", list, StringComparison.Ordinal);
        Assert.Equal("""["direct"]""", suggested);
        Assert.Matches("<td class=\"cut\" title=\"direct\">\\s*direct\\s*</td>", list);
        Assert.Contains("\"$direct\"", api, StringComparison.Ordinal);
        Assert.Contains("$direct", csv, StringComparison.Ordinal);
    }

    private async Task<Guid> Session(TestGateway.Project project, DateTimeOffset start, string entry, string exit, bool isBounce = false)
    {
        Guid id = await gateway.Database.AddSession(project.Id, start, source: "letter", isBounce: isBounce, distinctId: $"p{Guid.NewGuid():N}");
        await using NpgsqlCommand update = gateway.Database.CreateCommand(
            """
            update tracking.sessions
            set    entry_pathname = $2, exit_pathname = $3, channel_type = 'Email', entry_referring_domain = 'news.example', entry_utm_campaign = 'spring',
                   country = 'NZ', os = 'Haiku', device_type = 'Desktop'
            where  session_id = $1
            """);
        update.Parameters.AddWithValue(id);
        update.Parameters.AddWithValue(entry);
        update.Parameters.AddWithValue(exit);
        await update.ExecuteNonQueryAsync();
        return id;
    }
}
