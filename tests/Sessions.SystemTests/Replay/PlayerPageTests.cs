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
        (IPage page, IFrame player) = await Watch(watcher);
        Assert.Equal("0:00", await page.Locator("[data-now]").InnerTextAsync());

        await player.GetByText("8x").ClickAsync();
        await player.Locator(".rr-controller__btns button").First.ClickAsync();

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

        await Replays.Holds(player, "document.querySelector('.rr-timeline__time').textContent === '00:03'");
        Assert.Equal("0:03", await page.Locator("[data-now]").InnerTextAsync());
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
