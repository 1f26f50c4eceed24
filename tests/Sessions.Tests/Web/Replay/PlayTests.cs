using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Sessions.Tests.Web.Replay;

/// <summary>Playing and deleting replays.</summary>
public sealed class PlayTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private readonly TestGateway.Project _project = gateway.NextProject();
    private readonly Guid _session = Guid.CreateVersion7();

    [Fact]
    public async Task Windows_and_late_blocks_are_played_in_order_of_time()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        JsonObject other = Recording.Snapshot(_session, "ann", Recording.Click(2.5), Recording.Click(0.5), Recording.Click(7));
        other["properties"]!["$window_id"] = "window \"2\"";
        await program.Record(_project, Recording.Snapshot(_session, "ann", Recording.Click(4), Recording.Click(5)));
        await program.Record(_project, other, Recording.Snapshot(_session, "ann", Recording.Click(1), Recording.Click(3)));

        JsonArray[] lines = await program.Play(_session, "?raw=true");

        Assert.Equal([0.5, 1, 2.5, 3, 4, 5, 7], lines.Seconds());
        Assert.Equal("window \"2\"", (string)lines[2][0]!);
    }

    [Fact]
    public async Task Blocks_of_the_same_time_are_played_in_their_senders_order()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        JsonObject first = Recording.Snapshot(_session, "ann", Recording.Page(1, "https://x.org/first"), Recording.Click(2));
        JsonObject second = Recording.Snapshot(_session, "ann", Recording.Page(1, "https://x.org/second"), Recording.Click(2));
        (first["uuid"], second["uuid"]) = ("f0000000-0000-7000-8000-000000000000", "10000000-0000-7000-8000-000000000000");
        (first["sender_order"], second["sender_order"]) = (1, 2);
        (first["properties"]!["$window_id"], second["properties"]!["$window_id"]) = ("first", "second");
        await program.Record(_project, second);
        await program.Record(_project, first);

        JsonArray[] lines = await program.Play(_session, "?raw=true");

        Assert.Equal(["first", "second", "first", "second"], lines.Select(line => (string)line[0]!));
    }

    [Fact]
    public async Task A_time_range_of_a_replay_can_be_requested()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        await program.Record(
            _project,
            Recording.Snapshot(_session, "ann", Recording.Click(1), Recording.Click(2)),
            Recording.Snapshot(_session, "ann", Recording.Click(3), Recording.Click(4)),
            Recording.Snapshot(_session, "ann", Recording.Click(5)));

        Assert.Equal([2, 3], (await program.Play(_session, $"?raw=true&date_from={At(2)}&date_to={At(4)}")).Seconds());
        Assert.Equal(HttpStatusCode.BadRequest, (await program.GetAsync($"/api/sessions/{_session}/replay?date_from=soon")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await program.GetAsync($"/api/sessions/{_session}/replay?raw=maybe")).StatusCode);
    }

    [Fact]
    public async Task Compressed_rrweb_events_are_played_decompressed_and_in_raw_form_as_received()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        JsonObject full = Recording.Rrweb(1, 2, "null");
        full["data"] = Recording.Zip("""{"node":{"type":0,"childNodes":[],"text":"é\n"},"initialOffset":{"top":0,"left":0}}""");
        full["cv"] = "2024-10";
        JsonObject changes = Recording.Rrweb(2, 3, """{"source":0,"isAttachIframe":true}""");
        changes["data"]!["texts"] = Recording.Zip("""[{"id":1,"value":"hi"}]""");
        changes["data"]!["adds"] = Recording.Zip("[]");
        changes["cv"] = "2024-10";
        JsonObject damaged = Recording.Rrweb(3, 2, "\"no gzip\"");
        damaged["cv"] = "2024-10";
        JsonObject twoValues = Recording.Rrweb(4, 2, "null");
        twoValues["data"] = Recording.Zip("1]\n[\"other\",2");
        twoValues["cv"] = "2024-10";
        await program.Record(_project, Recording.Snapshot(_session, "ann", full, changes, damaged, twoValues, Recording.Click(5)));

        JsonArray[] lines = await program.Play(_session);
        JsonArray[] raw = await program.Play(_session, "?raw=true");

        Assert.Equal(
            """{"type":2,"data":{"node":{"type":0,"childNodes":[],"text":"é\n"},"initialOffset":{"top":0,"left":0}},"timestamp":0}""",
            WithoutTime(lines[1]));
        Assert.Equal(
            """{"type":3,"data":{"source":0,"isAttachIframe":true,"texts":[{"id":1,"value":"hi"}],"adds":[]},"timestamp":0}""",
            WithoutTime(lines[2]));
        // Without the full snapshots that can't be decompressed, and with the size that a player needs.
        Assert.Equal([1, 1, 2, 5], lines.Seconds());
        Assert.Equal(
            ((JsonObject[])[full, changes, damaged, twoValues]).Select(one => one.ToJsonString()),
            raw.Take(4).Select(line => line[1]!.ToJsonString()));
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task A_replay_is_compressed_for_clients_that_accept_it(string encoding)
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        await program.Record(_project, Recording.Snapshot(_session, "ann", [Recording.Picture(0), .. Enumerable.Range(0, 5_000).Select(i => Recording.Key(i / 100.0))]));
        string plain = await program.GetStringAsync($"/api/sessions/{_session}/replay");

        using HttpRequestMessage request = new(HttpMethod.Get, $"/api/sessions/{_session}/replay");
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(encoding));
        using HttpResponseMessage answer = await program.SendAsync(request);

        byte[] bytes = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal([encoding], answer.Content.Headers.ContentEncoding);
        Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType!.MediaType);
        Assert.True(bytes.Length < plain.Length / 5);
        using Stream inflated = encoding == "br"
            ? new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress)
            : new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        Assert.Equal(plain, await new StreamReader(inflated, Encoding.UTF8).ReadToEndAsync());
    }

    [Fact]
    public async Task A_live_replay_can_be_followed_with_the_cursor_of_the_last_answer()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        await program.Record(_project, Recording.Snapshot(_session, "ann", Recording.Picture(1)));
        string first = await Cursor(program, "");
        Assert.Empty(await program.Play(_session, $"?after={first}"));

        await program.Record(_project, Recording.Snapshot(_session, "ann", Recording.Click(2)));

        Assert.Equal([2], (await program.Play(_session, $"?after={first}")).Seconds());
        Assert.NotEqual(first, await Cursor(program, $"?after={first}"));
    }

    [Fact]
    public async Task Who_follows_a_replay_learns_that_its_session_has_ended()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        await program.Record(_project, Recording.Snapshot(_session, "eve", Recording.Picture(1)));
        string cursor = await Cursor(program, "");
        Assert.Equal("true", await IsLive());

        using HttpResponseMessage reset = await program.PostAsync("/api/devices/eve/reset", content: null);
        Assert.Equal(HttpStatusCode.OK, reset.StatusCode);

        Assert.Equal("false", await IsLive());

        async Task<string> IsLive()
        {
            using HttpResponseMessage answer = await program.GetAsync($"/api/sessions/{_session}/replay?after={cursor}");
            return Assert.Single(answer.Headers.GetValues("Replay-Live"));
        }
    }

    [Fact]
    public async Task A_deleted_replay_is_gone_everywhere_and_repeated_blocks_do_not_restore_it()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        JsonObject snapshot = Recording.Snapshot(_session, "ann", Recording.Click(1));
        await program.Record(_project, snapshot);
        string path = $"/api/sessions/{_session}/replay";

        Assert.Equal(HttpStatusCode.NoContent, (await program.DeleteAsync(path)).StatusCode);

        Assert.Equal(0L, await Blocks());
        await program.Record(_project, snapshot);
        Assert.Equal(HttpStatusCode.NotFound, (await program.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await program.DeleteAsync(path)).StatusCode);
        JsonNode session = await program.Session(_session);
        Assert.False((bool)session["$has_replay"]!);
        Assert.Null(session["$replay_click_count"]);

        await program.Record(_project, Recording.Snapshot(_session, "ann", Recording.Page(5, "https://x.org/"), Recording.Picture(5), Recording.Click(5)));
        Assert.Equal([5, 5, 5], (await program.Play(_session)).Seconds());
        Assert.Equal(1, (int)(await program.Session(_session))["$replay_click_count"]!);
    }

    [Fact]
    public async Task A_replay_cannot_be_read_by_another_project()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        await program.Record(_project, Recording.Snapshot(_session, "ann", Recording.Click(1)));
        using HttpClient other = gateway.Program(gateway.Theirs.ApiKey);
        using HttpClient nobody = gateway.Program(null);

        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync($"/api/sessions/{_session}/replay")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await other.DeleteAsync($"/api/sessions/{_session}/replay")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync($"/api/sessions/{_session}/replay")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await program.GetAsync("/api/sessions/..%2F/replay")).StatusCode);
    }

    private static string At(double second) => Uri.EscapeDataString(
        DateTimeOffset.FromUnixTimeMilliseconds(Recording.Zero + (long)(second * 1000)).ToString("O"));

    private static string WithoutTime(JsonArray line)
    {
        JsonNode rrweb = line[1]!.DeepClone();
        rrweb["timestamp"] = 0;
        return rrweb.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    private async Task<string> Cursor(HttpClient program, string query)
    {
        using HttpResponseMessage answer = await program.GetAsync($"/api/sessions/{_session}/replay{query}");
        return Assert.Single(answer.Headers.GetValues("Replay-Cursor"));
    }

    private async Task<long> Blocks()
    {
        await using var command = gateway.Database.CreateCommand("select count(*) from tracking.replay_blocks where session_id = $1");
        command.Parameters.AddWithValue(_session);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
