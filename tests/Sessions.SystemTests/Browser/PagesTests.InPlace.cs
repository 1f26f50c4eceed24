using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Browser;

/// <summary>What pages change while people use them, and what charts show.</summary>
public sealed partial class PagesTests
{
    private const int ManySeries = 10;

    [Fact]
    public async Task Focus_and_selected_text_stay_in_a_row_of_the_live_page_while_it_changes()
    {
        using Gateway gateway = (await shared.Started).Gateway();
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit);
        string visitor = Events.NewDistinctId("kept"), session = Events.NewSessionId();
        await gateway.Track(View(visitor, session, "/kept"));
        await page.GotoAsync($"{gateway.Address}live");
        ILocator row = page.Locator($"[data-live-rows=active] tr[data-id='{session}']");
        await row.WaitForAsync();
        await row.Locator("a").FocusAsync();
        await row.Locator("td").Nth(2).EvaluateAsync("cell => getSelection().selectAllChildren(cell)");

        await gateway.Track(View(visitor, session, "/kept/on"));
        await gateway.Track(View(Events.NewDistinctId("newer"), Events.NewSessionId(), "/newer"));
        await Wait.For(async () => (await row.InnerTextAsync()).Contains("/kept/on", StringComparison.Ordinal), "The row did not follow.", Seen);

        Assert.Equal($"/sessions/{session}", await page.EvaluateAsync<string>("document.activeElement.getAttribute('href')"));
        Assert.Equal("/kept", await page.EvaluateAsync<string>("String(getSelection())"));
    }

    [Fact]
    public async Task Bars_of_the_live_page_lead_to_the_live_sessions_with_their_value()
    {
        using Gateway gateway = (await shared.Started).Gateway();
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit);
        string path = $"/bar-{Guid.NewGuid():N}", session = Events.NewSessionId();
        for (int visitors = 0; visitors < 3; visitors++)
        {
            await gateway.Track(View(Events.NewDistinctId("bar"), visitors == 0 ? session : Events.NewSessionId(), path));
        }

        await page.GotoAsync($"{gateway.Address}live");
        await page.GetByText("updating live").WaitForAsync();
        ILocator bar = page.Locator("[data-live-by='$exit_pathname'] a").Filter(new() { HasText = path });
        await bar.ClickAsync();

        await Wait.For(async () => await page.Locator("tbody tr").CountAsync() == 3, "The list does not have the three visitors.", Seen);
    }

    [Fact]
    public async Task What_a_site_calls_before_the_SDK_is_loaded_is_captured()
    {
        using Gateway gateway = (await shared.Started).Gateway();
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit);
        await page.GotoAsync($"{gateway.Address}project");
        string snippet = await page.Locator("#snippet-web").InnerTextAsync();

        // Some of what PostHog's own snippet has. A call that is missing would throw, and the event after it would be lost.
        const string early =
            """
            <script>
              window.stubbed = Object.keys(posthog)
              posthog.debug(false)
              posthog.get_distinct_id()
              posthog.getFeatureFlag('new-shop')
              posthog.isFeatureEnabled('new-shop')
              posthog.reloadFeatureFlags()
              posthog.onFeatureFlags(function () {})
              posthog.onSessionId(function () {})
              posthog.people.set({ plan: 'free' })
              posthog.people.set_once({ first_plan: 'free' })
              posthog.capture('too early', { plan: 'free' })
              posthog.identify('early-bird')
            </script>
            """;
        await using Site site = await Site.WithPasted(snippet + early);
        IPage tab = await visit.NewTab();
        await tab.GotoAsync(new Uri(site.Address, "welcome").ToString());
        await Visit.SdkIsThere(tab);

        string session = await Visit.SessionId(tab);
        await Wait.For(
            async () =>
            {
                using HttpResponseMessage answer = await gateway.Ask(HttpMethod.Get, $"/api/sessions/{session}/events");
                string events = await answer.Content.ReadAsStringAsync();
                return events.Contains("\"too early\"", StringComparison.Ordinal) && events.Contains("\"early-bird\"", StringComparison.Ordinal);
            },
            "The early call was lost.",
            Seen);
        // A name that the SDK does not know would be an error when it takes the list over.
        string[] missing = await tab.EvaluateAsync<string[]>(
            "window.stubbed.filter((name) => !name.startsWith('_') && name !== 'people' && typeof window.posthog[name] !== 'function')");
        Assert.Empty(missing);
        Assert.DoesNotContain(visit.Complaints, complaint => complaint.Contains("posthog", StringComparison.OrdinalIgnoreCase) && complaint.StartsWith("script", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Series_that_share_a_colour_differ_in_the_chart_and_its_legend()
    {
        using Gateway gateway = (await shared.Started).Gateway();
        string visitor = Events.NewDistinctId("many"), session = Events.NewSessionId(), prefix = $"e{Guid.NewGuid():N}"[..8];
        await gateway.Track([.. Enumerable.Range(0, ManySeries).Select(number => Events.Event($"{prefix}-{number}", visitor, session))]);
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit);
        string series = string.Concat(Enumerable.Range(0, ManySeries).Select(number => $"&math=total&event={prefix}-{number}"));

        foreach (string chart in (string[])["line", "bar"])
        {
            await page.GotoAsync($"{gateway.Address}explore?date_from=-7d&compare=on&chart={chart}{series}");
            await page.Locator(".legend li").First.WaitForAsync();
            string[] swatches = await page.Locator(".legend canvas").EvaluateAllAsync<string[]>("all => all.map((one) => one.toDataURL())");

            Assert.Equal(2 * ManySeries, swatches.Length);
            Assert.Equal(swatches.Length, swatches.Distinct().Count());
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Repository.Artifacts("screenshots"), $"many-series-{chart}.png"), FullPage = true });
        }

        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_click_has_the_name_of_its_button_in_the_timeline()
    {
        using Gateway gateway = (await shared.Started).Gateway();
        string visitor = Events.NewDistinctId("named"), session = Events.NewSessionId();
        JsonObject click = Events.Event("$autocapture", visitor, session, null, ("$event_type", "click"), ("$el_text", "Add <b>to</b> basket"), ("$pathname", "/"));
        await gateway.Track(View(visitor, session, "/"), click);
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit);

        await page.GotoAsync($"{gateway.Address}sessions/{session}");

        await page.GetByText("Click “Add <b>to</b> basket”").WaitForAsync();
    }
}
