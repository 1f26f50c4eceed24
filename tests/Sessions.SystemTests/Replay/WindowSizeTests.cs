using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Sessions.SystemTests.Browser;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Replay;

/// <summary>
/// What rrweb needs and a recording may lack: the player shows a window in the size that its Meta event says, and nothing
/// without one. Watched in a real browser.
/// </summary>
[Collection(Lane.Shared)]
public sealed partial class WindowSizeTests(SharedCluster shared, Chromium chromium)
{
    private const string Frame = "document.querySelector('.replayer-wrapper iframe')";

    private static readonly TimeSpan Arrival = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("without a Meta event", 1280, 720)]
    [InlineData("with a Meta event after it", 900, 700)]
    [InlineData("with a Meta event of no size", 1280, 720)]
    public async Task A_full_snapshot_is_seen(string how, int width, int height)
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        string session = Events.NewSessionId();
        long at = DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeMilliseconds();
        JsonObject[] recorded = how switch
        {
            "without a Meta event" => [Picture(at), Scroll(at + 500)],
            "with a Meta event after it" => [Scroll(at - 100), Picture(at), Meta(at + 500, 900, 700)],
            _ => [Meta(at, 0, 0), Picture(at), Scroll(at + 500)],
        };
        using (HttpResponseMessage answer = await gateway.Record(CancellationToken.None, Snapshot(session, recorded)))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await using Visit watcher = await chromium.Open();
        IPage page = await watcher.NewTab();
        await page.GotoAsync(SignInLink().Match(await cluster.WholeOutput()).Value);
        await page.GotoAsync($"{gateway.Address}sessions/{session}/replay");
        await page.WaitForSelectorAsync("[data-replay][data-state=ready]");

        await Holds(page, $"{Frame}?.contentDocument?.querySelector('#seen')?.textContent === 'here it is'");
        await Holds(page, $"getComputedStyle({Frame}).display !== 'none'");
        Assert.Equal([width, height], await page.EvaluateAsync<int[]>($"[Number({Frame}.width), Number({Frame}.height)]"));
        Assert.True((await page.Locator(".replayer-wrapper iframe").BoundingBoxAsync())?.Width > 100);
        await page.ScreenshotAsync(new PageScreenshotOptions
        {
            Path = Path.Combine(Repository.Artifacts("screens"), $"replay-{how.Replace(' ', '-')}.png"),
        });
        Assert.Empty(watcher.Complaints);
    }

    // Playwright's own way of waiting makes a function of a text, which our pages' policy forbids.
    private static Task Holds(IPage page, string expression) => Wait.For(
        () => page.EvaluateAsync<bool>(expression), $"it does not come to hold that {expression}", Arrival);

    private static JsonObject Picture(long at) => Rrweb(at, 2, """
        {"node":{"type":0,"id":1,"childNodes":[{"type":2,"tagName":"html","attributes":{},"id":2,"childNodes":[
          {"type":2,"tagName":"head","attributes":{},"childNodes":[],"id":3},
          {"type":2,"tagName":"body","attributes":{"style":"background:#ffd"},"id":4,"childNodes":[
            {"type":2,"tagName":"h1","attributes":{"id":"seen"},"id":5,"childNodes":[{"type":3,"textContent":"here it is","id":6}]}]}]}]},
         "initialOffset":{"top":0,"left":0}}
        """);

    private static JsonObject Meta(long at, int width, int height) =>
        Rrweb(at, 4, $$"""{"href":"https://shop.example/","width":{{width}},"height":{{height}}}""");

    private static JsonObject Scroll(long at) => Rrweb(at, 3, """{"source":3,"id":1,"x":0,"y":0}""");

    private static JsonObject Rrweb(long at, int type, string data) => new()
    {
        ["type"] = type,
        ["data"] = JsonNode.Parse(data),
        ["timestamp"] = at,
    };

    private static JsonObject Snapshot(string session, JsonObject[] events) => new()
    {
        ["uuid"] = Guid.CreateVersion7().ToString(),
        ["event"] = "$snapshot",
        ["properties"] = new JsonObject
        {
            ["distinct_id"] = Events.NewDistinctId("sized"),
            ["$session_id"] = session,
            ["$window_id"] = "w",
            ["$snapshot_data"] = new JsonArray([.. events]),
        },
    };

    [GeneratedRegex(@"http://\S+/signin\?\S+")]
    private static partial Regex SignInLink();
}
