using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Sessions.Tests.Web.Replay;

/// <summary>What an SDK records and sends, in a test.</summary>
internal static class Recording
{
    /// <summary>The time of second 0 of a recording: a while ago.</summary>
    public static readonly long Zero = DateTimeOffset.UtcNow.AddMinutes(-2).ToUnixTimeMilliseconds();

    public static JsonObject Click(double second) => Rrweb(second, 3, """{"source":2,"type":2,"id":7}""");

    public static JsonObject Key(double second, string text = "x") =>
        Rrweb(second, 3, $$"""{"source":5,"id":9,"text":"{{text}}","isChecked":false}""");

    public static JsonObject Page(double second, string href) => Rrweb(second, 4, $$"""{"href":"{{href}}","width":800,"height":600}""");

    /// <summary>A full snapshot, without which nothing can be played.</summary>
    public static JsonObject Picture(double second) => Rrweb(second, 2, """
        {"node":{"type":0,"childNodes":[{"type":2,"tagName":"html","attributes":{},"childNodes":[],"id":2}],"id":1},"initialOffset":{"top":0,"left":0}}
        """);

    public static JsonObject Console(double second, string level) =>
        Rrweb(second, 6, $$$"""{"plugin":"rrweb/console@1","payload":{"level":"{{{level}}}","payload":["\"hello\""],"trace":[]}}""");

    public static JsonObject Rrweb(double second, int type, string data) => new()
    {
        ["type"] = type,
        ["data"] = JsonNode.Parse(data),
        ["timestamp"] = Zero + (long)(second * 1000),
    };

    public static JsonObject Snapshot(Guid session, string person, params JsonNode[] events) => new()
    {
        ["uuid"] = Guid.CreateVersion7().ToString(),
        ["event"] = "$snapshot",
        ["properties"] = new JsonObject
        {
            ["distinct_id"] = person,
            ["$session_id"] = session.ToString(),
            ["$window_id"] = "window-1",
            ["$lib"] = "web",
            ["$snapshot_bytes"] = 1,
            ["$snapshot_data"] = new JsonArray([.. events.Select(one => one.DeepClone())]),
        },
    };

    public static async Task<(HttpStatusCode Status, JsonNode Answer)> Record(
        this HttpClient program, TestGateway.Project project, params JsonNode[] snapshots)
    {
        foreach (JsonNode snapshot in snapshots)
        {
            snapshot["api_key"] = project.Token;
        }

        return await program.Send(new JsonArray([.. snapshots.Select(one => one.DeepClone())]).ToJsonString());
    }

    public static async Task<(HttpStatusCode Status, JsonNode Answer)> Send(this HttpClient program, string body)
    {
        using HttpResponseMessage answer = await program.PostAsync("/s/", new StringContent(body, Encoding.UTF8, "application/json"));
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    public static async Task<JsonNode> Session(this HttpClient program, Guid session) =>
        JsonNode.Parse(await program.GetStringAsync($"/api/sessions/{session}"))!;

    /// <summary>The lines of the replay.</summary>
    public static async Task<JsonArray[]> Play(this HttpClient program, Guid session, string query = "") =>
        [.. (await program.GetStringAsync($"/api/sessions/{session}/replay{query}"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!.AsArray())];

    /// <summary>The seconds of the events in a replay.</summary>
    public static IEnumerable<double> Seconds(this JsonArray[] lines) =>
        lines.Select(line => ((long)line[1]!["timestamp"]! - Zero) / 1000.0);

    /// <summary>As posthog-js writes what it compresses.</summary>
    public static string Zip(string json)
    {
        var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Optimal))
        {
            gzip.Write(Encoding.UTF8.GetBytes(json));
        }

        return Encoding.Latin1.GetString(zipped.ToArray());
    }
}
