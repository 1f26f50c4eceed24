using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sessions.SystemTests.Browser;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Replay;

/// <summary>
/// The player shows a window in the size that its Meta event has, and shows nothing without a size, but a recording may
/// lack that event. Watched in a real browser.
/// </summary>
[Collection(Lane.Shared)]
public sealed class WindowSizeTests(SharedCluster shared, Chromium chromium)
{
    private const string Frame = "document.querySelector('.replayer-wrapper iframe')";

    [Theory]
    [InlineData("without a Meta event", 1280, 720)]
    [InlineData("with a Meta event after it", 900, 700)]
    [InlineData("with a Meta event of no size", 1280, 720)]
    public async Task A_full_snapshot_is_shown_in_the_right_size(string how, int width, int height)
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        string session = Events.NewSessionId();
        long at = DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeMilliseconds();
        JsonObject[] recorded = how switch
        {
            "without a Meta event" => [Replays.Picture(at), Replays.Scroll(at + 500)],
            "with a Meta event after it" => [Replays.Scroll(at - 100), Replays.Picture(at), Replays.Meta(at + 500, 900, 700)],
            _ => [Replays.Meta(at, 0, 0), Replays.Picture(at), Replays.Scroll(at + 500)],
        };
        using (HttpResponseMessage answer = await gateway.Record(CancellationToken.None, Replays.Snapshot(session, recorded)))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await using Visit watcher = await chromium.Open();
        IPage page = await watcher.NewTab();
        await page.SignIn(gateway.Address, cluster.Ready.ApiKey);
        await page.GotoAsync($"{gateway.Address}sessions/{session}/replay");
        await page.WaitForSelectorAsync("[data-replay][data-state=ready]");

        IFrame player = await Replays.PlayerIn(page);
        await Replays.Holds(player, $"{Replays.Recorded}?.querySelector('#seen')?.textContent === 'here it is'");
        await Replays.Holds(player, $"getComputedStyle({Frame}).display !== 'none'");
        Assert.Equal([width, height], await player.EvaluateAsync<int[]>($"[Number({Frame}.width), Number({Frame}.height)]"));
        Assert.True((await player.Locator(".replayer-wrapper iframe").BoundingBoxAsync())?.Width > 100);
        await page.ScreenshotAsync(new PageScreenshotOptions
        {
            Path = Path.Combine(Repository.Artifacts("screens"), $"replay-{how.Replace(' ', '-')}.png"),
        });
        Assert.Empty(watcher.Complaints);
    }
}
