using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Npgsql;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Browser;

/// <summary>posthog-js from npm, in a real browser, on a site that sends to the gateway.</summary>
[Collection(Lane.Shared)]
public sealed class PosthogJsTests(SharedCluster shared, Chromium chromium)
{
    private static readonly TimeSpan Arrival = TimeSpan.FromSeconds(30);

    // The SDK tells times relative to the moment it sends, so each request's way to the gateway shifts its events.
    private static readonly TimeSpan OnTheWay = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_visit_of_two_pages_is_the_browsers_session_in_the_API_and_in_SQL()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        await using Site site = await Site.WithThePackage(gateway);
        await using Visit visit = await chromium.Open();

        IPage page = await visit.NewTab();
        await page.GotoAsync(
            $"{site.Address}?utm_source=letter&utm_medium=email&utm_campaign=may&utm_term=a%20b&utm_content=top",
            new PageGotoOptions { Referer = "https://news.example.org/today" });
        await Visit.SdkIsThere(page);
        string session = await Visit.SessionId(page);
        await page.ClickAsync("#buy");
        await page.EvaluateAsync("window.posthog.capture('bought', { price: 9.5 })");
        await page.ClickAsync("#next");
        await Visit.SdkIsThere(page);
        Assert.Equal(session, await Visit.SessionId(page));
        await Visit.Leave(page, site);

        IReadOnlyList<BrowserEvent> made = await visit.LogOf(site);
        Assert.All(made, e => Assert.Equal(session, e.SessionId));
        Assert.Equal(2, made.Count(e => e.Name == "$pageview"));
        Assert.Contains(made, e => e.Name == "$autocapture");
        JsonObject api = await gateway.SessionWith(session, made.Count);

        Assert.Equal(made.Count(e => e.Name == "$pageview"), (int?)api["$pageview_count"]);
        Assert.Equal(made.Count(e => e.Name == "$autocapture"), (int?)api["$autocapture_count"]);
        Assert.Equal(0, (int?)api["$screen_count"]);
        Assert.Equal(2, (int?)api["$unique_url_count"]);
        Assert.Equal(made.First(e => e.Name == "$pageview").Url, (string?)api["$entry_current_url"]);
        Assert.Equal("/", (string?)api["$entry_pathname"]);
        Assert.Equal("localhost", (string?)api["$entry_hostname"]);
        Assert.Equal($"{site.Address}prices?plan=yearly#details", (string?)api["$exit_current_url"]);
        Assert.Equal("/prices", (string?)api["$exit_pathname"]);
        Assert.Equal("letter", (string?)api["$entry_utm_source"]);
        Assert.Equal("email", (string?)api["$entry_utm_medium"]);
        Assert.Equal("may", (string?)api["$entry_utm_campaign"]);
        Assert.Equal("a b", (string?)api["$entry_utm_term"]);
        Assert.Equal("top", (string?)api["$entry_utm_content"]);
        Assert.Equal("news.example.org", (string?)api["$entry_referring_domain"]);
        Assert.Equal("Email", (string?)api["$channel_type"]);
        Assert.False((bool?)api["$is_bounce"]);
        Assert.Equal("live", (string?)api["status"]);
        Near(made[^1].At - made[0].At, TimeSpan.FromSeconds((double)api["$session_duration"]!));
        Near(made[0].At, (DateTimeOffset)api["$start_timestamp"]!);

