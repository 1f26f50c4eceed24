using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sessions.SystemTests.Browser;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Replay.Mobile;

/// <summary>Recordings of phones, watched in a real browser at chosen times.</summary>
[Collection(Lane.Shared)]
public sealed class MobileReplayTests(SharedCluster shared, Chromium chromium)
{
    private const string Frame = "document.querySelector('.replayer-wrapper iframe')";

    // What is on top at a point of the phone's screen.
    private const string TopAt = $"((x, y) => {Replays.Recorded}.elementFromPoint(x, y))";

    [Fact]
    public async Task Android_wireframes_play_with_changes_touches_and_the_keyboard()
    {
        await using Visit watcher = await chromium.Open();
        (IPage page, IFrame player) = await Watch(watcher, HandWritten.Android, "android");

        await Sees(player, Has("Total: 0"));
        await IsSized(player, 411, 866);
        // Markup in a text is a text.
        await Sees(player, Has("My <b>cart</b>"));
        await Sees(player, $"{Element("Total: 0")}.getBoundingClientRect().top >= 100 && {Element("Total: 0")}.getBoundingClientRect().bottom <= 124");
        await Sees(player, $"getComputedStyle({Element("Total: 0")}).color === 'rgb(211, 47, 47)'");
        await Sees(player, $"getComputedStyle({TopAt}(100, 12)).backgroundColor === 'rgb(26, 35, 126)'");
        await Sees(player, $"{Replays.Recorded}.querySelector('button').textContent === 'Check out'");
        await Sees(player, $"{Replays.Recorded}.querySelector('input[type=checkbox]').checked");
        await Sees(player, $"[...{Replays.Recorded}.querySelectorAll('input[type=radio]')].map(one => one.checked).join() === 'true,false'");
        await Sees(player, $"{Replays.Recorded}.querySelector('textarea').value === 'Leave it at the door'");
        await Sees(player, $"{Replays.Recorded}.querySelector('select').value === 'Express'");
        await Sees(player, $"{Replays.Recorded}.querySelector('progress').position === 0.3");
        await Sees(player, $"{Replays.Recorded}.querySelector('[role=switch]').ariaChecked === 'true'");
        await Sees(player, Has("★★★★☆"));
        await Sees(player, Has("Web view"));
        await Sees(player, $"{Replays.Recorded}.querySelector('img').naturalWidth === 1");
        await Sees(player, $"!{Has("Lamp")}");

        await page.GoTo(2.5);
        await Sees(player, $"{Has("Total: 12")} && !{Has("Total: 0")} && {Replays.Recorded}.body.innerText.split('Lamp').length === 2");
        await page.GoTo(3.5);
        await Sees(player, $"{TopAt}(200, 700).textContent === 'Keyboard'");
        await page.GoTo(4.1);
        await Sees(player, "Math.abs(parseFloat(document.querySelector('.replayer-mouse').style.left) - 205) < 1");
        await Sees(player, "document.querySelector('.replayer-mouse').classList.contains('touch-active')");
        await page.GoTo(5.5);
        await Sees(player, $"!{Has("Keyboard")} && {Has("Lamp")}");
        await page.GoTo(7);
        await Sees(player, $"!{Has("Lamp")} && {Has("Total: 12")}");
        // A minute in the background.
        await page.GoTo(66.5);
        await Sees(player, Has("Total: 0"));
        await page.GoTo(2.5);
        await Sees(player, $"{Has("Total: 12")} && {Has("Lamp")}");
        Assert.Empty(watcher.Complaints);
    }

    [Fact]
    public async Task Ios_wireframes_play_and_the_screen_turns()
    {
        await using Visit watcher = await chromium.Open();
        (IPage page, IFrame player) = await Watch(watcher, HandWritten.Ios, "ios");

        await Sees(player, Has("Welcome"));
        await IsSized(player, 390, 844);
        await Sees(player, $"getComputedStyle({Element("Welcome")}).color === 'rgb(0, 0, 255)'");
        await Sees(player, $"{Replays.Recorded}.querySelector('textarea').value === 'ann@example.org'");
        // The button's text is in a label of its own too.
        await Sees(player, $"{Replays.Recorded}.body.innerText.split('Sign in').length === 2");
        await page.GoTo(2.5);
        await Sees(player, $"{Has("Hello Ann")} && !{Has("Welcome")}");
        await page.GoTo(4.5);
        await Sees(player, Has("Turned"));
        await IsSized(player, 844, 390);
        await page.GoTo(6.5);
        await Sees(player, Has("Back"));
        await IsSized(player, 390, 844);
        Assert.Empty(watcher.Complaints);
    }

    [Fact]
    public async Task Flutter_pictures_of_the_screen_play()
    {
        await using Visit watcher = await chromium.Open();
        (IPage page, IFrame player) = await Watch(watcher, HandWritten.Flutter, "flutter");

        await page.GoTo(0.5);
        await Sees(player, Shows(HandWritten.Red));
        await IsSized(player, 393, 852);
        await page.GoTo(2.5);
        await Sees(player, Shows(HandWritten.Blue));
        await page.GoTo(4.5);
        await Sees(player, Shows(HandWritten.Red));
        Assert.Empty(watcher.Complaints);
    }

