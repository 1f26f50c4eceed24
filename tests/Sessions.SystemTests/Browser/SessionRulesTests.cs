using Microsoft.Playwright;
using Npgsql;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Browser;

/// <summary>
/// When posthog-js continues a session and a window, and when it starts new ones, read from the tables.
/// </summary>
[Collection(Lane.Shared)]
public sealed class SessionRulesTests(SharedCluster shared, Chromium chromium)
{
    [Fact]
    public async Task Each_tab_is_a_window_of_one_session_and_a_reload_stays_in_its_window()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        await using Site site = await Site.WithThePackage(gateway);
        await using Visit visit = await chromium.Open();

        IPage first = await visit.NewTab();
        await first.GotoAsync(site.Address.ToString());
        await Visit.SdkIsThere(first);
        string session = await Visit.SessionId(first);
        IPage second = await visit.NewTab();
        await second.GotoAsync($"{site.Address}second");
        await Visit.SdkIsThere(second);
        // A page that a page opens gets a copy of its storage, the window's id included.
        IPage third = await first.RunAndWaitForPopupAsync(() => first.EvaluateAsync("void window.open('/third')"));
        await Visit.SdkIsThere(third);
        await first.ReloadAsync();
        await Visit.SdkIsThere(first);
        foreach (IPage tab in (IPage[])[first, second, third])
        {
            await Visit.Leave(tab, site);
        }

        IReadOnlyList<BrowserEvent> made = await visit.LogOf(site);
        Assert.All(made, e => Assert.Equal(session, e.SessionId));
        Assert.Equal(4, (int?)(await gateway.SessionWith(session, made.Count))["$pageview_count"]);
        Assert.Equal(["/ /", "/second", "/third"], (await PagesByWindow(cluster.Reader, session)).Values.Order(StringComparer.Ordinal));
        Assert.Empty(visit.Complaints);
    }

    [Theory]
    [InlineData("?utm_source=google&utm_medium=cpc", null, "Paid Search")]
    [InlineData("?gclid=abc", "https://somebody.example/", "Paid Unknown")]
    [InlineData("", "https://www.google.com/", "Organic Search")]
    [InlineData("", "https://somebody.example/", "Referral")]
    public async Task The_landing_page_decides_the_channel_of_a_session(string query, string? referrer, string channel)
    {
        using Gateway gateway = (await shared.Started).Gateway();
        await using Site site = await Site.WithThePackage(gateway);
        await using Visit visit = await chromium.Open();

        IPage page = await visit.NewTab();
        await page.GotoAsync($"{site.Address}{query}", new PageGotoOptions { Referer = referrer });
        await Visit.SdkIsThere(page);
        string session = await Visit.SessionId(page);
        await Visit.Leave(page, site);

        Assert.Equal(channel, (string?)(await gateway.SessionWith(session, (await visit.LogOf(site)).Count))["$channel_type"]);
    }

    [Fact]
    public async Task A_minute_without_events_starts_a_new_session_and_a_second_less_does_not()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        await using Site site = await Site.WithThePackage(gateway, "session_idle_timeout_seconds: 60,");
        await using Visit visit = await chromium.Open();
        IPage page = await visit.NewTab();
        // The page's clock alone goes on: nobody waits. What is captured is sent at once, and has arrived before the clock
        // goes on, since the server goes by its own clock and by how long ago the SDK says things were.
        await page.Clock.InstallAsync();
        await page.GotoAsync(site.Address.ToString());
        await Visit.SdkIsThere(page);
        await gateway.SessionWith(await Visit.SessionId(page), 1);
        await page.Clock.PauseAtAsync(DateTime.UtcNow.AddSeconds(30));

        string[] sessions =
        [
            await CaptureAfter(5, "here", events: 2),
            await CaptureAfter(59, "still here", events: 3),
            await CaptureAfter(60, "still here, just", events: 4),
            await CaptureAfter(61, "came back", events: 1),
            // By then a timer of the SDK has given the session up, instead of the next event.
            await CaptureAfter(600, "came back again", events: 1),
        ];
        await page.Clock.ResumeAsync();
        await Visit.Leave(page, site);

        Assert.Equal(sessions[0], sessions[1]);
        Assert.Equal(sessions[0], sessions[2]);
        Assert.Equal(3, sessions.Distinct().Count());
        IReadOnlyList<BrowserEvent> made = await visit.LogOf(site);
        Assert.All(made, e => Assert.Equal(60_000, (int?)e.Properties["$configured_session_timeout_ms"]));
        foreach (string session in sessions.Distinct())
        {
            await gateway.SessionWith(session, made.Count(e => e.SessionId == session));
            Assert.Single(await PagesByWindow(cluster.Reader, session));
        }

        await Books.AddUp(cluster.Reader, [.. sessions.Distinct()]);
        Assert.Equal("new_client_session", (string?)(await gateway.Session(sessions[0]))!["end_reason"]);
        Assert.Equal("new_client_session", (string?)(await gateway.Session(sessions[3]))!["end_reason"]);
        Assert.Equal("live", (string?)(await gateway.Session(sessions[4]))!["status"]);
        Assert.Empty(visit.Complaints);

        async Task<string> CaptureAfter(int seconds, string name, int events)
        {
            await page.Clock.FastForwardAsync(seconds * 1_000L);
            await page.EvaluateAsync("name => { window.posthog.capture(name, {}, { send_instantly: true }) }", name);
            string session = await Visit.SessionId(page);
            await gateway.SessionWith(session, events);
            return session;
        }
    }

    /// <summary>Each window of the session in <c>events</c> with the paths of its pageviews, in the order of time.</summary>
    private static async Task<IReadOnlyDictionary<string, string>> PagesByWindow(NpgsqlDataSource reader, string session)
    {
        await using NpgsqlCommand select = reader.CreateCommand(
            """
            select window_id::text, coalesce(string_agg(pathname, ' ' order by timestamp, sender_order, event_id) filter (where event = '$pageview'), '')
            from events where session_id = $1 group by window_id
            """);
        select.Parameters.AddWithValue(Guid.Parse(session));
        await using NpgsqlDataReader rows = await select.ExecuteReaderAsync();
        Dictionary<string, string> windows = [];
        while (await rows.ReadAsync())
        {
            windows.Add(rows.GetString(0), rows.GetString(1));
        }

        return windows;
    }
}
