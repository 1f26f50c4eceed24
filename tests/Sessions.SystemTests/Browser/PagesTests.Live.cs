using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Browser;

/// <summary>The live page with more sessions than its list, and the page of a session while it is live.</summary>
public sealed partial class PagesTests
{
    private const int MostListed = 500;

    [Fact]
    public async Task Beyond_its_list_the_live_page_counts_every_session_once_and_follows_who_goes_quiet()
    {
        using OwnProject project = await OwnProject.Create(await shared.Started);
        string visitor = Events.NewDistinctId("first"), session = Events.NewSessionId();
        await project.Gateway.Track(View(visitor, session, "/first"));
        await project.Gateway.Track([.. Enumerable.Range(0, MostListed + 4).Select(_ => View(Events.NewDistinctId("many"), Events.NewSessionId(), "/many"))]);
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit, project);
        int quiet = 0;
        // The server's answer, with some of the unlisted ones gone quiet: five minutes are too long for a test.
        await page.RouteAsync("**/api/live?*", async route =>
        {
            IAPIResponse answer = await route.FetchAsync();
            JsonNode live = JsonNode.Parse(await answer.TextAsync())!;
            live["active_count"] = (int)live["active_count"]! - quiet;
            await route.FulfillAsync(new() { Response = answer, Body = live.ToJsonString() });
        });
        await page.GotoAsync($"{project.Gateway.Address}live");
        await page.GetByText("updating live").WaitForAsync();
        await Shows(MostListed + 5, 0);
        ILocator paths = page.Locator("[data-live-by='$exit_pathname'] a");

        // The oldest one is not in the list until it is heard of.
        await project.Gateway.Track(View(visitor, session, "/first/on"));
        await paths.Filter(new() { HasText = "/first/on" }).WaitForAsync();
        await Shows(MostListed + 5, 0);
        quiet = 3;
        await Shows(MostListed + 2, 3);

        Task Shows(int active, int gone) => Wait.For(
            async () => await Number(page, "count") == active && await Number(page, "quiet-count") == gone,
            $"Not {active} on now and {gone} quiet.",
            Seen);
    }

    [Fact]
    public async Task The_page_of_a_live_session_without_a_recording_follows_it_and_puts_late_events_in_their_place()
    {
        using OwnProject project = await OwnProject.Create(await shared.Started);
        string visitor = Events.NewDistinctId("followed"), session = Events.NewSessionId();
        DateTimeOffset start = DateTimeOffset.UtcNow.AddSeconds(-30);
        await project.Gateway.Track(At("first", 0), At("third", 20));
        await using Visit visit = await chromium.Open();
        IPage page = await SignedIn(visit, project);
        await page.GotoAsync($"{project.Gateway.Address}sessions/{session}");
        await page.Locator(".timeline details").Nth(1).EvaluateAsync("one => { one.open = true }");

        await project.Gateway.Track(At("second", 10), At("fourth", 25));
        await Wait.For(
            async () => (await Names()).SequenceEqual(["first", "second", "third", "fourth"]), "The timeline did not follow in order.", Seen);
        Assert.Equal("4", await page.Locator(".tile", new() { HasText = "Events" }).Locator(".figure").InnerTextAsync());
        Assert.True(await page.Locator(".timeline li", new() { HasText = "third" }).Locator("details").EvaluateAsync<bool>("one => one.open"));

        // An earlier start moves every time.
        await project.Gateway.Track(At("zeroth", -5));
        await Wait.For(
            async () => (await page.Locator(".timeline time").AllInnerTextsAsync()).SequenceEqual(["+0:00", "+0:05", "+0:15", "+0:25", "+0:30"]), "The times did not follow.", Seen);
        using (HttpResponseMessage reset = await project.Gateway.Ask(HttpMethod.Post, $"/api/devices/{visitor}/reset"))
        {
            Assert.True(reset.IsSuccessStatusCode);
        }

        await page.Locator(".badge", new() { HasText = "ended: reset" }).WaitForAsync();
        Assert.Empty(visit.Complaints);

        JsonObject At(string name, int seconds) => Events.Event(name, visitor, session, start.AddSeconds(seconds));

        async Task<string[]> Names() => [.. await page.Locator(".timeline summary bdi:first-child").AllInnerTextsAsync()];
    }

    private static async Task<int> Number(IPage page, string name) => int.Parse(
        await page.Locator($"[data-live-{name}]").InnerTextAsync(), NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
}