    [Fact]
    public async Task React_natives_pictures_play_without_a_Meta_event()
    {
        await using Visit watcher = await chromium.Open();
        (IPage page, IFrame player) = await Watch(watcher, HandWritten.ReactNative, "react-native");

        await Sees(player, Shows(HandWritten.Blue));
        await IsSized(player, 411, 866);
        await page.GoTo(2.5);
        await Sees(player, Shows(HandWritten.Red));
        await page.GoTo(4.5);
        await Sees(player, Shows(HandWritten.Blue));
        Assert.Empty(watcher.Complaints);
    }

    [Theory]
    [InlineData("has no full snapshot yet", """{"type":3,"data":{"source":2,"type":7,"id":0,"x":1,"y":1}}""")]
    [InlineData("in a format that the player does not know", """{"type":2,"data":{"pixels":"?"}}""")]
    public async Task The_page_says_why_a_recording_cannot_be_played(string sentence, string rrweb)
    {
        await using Visit watcher = await chromium.Open();
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        string session = Events.NewSessionId();
        JsonObject happened = JsonNode.Parse(rrweb)!.AsObject();
        happened["timestamp"] = DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeMilliseconds();
        await Record(gateway, Replays.Snapshot(session, happened));

        IPage page = await Open(watcher, gateway, cluster, session);

        await Assertions.Expect(page.Locator("[data-note]")).ToContainTextAsync(sentence);
        await page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Artifacts("screens"), "replay-unplayable.png") });
        Assert.Empty(watcher.Complaints);
    }

    [Fact]
    public async Task A_broken_recording_goes_on_with_what_can_be_played()
    {
        await using Visit watcher = await chromium.Open();
        (IPage page, IFrame player) = await Watch(
            watcher,
            at =>
            [
                HandWritten.Full(at, new JsonObject { ["id"] = "root", ["width"] = "390", ["height"] = 844, ["childWireframes"] = new JsonArray(null, 5, "x") }),
                Replays.Rrweb(at + 500, 2, """{"node":{"id":1}}"""),
                Replays.Rrweb(at + 600, 2, """{"wireframes":7}"""),
                Replays.Rrweb(at + 700, 3, """{"source":0,"adds":[{"parentId":5,"wireframe":{"id":5,"childWireframes":[{"id":5}]}},{"wireframe":null}],"removes":[{"id":404}],"updates":"x"}"""),
                Replays.Rrweb(at + 800, 3, """{"source":2,"type":4000,"x":"NaN"}"""),
                Replays.Rrweb(at + 900, 3, """{"source":4,"width":1e12,"height":-3}"""),
                Replays.Rrweb(at + 1000, 3, """{"source":0,"adds":[{"parentId":"root","wireframe":{"id":9,"type":"text","text":"goes on","x":1e40,"y":"2"}}]}"""),
                Replays.Rrweb(at + 2000, 3, """{"source":0,"adds":[{"parentId":"root","wireframe":{"id":10,"type":"text","text":"to the end","x":5,"y":5}}]}"""),
                HandWritten.Touch(at + 3000, 7, 10, 10),
            ],
            "broken");

        await page.GoTo(2.5);

        await Sees(player, $"{Has("goes on")} && {Has("to the end")}");
        Assert.Empty(watcher.Complaints);
    }

    private static Task Sees(IFrame player, string expression) => Replays.Holds(player, expression);

    private static string Has(string text) => $"{Replays.Recorded}?.body?.textContent.includes('{text}')";

    private static string Element(string text) => $"[...{Replays.Recorded}.querySelectorAll('span')].find(one => one.textContent === '{text}')";

    private static string Shows(string picture) =>
        $"(shown => shown?.src === '{picture}' && shown.naturalWidth === 1 && shown.getBoundingClientRect().width > 390)({Replays.Recorded}?.querySelector('img'))";

    private static Task IsSized(IFrame player, int width, int height) =>
        Replays.Holds(player, $"Number({Frame}.width) === {width} && Number({Frame}.height) === {height} && getComputedStyle({Frame}).display !== 'none'");

    private static async Task Record(Gateway gateway, JsonObject snapshot)
    {
        snapshot["properties"]!["$snapshot_source"] = "mobile";
        using HttpResponseMessage answer = await gateway.Record(CancellationToken.None, snapshot);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<IPage> Open(Visit watcher, Gateway gateway, Cluster cluster, string session)
    {
        IPage page = await watcher.NewTab();
        await page.SignIn(gateway.Address, cluster.Ready.ApiKey);
        await page.GotoAsync($"{gateway.Address}sessions/{session}/replay");
        await page.WaitForSelectorAsync("[data-replay][data-state=ready]");
        return page;
    }

    /// <summary>Sends a recording as an SDK does, an event at a time, and opens it in the player.</summary>
    private async Task<(IPage Page, IFrame Player)> Watch(Visit watcher, Func<long, JsonObject[]> recorded, string name)
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        string session = Events.NewSessionId();
        foreach (JsonObject rrweb in recorded(DateTimeOffset.UtcNow.AddMinutes(-3).ToUnixTimeMilliseconds()))
        {
            await Record(gateway, Replays.Snapshot(session, rrweb));
        }

        IPage page = await Open(watcher, gateway, cluster, session);
        IFrame player = await Replays.PlayerIn(page);
        await Replays.Holds(player, $"{Replays.Recorded}?.querySelector('[data-wireframe]') != null");
        await page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Artifacts("screens"), $"replay-{name}.png") });
        return (page, player);
    }
}

/// <summary>Moves a page's player.</summary>
internal static class PlayerTimes
{
    /// <summary>Goes to a second of the recording.</summary>
    public static Task GoTo(this IPage page, double second) => page.EvaluateAsync(
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"void (location.hash = '#t={second}')"));
}