        // The row is the sum of its events, and says what the API says.
        await Books.AddUp(cluster.Reader, session);
        var row = (await Books.SessionsOf(cluster.Reader))[Guid.Parse(session)];
        Assert.Equal(made.Count, Convert.ToInt32(row["event_count"]));
        Assert.Equal("Email", row["channel_type"]);
        Assert.Equal((decimal)api["$session_duration"]!, row["session_duration"]);
        Assert.Equal((string?)api["distinct_id"], row["distinct_id"]);
        await HasTheSameEvents(cluster.Reader, session, made);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_page_that_is_left_at_once_is_a_bounce()
    {
        using Gateway gateway = (await shared.Started).Gateway();
        await using Site site = await Site.WithThePackage(gateway);
        await using Visit visit = await chromium.Open();

        IPage page = await visit.NewTab();
        await page.GotoAsync(site.Address.ToString());
        await Visit.SdkIsThere(page);
        string session = await Visit.SessionId(page);
        await Visit.Leave(page, site);

        IReadOnlyList<BrowserEvent> made = await visit.LogOf(site);
        JsonObject api = await gateway.SessionWith(session, made.Count);
        Assert.Equal(1, (int?)api["$pageview_count"]);
        Assert.Equal("$direct", (string?)api["$entry_referring_domain"]);
        Assert.Equal("Direct", (string?)api["$channel_type"]);
        Assert.Equal(made[^1].At - made[0].At < TimeSpan.FromSeconds(10), (bool?)api["$is_bounce"]);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task The_snippet_loads_the_SDK_from_the_gateway_and_the_SDK_sends_events()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        await using Site site = await Site.WithTheSnippet(gateway);
        await using Visit visit = await chromium.Open();

        IPage page = await visit.NewTab();
        await page.GotoAsync(site.Address.ToString());
        await Visit.SdkIsThere(page);
        string session = await Visit.SessionId(page);
        await page.ClickAsync("#buy");
        await Visit.Leave(page, site);

        IReadOnlyList<BrowserEvent> made = await visit.LogOf(site);
        Assert.Contains(made, e => e.Name == "asked before the SDK was there");
        Assert.Contains(made, e => e.Name == "$autocapture");
        await gateway.SessionWith(session, made.Count);
        await Books.AddUp(cluster.Reader, session);
        await HasTheSameEvents(cluster.Reader, session, made);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_reset_ends_the_session_with_that_reason_and_starts_a_new_one()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        await using Site site = await Site.WithThePackage(gateway);
        await using Visit visit = await chromium.Open();

        IPage page = await visit.NewTab();
        await page.GotoAsync(site.Address.ToString());
        await Visit.SdkIsThere(page);
        string first = await Visit.SessionId(page);
        await gateway.SessionWith(first, 1);
        await page.EvaluateAsync("window.posthog.reset()");
        await page.EvaluateAsync("window.posthog.capture('as somebody else')");
        string second = await Visit.SessionId(page);
        await Visit.Leave(page, site);

        Assert.NotEqual(first, second);
        JsonObject ended = await Wait.For(
            async () => await gateway.Session(first) is { } now && (string?)now["status"] == "ended" ? now : null,
            "the session before reset() did not end",
            Arrival);
        Assert.Equal("new_client_session", (string?)ended["end_reason"]);
        IReadOnlyList<BrowserEvent> made = await visit.LogOf(site);
        await gateway.SessionWith(first, made.Count(e => e.SessionId == first));
        Assert.Equal("live", (string?)(await gateway.SessionWith(second, made.Count(e => e.SessionId == second)))["status"]);
        await Books.AddUp(cluster.Reader, first, second);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Two_tabs_and_a_reload_are_one_session_and_another_browser_has_its_own()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        await using Site site = await Site.WithThePackage(gateway);
        await using Visit visit = await chromium.Open();
        await using Visit other = await chromium.Open();

        IPage[] tabs = [await visit.NewTab(), await visit.NewTab(), await other.NewTab()];
        foreach (IPage tab in tabs)
        {
            await tab.GotoAsync(site.Address.ToString());
            await Visit.SdkIsThere(tab);
        }

        await tabs[0].ReloadAsync();
        await Visit.SdkIsThere(tabs[0]);
        string[] sessions = [await Visit.SessionId(tabs[0]), await Visit.SessionId(tabs[1]), await Visit.SessionId(tabs[2])];
        foreach (IPage tab in tabs)
        {
            await Visit.Leave(tab, site);
        }

        Assert.Equal(sessions[0], sessions[1]);
        Assert.NotEqual(sessions[0], sessions[2]);
        IReadOnlyList<BrowserEvent> made = await visit.LogOf(site);
        Assert.Equal(2, made.Select(e => (string?)e.Properties["$window_id"]).Distinct().Count());
        JsonObject session = await gateway.SessionWith(sessions[0], made.Count);
        Assert.Equal(3, (int?)session["$pageview_count"]);
        Assert.Equal(3, made.Count(e => e.Name == "$pageleave"));
        await gateway.SessionWith(sessions[2], (await other.LogOf(site)).Count);
        await Books.AddUp(cluster.Reader, sessions[0], sessions[2]);
    }

    private static async Task HasTheSameEvents(NpgsqlDataSource reader, string session, IReadOnlyList<BrowserEvent> made)
    {
        StoredEvent[] stored = [.. (await Books.EventsOf(reader)).Where(e => e.SessionId == Guid.Parse(session))];
        Assert.Equal(
            made.Select(e => $"{e.Id} {e.Name} {e.Url}").Order(),
            stored.Select(e => $"{e.EventId} {e.Name} {e.Text("$current_url")}").Order());
    }

    private static void Near(TimeSpan expected, TimeSpan actual) => Assert.InRange(actual, expected - OnTheWay, expected + OnTheWay);

    private static void Near(DateTimeOffset expected, DateTimeOffset actual) => Assert.InRange(actual, expected - OnTheWay, expected + OnTheWay);
}
