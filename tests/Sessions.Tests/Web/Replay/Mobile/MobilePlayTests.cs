using System.Net;
using System.Text.Json.Nodes;

namespace Sessions.Tests.Web.Replay.Mobile;

/// <summary>A gateway turns mobile recordings while it plays them, and says what can't be played.</summary>
public sealed class MobilePlayTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private readonly TestGateway.Project _project = gateway.NextProject();
    private readonly Guid _session = Guid.CreateVersion7();

    [Fact]
    public async Task A_mobile_recording_is_turned_unless_it_is_requested_as_received()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        JsonObject full = Full(1, "first");
        await Record(program, full);
        await Record(program, Change(2, "second"), Touch(3));

        JsonArray[] lines = await program.Play(_session);
        JsonArray[] raw = await program.Play(_session, "?raw=true");

        Assert.Equal(["4 ", "2 ", "3 0", "3 6", "3 2"], lines.Select(line => $"{line[1]!["type"]} {line[1]!["data"]!["source"]}"));
        Assert.Equal((390, 844), ((int)lines[0][1]!["data"]!["width"]!, (int)lines[0][1]!["data"]!["height"]!));
        Assert.Equal([1, 1, 2, 3, 3], lines.Seconds());
        Assert.Equal(full.ToJsonString(), raw[0][1]!.ToJsonString());
        JsonNode session = await program.Session(_session);
        Assert.True((bool)session["playable"]!);
        Assert.Null(session["problem"]);
        Assert.Null(session["problem_detail"]);
    }

    [Fact]
    public async Task A_Meta_event_says_the_size_of_the_screen_and_one_of_no_size_does_not()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        await Record(program, Recording.Rrweb(1, 4, """{"href":"Main","width":400,"height":800}"""), Full(1, "a"));
        Assert.Equal(["400x800"], await Sizes(program));

        await Record(program, Recording.Rrweb(2, 4, """{"href":"Main","width":0,"height":0}"""), Full(2, "b"));
        Assert.Equal(["400x800", "400x800"], await Sizes(program));

        Guid other = Guid.CreateVersion7();
        await program.Record(_project, Recording.Snapshot(other, "ann", Recording.Rrweb(2, 4, """{"width":0,"height":0}"""), Full(2, "b")));
        Assert.Equal("390x844", (await Sizes(program, other))[^1]);
    }

    [Fact]
    public async Task A_mobile_recording_is_followed_and_requested_in_parts_with_the_same_ids_and_places()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        await Record(program, Full(1, "first"));
        using HttpResponseMessage first = await program.GetAsync($"/api/sessions/{_session}/replay");
        string cursor = Assert.Single(first.Headers.GetValues("Replay-Cursor"));
        await Record(program, Change(2, "second"), Recording.Rrweb(3, 3, """{"source":0,"removes":[{"id":3,"parentId":1}]}"""));

        JsonArray[] whole = await program.Play(_session);
        string from = Uri.EscapeDataString(DateTimeOffset.FromUnixTimeMilliseconds(Recording.Zero + 1_500).ToString("O"));
        string[] later = [.. whole.Skip(2).Select(line => line.ToJsonString())];

        Assert.Equal(2, later.Length);
        Assert.Equal(3, (int)JsonNode.Parse(later[0])![1]!["data"]!["adds"]![0]!["nextId"]!);
        Assert.Equal(later, (await program.Play(_session, $"?after={cursor}")).Select(line => line.ToJsonString()));
        Assert.Equal(later, (await program.Play(_session, $"?date_from={from}")).Select(line => line.ToJsonString()));
    }

    [Theory]
    [InlineData("no_full_snapshot", """{"type":3,"data":{"source":0,"adds":[{"parentId":1,"wireframe":{"id":2}}]}}""", """{"type":3,"data":{"source":2,"type":7,"x":1,"y":1}}""")]
    [InlineData("unknown_format", """{"type":2,"data":{"layers":[]}}""", """{"type":3,"data":{"source":0,"layers":[]}}""")]
    [InlineData("unknown_format", """{"type":2,"data":{"wireframes":5}}""", """{"type":3,"data":{"source":0}}""")]
    [InlineData("unknown_format", """{"type":2,"data":{"node":{"id":1}}}""", """{"type":3,"data":{"source":0}}""")]
    [InlineData("unknown_format", """{"type":"frame","data":{}}""", """{"picture":"abc"}""")]
    [InlineData("unknown_format", """{"type":2,"data":"abc"}""", """{"type":99}""")]
    public async Task A_recording_that_cannot_be_played_says_why_and_is_empty(string problem, string one, string other)
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        JsonObject[] events = [.. ((string[])[one, other]).Select(json => JsonNode.Parse(json)!.AsObject())];
        (events[0]["timestamp"], events[1]["timestamp"]) = (Recording.Zero, Recording.Zero + 1000);
        await Record(program, events);

        JsonNode session = await program.Session(_session);
        using HttpResponseMessage played = await program.GetAsync($"/api/sessions/{_session}/replay");

        Assert.False((bool)session["playable"]!);
        Assert.Equal(problem, (string?)session["problem"]);
        Assert.EndsWith(".", (string?)session["problem_detail"], StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, ""), (played.StatusCode, await played.Content.ReadAsStringAsync()));
        Assert.NotEmpty(played.Headers.GetValues("Replay-Cursor"));
        Assert.Equal(2, (await program.Play(_session, "?raw=true")).Length);
    }

    [Fact]
    public async Task A_recording_of_a_page_without_a_full_snapshot_says_why_it_cannot_be_played_and_has_its_events()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        Assert.Equal(HttpStatusCode.OK, (await program.Record(_project, Recording.Snapshot(_session, "ann", Recording.Click(1), Recording.Click(2)))).Status);

        JsonNode session = await program.Session(_session);

        Assert.Equal((false, "no_full_snapshot"), ((bool)session["playable"]!, (string?)session["problem"]));
        Assert.Equal([1, 2], (await program.Play(_session)).Where(line => (int)line[1]!["type"]! == 3).ToArray().Seconds());
    }

    [Fact]
    public async Task A_recording_of_which_some_windows_can_be_played_says_so()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        await Record(program, Full(1, "a"));
        JsonObject second = Recording.Snapshot(_session, "ann", Touch(2));
        second["properties"]!["$window_id"] = "lost";
        await program.Record(_project, second);

        JsonNode session = await program.Session(_session);

        Assert.True((bool)session["playable"]!);
        Assert.Equal("some_windows_unplayable", (string?)session["problem"]);
        Assert.Contains("1 of 2", (string?)session["problem_detail"], StringComparison.Ordinal);
        Assert.NotEmpty(await program.Play(_session));
    }

    [Fact]
    public async Task A_recording_becomes_playable_with_its_first_full_snapshot()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        await Record(program, Touch(1));
        Assert.False((bool)(await program.Session(_session))["playable"]!);
        using HttpResponseMessage first = await program.GetAsync($"/api/sessions/{_session}/replay");
        string cursor = Assert.Single(first.Headers.GetValues("Replay-Cursor"));

        await Record(program, Full(2, "there"));

        Assert.True((bool)(await program.Session(_session))["playable"]!);
        Assert.Equal([4, 2], (await program.Play(_session, $"?after={cursor}")).Select(line => (int)line[1]!["type"]!));
    }

    [Fact]
    public async Task A_session_without_a_recording_is_neither_playable_nor_not()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        await Event(program);

        JsonNode session = await program.Session(_session);
        Assert.All((string[])["playable", "problem", "problem_detail"], name => Assert.True(session.AsObject().ContainsKey(name) && session[name] is null));

        using HttpResponseMessage off = await program.PutAsync("/api/project", new StringContent("""{"replay":{"enabled":false}}"""));
        Assert.Equal(HttpStatusCode.OK, off.StatusCode);
        await TestGateway.Until(async () => (string?)(await program.Session(_session))["problem"] == "recording_off");
        Assert.Null((await program.Session(_session))["playable"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Blocks_of_earlier_builds_do_not_say_what_they_have_and_are_read(bool hasPicture)
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        await Record(program, Touch(1));
        await Record(program, hasPicture ? Full(2, "old") : Touch(2));
        await Record(program, Change(3, "new"));
        await using (var command = gateway.Database.CreateCommand(
            "update tracking.journal set properties = properties - 'full_snapshots' - 'mobile_snapshots' where session_id = $1 and kind = 3"))
        {
            command.Parameters.AddWithValue(_session);
            Assert.Equal(3, await command.ExecuteNonQueryAsync());
        }

        JsonNode session = await program.Session(_session);

        Assert.Equal(hasPicture, (bool)session["playable"]!);
        Assert.Equal(hasPicture ? null : "no_full_snapshot", (string?)session["problem"]);
        Assert.Equal(hasPicture ? [3, 4, 2, 3] : [], (await program.Play(_session)).Select(line => (int)line[1]!["type"]!));
    }

    private static JsonObject Full(double second, string text) => Recording.Rrweb(second, 2, """
        {"wireframes":[{"id":1,"x":0,"y":0,"width":390,"height":844,"childWireframes":[
          {"id":2,"type":"text","text":"TEXT","x":1,"y":1,"width":100,"height":20},{"id":3,"type":"rectangle","x":1,"y":40,"width":9,"height":9}]}],
         "initialOffset":{"top":0,"left":0}}
        """.Replace("TEXT", text, StringComparison.Ordinal));

    private static JsonObject Change(double second, string text) => Recording.Rrweb(second, 3, """
        {"source":0,"updates":[{"parentId":1,"wireframe":{"id":2,"type":"text","text":"TEXT","x":1,"y":1,"width":100,"height":20}}]}
        """.Replace("TEXT", text, StringComparison.Ordinal));

    private static JsonObject Touch(double second) => Recording.Rrweb(second, 3, """{"source":2,"type":7,"id":0,"pointerType":2,"x":5,"y":6}""");

    private async Task Record(HttpClient program, params JsonNode[] events)
    {
        JsonObject snapshot = Recording.Snapshot(_session, "ann", events);
        snapshot["properties"]!["$snapshot_source"] = "mobile";
        Assert.Equal(HttpStatusCode.OK, (await program.Record(_project, snapshot)).Status);
    }

    private Task<string[]> Sizes(HttpClient program) => Sizes(program, _session);

    private static async Task<string[]> Sizes(HttpClient program, Guid session) =>
    [
        .. (await program.Play(session)).Where(line => (int)line[1]!["type"]! == 4)
            .Select(line => $"{line[1]!["data"]!["width"]}x{line[1]!["data"]!["height"]}"),
    ];

    private async Task Event(HttpClient program)
    {
        string body = $$"""
            {"api_key":"{{_project.Token}}","event":"$screen","distinct_id":"ann","properties":{"$session_id":"{{_session}}"} }
            """;
        using HttpResponseMessage answer = await program.PostAsync("/e/", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
