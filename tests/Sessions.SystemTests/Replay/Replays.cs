using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Replay;

/// <summary>Recordings as an SDK sends them and a program reads them, counted with nothing of the product's code.</summary>
internal static class Replays
{
    /// <summary>The recorded page's document, for the player's page: the player draws it in a frame without scripts.</summary>
    public const string Recorded = "document.querySelector('.replayer-wrapper iframe')?.contentDocument";

    private static readonly TimeSpan Arrival = TimeSpan.FromSeconds(30);

    /// <summary>The player's page, which has an origin of its own inside the page that shows the replay.</summary>
    public static Task<IFrame> PlayerIn(IPage page) => Wait.For(
        () => Task.FromResult(page.Frames.FirstOrDefault(frame => frame.Url.StartsWith("data:", StringComparison.Ordinal))),
        "the page has no player",
        Arrival);

    // Playwright's own way of waiting makes a function of a text, which our pages' policy forbids.
    public static Task Holds(IFrame frame, string expression) => Wait.For(
        () => frame.EvaluateAsync<bool>(expression), $"it does not come to hold that {expression}", Arrival);

    /// <summary>
    /// The rrweb events of a session, in the order in which they are played, for a player or as received; none when there is no
    /// replay.
    /// </summary>
    public static async Task<IReadOnlyList<JsonObject>> Replay(this Gateway gateway, string session, bool isRaw = false)
    {
        using HttpResponseMessage answer = await gateway.Ask(HttpMethod.Get, $"/api/sessions/{session}/replay?raw={(isRaw ? "true" : "false")}");
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            return [];
        }

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return [.. (await answer.Content.ReadAsStringAsync())
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)![1]!.AsObject())];
    }

    public static long Time(this JsonObject rrweb) => (long)rrweb["timestamp"]!;

    public static int Clicks(this IEnumerable<JsonObject> replay) => replay.Count(one =>
        (int)one["type"]! == 3 && (int?)one["data"]!["source"] == 2 && (int)one["data"]!["type"]! is 2 or 3 or 4 or 9);

    public static int Inputs(this IEnumerable<JsonObject> replay) =>
        replay.Count(one => (int)one["type"]! == 3 && (int?)one["data"]!["source"] == 5);

    public static int Console(this IEnumerable<JsonObject> replay, string level) => replay.Count(one =>
        (int)one["type"]! == 6 && (string?)one["data"]!["plugin"] == "rrweb/console@1"
        && (string?)one["data"]!["payload"]!["level"] == level);

    /// <summary>Sends snapshots as posthog-js does.</summary>
    public static Task<HttpResponseMessage> Record(this Gateway gateway, CancellationToken cancel, params JsonObject[] snapshots)
    {
        foreach (JsonObject snapshot in snapshots)
        {
            snapshot["api_key"] = gateway.Token;
        }

        string body = new JsonArray([.. snapshots.Select(one => one.DeepClone())]).ToJsonString();
        return gateway.Post("/s/", new StringContent(body, Encoding.UTF8, "application/json"), cancel);
    }

    /// <summary>A full snapshot of a page that says "here it is".</summary>
    public static JsonObject Picture(long at) => Rrweb(at, 2, """
        {"node":{"type":0,"id":1,"childNodes":[{"type":2,"tagName":"html","attributes":{},"id":2,"childNodes":[
          {"type":2,"tagName":"head","attributes":{},"childNodes":[],"id":3},
          {"type":2,"tagName":"body","attributes":{"style":"background:#ffd"},"id":4,"childNodes":[
            {"type":2,"tagName":"h1","attributes":{"id":"seen"},"id":5,"childNodes":[{"type":3,"textContent":"here it is","id":6}]}]}]}]},
         "initialOffset":{"top":0,"left":0}}
        """);

    public static JsonObject Meta(long at, int width, int height) =>
        Rrweb(at, 4, $$"""{"href":"https://shop.example/","width":{{width}},"height":{{height}}}""");

    public static JsonObject Scroll(long at) => Rrweb(at, 3, """{"source":3,"id":1,"x":0,"y":0}""");

    public static JsonObject Rrweb(long at, int type, string data) => new()
    {
        ["type"] = type,
        ["data"] = JsonNode.Parse(data),
        ["timestamp"] = at,
    };

    public static JsonObject Snapshot(string session, params JsonObject[] events) => new()
    {
        ["uuid"] = Guid.CreateVersion7().ToString(),
        ["event"] = "$snapshot",
        ["properties"] = new JsonObject
        {
            ["distinct_id"] = Events.NewDistinctId("recorded"),
            ["$session_id"] = session,
            ["$window_id"] = "w",
            ["$snapshot_data"] = new JsonArray([.. events]),
        },
    };
}
