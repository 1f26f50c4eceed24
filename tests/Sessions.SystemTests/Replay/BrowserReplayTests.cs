using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Npgsql;
using Sessions.SystemTests.Browser;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Replay;

/// <summary>posthog-js records a visit in one real browser, and the replay is watched in another.</summary>
[Collection(Lane.Shared)]
public sealed class BrowserReplayTests(SharedCluster shared, Chromium chromium)
{
    private const string IsRecording = "window.posthog.sessionRecordingStarted() && window.posthog.sessionRecording?.status === 'active'";

    private const string EventsTile =
        "Number([...document.querySelectorAll('.tile')].find(tile => tile.textContent.includes('Events')).querySelector('.figure').textContent)";

    private const string RecordedName = Replays.Recorded + "?.querySelector('#name')?.value";

    private static readonly TimeSpan Arrival = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("session_recording: { maskAllInputs: false },", "Ada")]
    [InlineData("", "***")] // what is typed is masked unless the site says otherwise
    public async Task A_recorded_visit_has_the_right_counts_and_its_replay_shows_typed_text_at_its_time(
        string options, string shown)
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        await RecordTheConsole(gateway);
        await using Site site = await Site.WithThePackage(gateway, options);
        await using Visit visit = await chromium.Open();

        IPage page = await visit.NewTab();
        await page.GotoAsync(site.Address.ToString());
        await Visit.SdkIsThere(page);
        await page.WaitForFunctionAsync(IsRecording);
        string session = await Visit.SessionId(page);
        await page.ClickAsync("#name");
        await page.Locator("#name").PressSequentiallyAsync("Ada", new LocatorPressSequentiallyOptions { Delay = 60 });
        await page.ClickAsync("#buy");
        await page.EvaluateAsync("console.error('it broke'); console.warn('careful'); console.log('so so')");
        await page.ClickAsync("#next");
        await Visit.SdkIsThere(page);
        await page.WaitForFunctionAsync(IsRecording);
        await page.ClickAsync("#buy");
        Assert.Equal(session, await Visit.SessionId(page));
        await Wait.For(
            async () => (int?)(await gateway.Session(session))?["$replay_click_count"] >= 4,
            "the last click did not arrive",
            Arrival);
        await Visit.Leave(page, site);

        JsonObject api = (await gateway.Session(session))!;
        Assert.Equal(
            (true, 4, 3, 1, 1, 1),
            ((bool)api["$has_replay"]!, (int)api["$replay_click_count"]!, (int)api["$replay_keypress_count"]!,
                (int)api["$replay_console_error_count"]!, (int)api["$replay_console_warn_count"]!,
                (int)api["$replay_console_log_count"]!));
        IReadOnlyList<JsonObject> replay = await gateway.Replay(session);
        Assert.Equal((4, 3, 1), (replay.Clicks(), replay.Inputs(), replay.Console("error")));
        Assert.Equal(replay.Select(one => one.Time()).Order(), replay.Select(one => one.Time()));
        Assert.DoesNotContain(replay, one => one["cv"] is not null);
        Assert.Contains(replay, one => (int)one["type"]! == 4 && (string?)one["data"]!["href"] == $"{site.Address}prices?plan=yearly#details");
        await Wait.For(
            async () => await Clicks(cluster.Reader, session) == 4, "session_replays does not have the clicks", Arrival);

        JsonObject typed = replay.First(one => (string?)one["data"]!["text"] == shown);
        await Watch(cluster, gateway, session, typed.Time(), shown);
    }

    [Fact]
    public async Task A_live_recording_can_be_followed_while_it_grows()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        await RecordTheConsole(gateway);
        await using Site site = await Site.WithThePackage(gateway);
        await using Visit visit = await chromium.Open();
        IPage page = await visit.NewTab();
        await page.GotoAsync(site.Address.ToString());
        await Visit.SdkIsThere(page);
        await page.WaitForFunctionAsync(IsRecording);
        string session = await Visit.SessionId(page);
        await page.ClickAsync("#buy");
        await Wait.For(
            async () => (int?)(await gateway.Session(session))?["$replay_click_count"] >= 1, "the click did not arrive", Arrival);

        await using Visit watcher = await chromium.Open();
        IPage watching = await watcher.NewTab();
        await watching.SignIn(gateway.Address, cluster.Ready.ApiKey);
        await watching.GotoAsync($"{gateway.Address}sessions/{session}");
        await watching.WaitForSelectorAsync("[data-replay][data-state=ready]");
        await watching.Locator("[data-follow]").CheckAsync();
        await page.FillAsync("#name", "later");
        await page.EvaluateAsync("console.error('happened while somebody watched')");
        int events = await watching.EvaluateAsync<int>(EventsTile);
        await page.EvaluateAsync("posthog.capture('came while somebody watched')");

        await watching.Locator("[data-list] li.error", new() { HasText = "happened while somebody watched" }).WaitForAsync();
        await Replays.Holds(await Replays.PlayerIn(watching), $"{RecordedName} === '*****'");
        await watching.Locator("[data-list] li.event", new() { HasText = "came while somebody watched" }).WaitForAsync();
        Assert.Equal(0, await watching.Locator("[data-grows=timeline]").CountAsync());
        await Replays.Holds(watching.MainFrame, $"{EventsTile} > {events}");
        Assert.Empty(watcher.Complaints);
    }

    [Fact]
    public async Task Two_tabs_of_a_session_are_two_windows_in_the_player_and_the_timeline_names_the_shown_one()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        await RecordTheConsole(gateway);
        await using Site site = await Site.WithThePackage(gateway, "session_recording: { maskAllInputs: false },");
        await using Visit visit = await chromium.Open();
        IPage left = await OpenRecorded(visit, site.Address);
        string session = await Visit.SessionId(left);
        await TypeAndSay(left, "left", "said on the left");
        IPage right = await OpenRecorded(visit, new Uri(site.Address, "help"));
        Assert.Equal(session, await Visit.SessionId(right));
        await TypeAndSay(right, "right", "said on the right");
        await Wait.For(
            async () => (int?)(await gateway.Session(session))?["$replay_keypress_count"] >= "left".Length + "right".Length
                && (int?)(await gateway.Session(session))?["$replay_console_error_count"] >= 2,
            "not all that was typed and said arrived",
            Arrival);

        await using Visit watcher = await chromium.Open();
        IPage page = await watcher.NewTab();
        await page.SignIn(gateway.Address, cluster.Ready.ApiKey);
        await page.GotoAsync($"{gateway.Address}sessions/{session}/replay");
        await page.WaitForSelectorAsync("[data-replay][data-state=ready]");
        ILocator windows = page.Locator("[data-windows] button");
        Assert.Equal(["Window 1 /", "Window 2 /help"], await windows.AllInnerTextsAsync());
        Assert.Equal("1", await WindowOf(page, "said on the left"));
        Assert.Equal("2", await WindowOf(page, "said on the right"));

        Assert.Equal("Window 1 /", await Chosen(page));
        await PlayUntil(page, "left");
        await windows.Nth(1).ClickAsync();
        Assert.Equal("Window 2 /help", await Chosen(page));
        await PlayUntil(page, "right");
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Repository.Artifacts("screens"), "replay-windows.png") });

        await page.Locator("[data-list] li button", new() { HasText = "said on the left" }).ClickAsync();
        Assert.Equal("Window 1 /", await Chosen(page));
        await Replays.Holds(await Replays.PlayerIn(page), $"{RecordedName} === 'left'");
        Assert.Empty(watcher.Complaints);
    }

    private static async Task<IPage> OpenRecorded(Visit visit, Uri address)
    {
        IPage page = await visit.NewTab();
        await page.GotoAsync(address.ToString());
        await Visit.SdkIsThere(page);
        await page.WaitForFunctionAsync(IsRecording);
        return page;
    }

    private static async Task TypeAndSay(IPage page, string text, string said)
    {
        await page.ClickAsync("#name");
        await page.Locator("#name").PressSequentiallyAsync(text, new LocatorPressSequentiallyOptions { Delay = 60 });
        await page.EvaluateAsync($"console.error('{said}')");
    }

    private static Task<string> WindowOf(IPage page, string said) =>
        page.Locator("[data-list] li", new() { HasText = said }).Locator(".window").InnerTextAsync();

    private static Task<string> Chosen(IPage page) => page.Locator("[data-windows] button[aria-selected=true]").InnerTextAsync();

    /// <summary>Presses the player's button and waits until what is typed there has been typed.</summary>
    private static async Task PlayUntil(IPage page, string typed)
    {
        IFrame player = await Replays.PlayerIn(page);
        await Replays.Holds(player, $"{RecordedName} === ''");
        await page.Locator("[data-play]").ClickAsync();
        await Replays.Holds(player, $"{RecordedName} === '{typed}'");
    }

    private async Task Watch(Cluster cluster, Gateway gateway, string session, long typedAt, string shown)
    {
        await using Visit watcher = await chromium.Open();
        IPage page = await watcher.NewTab();
        await page.SignIn(gateway.Address, cluster.Ready.ApiKey);
        await page.GotoAsync($"{gateway.Address}sessions/{session}");
        await page.WaitForSelectorAsync("[data-replay][data-state=ready]");
        double first = await page.EvaluateAsync<double>("Number(document.querySelector('[data-replay]').dataset.first)");

        IFrame player = await Replays.PlayerIn(page);
        await GoTo(page, typedAt - first - 30);
        await Replays.Holds(player, $"{RecordedName} === '{shown[..^1]}'");
        byte[] before = await Shot(player, $"replay-before-{shown.Replace('*', 'x')}.png");
        await GoTo(page, typedAt - first + 20);
        await Replays.Holds(player, $"{RecordedName} === '{shown}'");
        byte[] after = await Shot(player, $"replay-after-{shown.Replace('*', 'x')}.png");
        Assert.NotEqual(before, after);

        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Repository.Artifacts("screens"), "replay-page.png") });
        string list = await page.Locator("[data-list]").InnerTextAsync();
        Assert.Contains("it broke", list, StringComparison.Ordinal);
        Assert.Contains("Page view /prices", list, StringComparison.Ordinal);
        await page.Locator("[data-list] li.error button").ClickAsync();
        Assert.Equal("it broke", await page.Locator("[data-list] li[aria-current=true] .what").InnerTextAsync());
        Assert.Empty(watcher.Complaints);
    }

    private static Task GoTo(IPage page, double ms) =>
        page.EvaluateAsync($"location.hash = '#t={(ms / 1000).ToString(System.Globalization.CultureInfo.InvariantCulture)}'");

    private static Task<byte[]> Shot(IFrame player, string name) => player.Locator(".replayer-wrapper").ScreenshotAsync(
        new LocatorScreenshotOptions { Path = Path.Combine(Repository.Artifacts("screens"), name) });

    private static async Task RecordTheConsole(Gateway gateway)
    {
        using HttpResponseMessage answer = await gateway.Ask(
            HttpMethod.Put, "/api/project", new StringContent("""{"replay":{"console":true}}""", Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<int> Clicks(NpgsqlDataSource reader, string session)
    {
        await using NpgsqlCommand select = reader.CreateCommand("select click_count from session_replays where session_id = $1");
        select.Parameters.AddWithValue(Guid.Parse(session));
        return (int?)await select.ExecuteScalarAsync() ?? 0;
    }
}
