using System.Net;
using Microsoft.Playwright;
using Sessions.SystemTests.Browser;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Replay;

/// <summary>The player is a document of its own. The page around it and the player keep each other up to date.</summary>
[Collection(Lane.Shared)]
public sealed class PlayerPageTests(SharedCluster shared, Chromium chromium)
{
    private const long LengthMs = 4000;

    [Fact]
    public async Task A_replay_that_plays_moves_the_clock_and_the_cursor_of_the_page_around_it()
    {
        await using Visit watcher = await chromium.Open();
        (IPage page, _) = await Watch(watcher);
        Assert.Equal("0:00", await page.Locator("[data-now]").InnerTextAsync());

        await page.Locator("[data-speed]").SelectOptionAsync("8");
        await page.Locator("[data-play]").ClickAsync();

        await Replays.Holds(page.MainFrame, "document.querySelector('[data-now]').textContent === '0:04'");
        await Replays.Holds(page.MainFrame, "parseFloat(document.querySelector('[data-cursor]').style.left) > 95");
        Assert.Empty(watcher.Complaints);
    }

    [Fact]
    public async Task A_click_on_the_timeline_moves_the_player()
    {
        await using Visit watcher = await chromium.Open();
        (IPage page, IFrame player) = await Watch(watcher);
        LocatorBoundingBoxResult timeline = (await page.Locator("[data-timeline]").BoundingBoxAsync())!;

        await page.Locator("[data-timeline]").ClickAsync(new() { Position = new() { X = timeline.Width * 3 / 4, Y = timeline.Height / 2 } });

        await Replays.Holds(player, $"{Replays.Recorded} != null");
        Assert.Equal("0:03", await page.Locator("[data-now]").InnerTextAsync());
        await page.Locator("[data-timeline]").HoverAsync(new() { Position = new() { X = timeline.Width / 2, Y = timeline.Height / 2 } });
        Assert.StartsWith("0:02", await page.Locator("[data-tip]").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Empty(watcher.Complaints);
    }

    [Fact]
    public async Task The_player_has_the_size_and_the_theme_of_the_page_around_it_and_can_fill_the_screen()
    {
        await using Visit watcher = await chromium.Open();
        (IPage page, IFrame player) = await Watch(watcher);
        await HasStageWidth();
        Assert.True(await player.EvaluateAsync<bool>("document.fullscreenEnabled"));

        await page.SetViewportSizeAsync(700, 900);
        await HasStageWidth();
        await page.SetViewportSizeAsync(1280, 900);
        await HasStageWidth();

        await page.Locator("[data-theme-choice=dark]").ClickAsync();
        await Replays.Holds(player, "getComputedStyle(document.documentElement).colorScheme === 'dark'");
        await page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Artifacts("screens"), "replay-dark.png") });
        await page.Locator("[data-theme-choice=light]").ClickAsync();
        await Replays.Holds(player, "getComputedStyle(document.documentElement).colorScheme === 'light'");
        Assert.Empty(watcher.Complaints);

        async Task HasStageWidth()
        {
            string width = await page.EvaluateAsync<string>("String(document.querySelector('[data-stage]').clientWidth)");
            await Replays.Holds(player, $"document.querySelector('.rr-player')?.offsetWidth === {width}");
        }
    }

    [Fact]
    public async Task Keys_play_jump_and_fill_the_screen_also_when_the_player_itself_has_them()
    {
        await using Visit watcher = await chromium.Open();
        (IPage page, _) = await Watch(watcher);
        await page.Locator("[data-skip]").UncheckAsync();
        await page.Locator("h1").ClickAsync();

        await page.Keyboard.PressAsync("ArrowRight");
        Assert.Equal("0:04", await page.Locator("[data-now]").InnerTextAsync());
        await page.Keyboard.PressAsync("ArrowLeft");
        Assert.Equal("0:00", await page.Locator("[data-now]").InnerTextAsync());
        await page.Keyboard.PressAsync("Space");
        await page.WaitForSelectorAsync("[data-play][data-playing=true][aria-label=Pause]");
        await page.Keyboard.PressAsync("Space");
        await page.WaitForSelectorAsync("[data-play][data-playing=false][aria-label=Play]");

        await page.Locator("[data-stage] iframe").ClickAsync();
        await page.WaitForSelectorAsync("[data-play][data-playing=true]");
        await page.Keyboard.PressAsync("Space");
        await page.WaitForSelectorAsync("[data-play][data-playing=false]");
        await page.Locator("[data-search]").FillAsync("f , . ");
        Assert.Equal("f , . ", await page.Locator("[data-search]").InputValueAsync());
        Assert.False(await page.EvaluateAsync<bool>("document.fullscreenElement !== null"));
        await page.Locator("h1").ClickAsync();
        await page.Keyboard.PressAsync("f");
        await Replays.Holds(page.MainFrame, "document.fullscreenElement?.hasAttribute('data-main') === true");
        await page.Keyboard.PressAsync("f");
        await Replays.Holds(page.MainFrame, "document.fullscreenElement === null");
        Assert.Empty(watcher.Complaints);
    }

    [Fact]
    public async Task The_speed_and_what_is_skipped_stay_for_the_next_recording()
    {
        await using Visit watcher = await chromium.Open();
        (IPage page, _) = await Watch(watcher);
        await page.Locator("[data-speed]").SelectOptionAsync("4");
        await page.Locator("[data-skip]").UncheckAsync();

        (IPage next, _) = await Watch(watcher);

        Assert.Equal("4", await next.Locator("[data-speed]").InputValueAsync());
        Assert.False(await next.Locator("[data-skip]").IsCheckedAsync());
    }

    [Theory]
    [InlineData(1440, "light")]
    [InlineData(1440, "dark")]
    [InlineData(390, "light")]
    [InlineData(390, "dark")]
    public async Task The_player_has_no_serious_fault_of_accessibility_and_fits_the_screen(int width, string theme)
    {
        await using Visit watcher = await chromium.Open();
        (IPage page, IFrame player) = await Watch(watcher);
        await page.SetViewportSizeAsync(width, 900);
        await page.Locator($"[data-theme-choice={theme}]").ClickAsync();
        await Replays.Holds(player, $"getComputedStyle(document.documentElement).colorScheme === '{theme}'");

        await page.EvaluateAsync(await File.ReadAllTextAsync(Path.Combine(Repository.NpmPackage("axe-core"), "axe.min.js")));
        string[] faults = await page.EvaluateAsync<string[]>(
            """
            async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
              .flatMap((fault) => fault.nodes.map((node) => `${fault.id} at ${node.target.join(' ')}`))
            """);

        await page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Artifacts("screens"), $"player-{width}-{theme}.png"), FullPage = true });
        Assert.Empty(faults);
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "The page is wider than the screen.");
        Assert.Equal("Recorded page", await player.EvaluateAsync<string>("document.querySelector('.replayer-wrapper iframe').title"));
        Assert.Equal("rgb(255, 255, 255)", await player.EvaluateAsync<string>("getComputedStyle(document.querySelector('.replayer-wrapper iframe')).backgroundColor"));
    }

    [Fact]
    public async Task The_title_names_the_session_and_a_link_leads_to_a_time()
    {
        await using Visit watcher = await chromium.Open();
        (IPage page, _) = await Watch(watcher);
        Assert.Matches("^Replay of recorded-.*, .*\\d\\d:\\d\\d:\\d\\d · ", await page.TitleAsync());
        Assert.True(await page.Locator("[data-off]").IsVisibleAsync());

        await page.Keyboard.PressAsync("ArrowRight");
        await page.Locator("[data-link]").ClickAsync();
        Assert.EndsWith("/replay#t=4", page.Url, StringComparison.Ordinal);
        await page.ReloadAsync();
        await page.WaitForSelectorAsync("[data-replay][data-state=ready]");

        Assert.Equal("0:04", await page.Locator("[data-now]").InnerTextAsync());
    }

    [Fact]
    public async Task A_player_stops_to_ask_for_more_when_the_session_has_ended()
    {
        using OwnProject project = await OwnProject.Create(await shared.Started);
        string session = Events.NewSessionId();
        long at = DateTimeOffset.UtcNow.AddSeconds(-5).ToUnixTimeMilliseconds();
        using (HttpResponseMessage answer = await project.Gateway.Record(
            CancellationToken.None, Replays.Snapshot(session, Replays.Meta(at, 900, 700), Replays.Picture(at), Replays.Scroll(at + LengthMs))))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        string person = (string)(await project.Gateway.Session(session))!["distinct_id"]!;
        await using Visit watcher = await chromium.Open();
        IPage page = await watcher.NewTab();
        await page.SignIn(project.Gateway.Address, project.Key);
        await page.GotoAsync($"{project.Gateway.Address}sessions/{session}/replay");
        await page.WaitForSelectorAsync("[data-replay][data-state=ready][data-is-live=true]");

        using HttpResponseMessage reset = await project.Gateway.Ask(HttpMethod.Post, $"/api/devices/{person}/reset");
        Assert.Equal(HttpStatusCode.OK, reset.StatusCode);

        await page.WaitForSelectorAsync("[data-replay][data-is-live=false]");
        Assert.Equal(0, await page.Locator("[data-follow]").CountAsync());
        Assert.Empty(watcher.Complaints);
    }

    /// <summary>A recording of four seconds in a browser, at its start.</summary>
    private async Task<(IPage Page, IFrame Player)> Watch(Visit watcher)
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        string session = Events.NewSessionId();
        long at = DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeMilliseconds();
        using (HttpResponseMessage answer = await gateway.Record(
            CancellationToken.None,
            Replays.Snapshot(session, Replays.Meta(at, 900, 700), Replays.Picture(at), Replays.Scroll(at + (LengthMs / 2)), Replays.Scroll(at + LengthMs))))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        IPage page = await watcher.NewTab();
        await page.SignIn(gateway.Address, cluster.Ready.ApiKey);
        await page.GotoAsync($"{gateway.Address}sessions/{session}/replay");
        await page.WaitForSelectorAsync("[data-replay][data-state=ready]");
        IFrame player = await Replays.PlayerIn(page);
        await Replays.Holds(player, $"{Replays.Recorded}?.querySelector('#seen') != null");
        return (page, player);
    }
}
