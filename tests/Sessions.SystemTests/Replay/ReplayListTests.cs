using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Sessions.SystemTests.Browser;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Replay;

/// <summary>The list beside the player names what happened, once, and leads to its time.</summary>
[Collection(Lane.Shared)]
public sealed partial class ReplayListTests(SharedCluster shared, Chromium chromium)
{
    private static readonly TimeSpan Arrival = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task What_posthog_js_records_and_captures_is_listed_once_and_by_its_name()
    {
        using OwnProject project = await OwnProject.Create(await shared.Started);
        using (HttpResponseMessage put = await project.Gateway.Ask(
            HttpMethod.Put, "/api/project", new StringContent("""{"replay":{"console":true,"network":true}}""", Encoding.UTF8, "application/json")))
        {
            Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        }

        await using Site site = await Site.WithThePackage(project.Gateway, "capture_exceptions: true,");
        await using Visit visit = await chromium.Open();
        IPage page = await visit.NewTab();
        await page.GotoAsync($"http://shop.localhost:{site.Address.Port}/");
        await Visit.SdkIsThere(page);
        await page.WaitForFunctionAsync("window.posthog.sessionRecording?.status === 'active'");
        string session = await Visit.SessionId(page);
        await page.EvaluateAsync(
            """
            document.body.insertAdjacentHTML('beforeend', `
              <form id="order" onsubmit="return false"><label for="mail">Your mail</label><input id="mail" name="mail">
              <div role="switch" id="gift" tabindex="0" style="width: 40px; height: 20px"></div><button>Order now</button></form>`)
            // Each click changes the page, so none is a dead one.
            addEventListener('click', () => { document.body.dataset.clicks = String(performance.now()) })
            """);
        await page.ClickAsync("#buy");
        await page.Locator("#mail").PressSequentiallyAsync("ann", new LocatorPressSequentiallyOptions { Delay = 40 });
        await page.ClickAsync("#gift");
        await page.GetByText("Order now").ClickAsync();
        await page.EvaluateAsync("fetch('/api/cart?n=1', { method: 'POST', body: 'hidden-body' })");
        await page.EvaluateAsync("window.posthog.captureException(new TypeError('no cart here')); console.warn('careful')");
        await page.EvaluateAsync("window.posthog.capture('purchased', { plan: 'yearly' })");
        await Wait.For(
            async () => (int?)(await project.Gateway.Session(session))?["$replay_click_count"] >= 3
                && (int?)(await project.Gateway.Session(session))?["$event_count"] >= 7
                && (await project.Gateway.Replay(session)).Any(one => one.ToJsonString().Contains("/api/cart", StringComparison.Ordinal)),
            "not all arrived",
            Arrival);

        await using Visit watcher = await chromium.Open();
        IPage watching = await Watch(watcher, project, session);
        string[] lines = await Lines(watching);
        string said = string.Join('\n', lines);

        Assert.True(lines.Count(line => line.Contains("“Buy”", StringComparison.Ordinal)) == 1, said);
        Assert.True(lines.Count(line => line.StartsWith("input:", StringComparison.Ordinal)) == 1, said);
        Assert.Contains("input: Changed field “", said, StringComparison.Ordinal);
        Assert.True(lines.Count(line => line.StartsWith("submit: Submitted form", StringComparison.Ordinal)) == 1, said);
        Assert.True(lines.Count(line => line == "click: Click “Order now”") == 1, said);
        Assert.True(lines.Count(line => line == "click: Click “gift”") == 1, said);
        Assert.True(lines.Count(line => line.StartsWith("page: Page view", StringComparison.Ordinal)) == 1, said);
        Assert.True(lines.Count(line => line.Contains("no cart here", StringComparison.Ordinal)) == 1, said);
        Assert.Contains("event: purchased", said, StringComparison.Ordinal);
        Assert.Contains("console: careful", said, StringComparison.Ordinal);
        Assert.True(lines.Count(line => line.StartsWith("request: POST /api/cart", StringComparison.Ordinal)) == 1, said);
        string request = await watching.Locator("[data-list] li.request", new() { HasText = "POST /api/cart" }).InnerTextAsync();
        Assert.Contains("405", request, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-body", await watching.ContentAsync(), StringComparison.Ordinal);
        await watching.ScreenshotAsync(new() { Path = Path.Combine(Repository.Artifacts("screens"), "replay-list.png"), FullPage = true });
        Assert.Empty(watcher.Complaints);
    }

    [Fact]
    public async Task The_list_is_filtered_by_kind_and_by_words_and_a_line_leads_to_its_time_by_click_and_by_key()
    {
        using OwnProject project = await OwnProject.Create(await shared.Started);
        string session = Events.NewSessionId();
        long at = DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeMilliseconds();
        await Record(project, session, at);
        await using Visit watcher = await chromium.Open();
        IPage page = await Watch(watcher, project, session);
        Assert.Equal(
            ["page: Page view /", "click: Click “here it is”", "request: GET /api/stock", "input: Typed in field “Your mail”", "click: Right click “here it is”"],
            await Lines(page));
        Assert.Equal("404 · 1.2 kB · 240 ms", await page.Locator("[data-list] li.request .more").InnerTextAsync());

        await page.Locator("[data-kinds] input[value=click]").UncheckAsync();
        Assert.Equal(3, await page.Locator("[data-list] li").CountAsync());
        await page.Locator("[data-kinds] input[value=click]").CheckAsync();
        await page.Locator("[data-search]").FillAsync("HERE right");
        Assert.Equal(["click: Right click “here it is”"], await Lines(page));
        await page.Locator("[data-search]").FillAsync("nothing like it");
        Assert.True(await page.Locator("[data-empty]").IsVisibleAsync());
        await page.Locator("[data-search]").FillAsync("");

        await page.Locator("[data-list] li.input button").ClickAsync();
        Assert.EndsWith("#t=2", page.Url, StringComparison.Ordinal);
        Assert.Equal("0:02", await page.Locator("[data-now]").InnerTextAsync());
        Assert.Equal("Typed in field “Your mail”", await Current(page));

        await page.Locator("h1").ClickAsync();
        await page.Keyboard.PressAsync(".");
        Assert.Equal("Right click “here it is”", await Current(page));
        await page.Keyboard.PressAsync(",");
        await page.Keyboard.PressAsync(",");
        Assert.Equal("GET /api/stock", await Current(page));
        Assert.EndsWith("#t=1.5", page.Url, StringComparison.Ordinal);
        await page.Locator("[data-list] li.click button").First.FocusAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("Enter");
        Assert.Equal("GET /api/stock", await Current(page));
        Assert.Empty(watcher.Complaints);
    }

    [Fact]
    public async Task Rage_and_dead_clicks_that_were_found_have_the_names_of_their_clicks_and_marks_of_their_own()
    {
        using OwnProject project = await OwnProject.Create(await shared.Started);
        string session = Events.NewSessionId();
        long at = DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeMilliseconds();
        JsonObject picture = Replays.Picture(at);
        picture["data"]!["node"]!["childNodes"]![0]!["childNodes"]![1]!["childNodes"]!.AsArray().Add(JsonNode.Parse(
            """{"type":2,"tagName":"button","attributes":{},"id":10,"childNodes":[{"type":3,"textContent":"Buy","id":11}]}"""));
        JsonObject[] clicks =
        [
            .. new[] { 5_000, 5_200, 5_400 }.Select(ms => Replays.Rrweb(at + ms, 3, """{"source":2,"type":2,"id":11,"x":5,"y":5}""")),
        ];
        using (HttpResponseMessage answer = await project.Gateway.Record(
            CancellationToken.None, Replays.Snapshot(session, [Replays.Meta(at, 900, 700), picture, .. clicks])))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await Wait.For(
            async () => await project.Gateway.Session(session) is { } found
                && ((int)found["$rage_click_count"]!, (int)found["$dead_click_count"]!) == (1, 1),
            "the clicks were not found",
            Arrival);
        await using Visit watcher = await chromium.Open();
        IPage page = await Watch(watcher, project, session);

        Assert.Equal(
            ["page: Page view /", "trouble: Dead click “Buy”", "click: Click “Buy”", "trouble: Rage click “Buy”"], await Lines(page));
        Assert.True(await page.Locator("[data-timeline] .replay-mark.trouble").CountAsync() >= 1);
        await page.Locator("[data-kinds] input[value=click]").UncheckAsync();
        Assert.Equal(3, await page.Locator("[data-list] li").CountAsync());
        await page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Artifacts("screens"), "replay-trouble.png"), FullPage = true });
        await ShowsTwoClicks(page, new Uri(project.Gateway.Address, $"sessions/{session}"), ".tile");
        await ShowsTwoClicks(page, project.Gateway.Address, "a.tile");
        Assert.Empty(watcher.Complaints);
    }

    /// <summary>The session's row, which the tiles are counted from, is written some seconds after its grain has found the clicks.</summary>
    private static Task ShowsTwoClicks(IPage page, Uri address, string tile) => Wait.For(
        async () =>
        {
            await page.GotoAsync(address.ToString());
            return (await page.Locator(tile, new() { HasText = "Rage and dead clicks" }).InnerTextAsync()).Contains('2', StringComparison.Ordinal);
        },
        $"{address} does not show the two clicks",
        Arrival);

    [Fact]
    public async Task A_session_with_a_recording_has_one_list_in_which_an_event_opens_its_properties()
    {
        using OwnProject project = await OwnProject.Create(await shared.Started);
        string session = Events.NewSessionId(), visitor = Events.NewDistinctId("one-list");
        DateTimeOffset at = DateTimeOffset.UtcNow.AddMinutes(-1);
        await Record(project, session, at.ToUnixTimeMilliseconds());
        await project.Gateway.Track(
            Events.Event("began", visitor, session, at.AddSeconds(-1), ("plan", "<b>free</b>")),
            Events.Event("purchased", visitor, session, at.AddSeconds(2.5), ("plan", "yearly")));
        await using Visit watcher = await chromium.Open();
        IPage page = await watcher.NewTab();
        await page.SignIn(project.Gateway.Address, project.Key);
        await page.GotoAsync($"{project.Gateway.Address}sessions/{session}");
        await page.WaitForSelectorAsync("[data-replay][data-state=ready]");
        ILocator opened = page.Locator("[data-properties]");

        Assert.Equal(1, await page.GetByText("purchased", new() { Exact = true }).CountAsync());
        Assert.Equal(0, await page.Locator(".timeline").CountAsync());
        Assert.True(await opened.IsHiddenAsync());
        await page.Locator("[data-list] li.event", new() { HasText = "purchased" }).Locator("button").ClickAsync();
        await opened.Locator("summary", new() { HasText = "Properties of purchased" }).ClickAsync();
        await opened.Locator("pre", new() { HasText = "\"yearly\"" }).WaitForAsync();
        await page.Locator("[data-list] li.event", new() { HasText = "began" }).Locator("button").ClickAsync();
        await opened.Locator("pre", new() { HasText = "<b>free</b>" }).WaitForAsync();
        await page.Locator("[data-list] li.request button").ClickAsync();
        Assert.True(await opened.IsHiddenAsync());
        await page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Artifacts("screens"), "session-one-list.png"), FullPage = true });
        Assert.Empty(watcher.Complaints);
    }

    /// <summary>Four seconds with a click, a request, typing and a click with the other button.</summary>
    internal static async Task Record(OwnProject project, string session, long at)
    {
        JsonObject picture = Replays.Picture(at);
        picture["data"]!["node"]!["childNodes"]![0]!["childNodes"]![1]!["childNodes"]!.AsArray().Add(JsonNode.Parse(
            """
            {"type":2,"tagName":"form","attributes":{},"id":10,"childNodes":[
              {"type":2,"tagName":"label","attributes":{"for":"mail"},"id":11,"childNodes":[{"type":3,"textContent":"Your mail","id":12}]},
              {"type":2,"tagName":"input","attributes":{"id":"mail","type":"text"},"id":13,"childNodes":[]}]}
            """));
        using HttpResponseMessage answer = await project.Gateway.Record(
            CancellationToken.None,
            Replays.Snapshot(
                session,
                Replays.Meta(at, 900, 700),
                picture,
                Replays.Rrweb(at + 1000, 3, """{"source":2,"type":2,"id":6,"x":5,"y":5}"""),
                Replays.Rrweb(at + 1800, 6, $$$"""
                    {"plugin":"rrweb/network@1","payload":{"requests":[{"name":"https://shop.example/api/stock?key=1","initiatorType":"fetch","method":"GET",
                      "responseStatus":404,"transferSize":1234,"duration":240,"timestamp":{{{at + 1500}}},"requestBody":"never shown","requestHeaders":{"a":"never shown"}}]}}
                    """),
                Replays.Rrweb(at + 2000, 3, """{"source":5,"id":13,"text":"*","isChecked":false}"""),
                Replays.Rrweb(at + 2300, 3, """{"source":5,"id":13,"text":"**","isChecked":false}"""),
                Replays.Rrweb(at + 3000, 3, """{"source":2,"type":3,"id":5,"x":5,"y":5}"""),
                Replays.Scroll(at + 4000)));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<IPage> Watch(Visit watcher, OwnProject project, string session)
    {
        IPage page = await watcher.NewTab();
        await page.SignIn(project.Gateway.Address, project.Key);
        await page.GotoAsync($"{project.Gateway.Address}sessions/{session}/replay");
        await page.WaitForSelectorAsync("[data-replay][data-state=ready]");
        return page;
    }

    /// <summary>The lines with their kinds.</summary>
    private static async Task<string[]> Lines(IPage page)
    {
        List<string> lines = [];
        foreach (ILocator line in await page.Locator("[data-list] li").AllAsync())
        {
            string kind = Space().Split(await line.GetAttributeAsync("class") ?? "")[0];
            lines.Add($"{kind}: {await line.Locator(".what").InnerTextAsync()}");
        }

        return [.. lines];
    }

    private static Task<string> Current(IPage page) => page.Locator("[data-list] li[aria-current=true] .what").InnerTextAsync();

    [GeneratedRegex(" ")]
    private static partial Regex Space();
}
