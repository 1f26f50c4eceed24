using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Replay;

/// <summary>Recordings as an SDK sends them and a program reads them, counted with nothing of the product's code.</summary>
internal static class Replays
{
    /// <summary>The rrweb events of a session, in the order in which they are played; none when there is no replay.</summary>
    public static async Task<IReadOnlyList<JsonObject>> Replay(this Gateway gateway, string session)
    {
        using HttpResponseMessage answer = await gateway.Ask(HttpMethod.Get, $"/api/sessions/{session}/replay");
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
}
