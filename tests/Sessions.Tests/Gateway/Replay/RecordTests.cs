using System.Net;
using System.Text.Json.Nodes;
using Npgsql;

namespace Sessions.Tests.Gateway.Replay;

/// <summary>Recording: what SDKs send to /s/, and what becomes of it in sessions.</summary>
public sealed class RecordTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task Ids_in_a_recording_are_trimmed_as_those_of_events_are()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        Guid session = Guid.CreateVersion7();
        JsonObject snapshot = Recording.Snapshot(session, "ann@example.org\n", Recording.Click(1));
        snapshot["properties"]!["$device_id"] = " phone\u200B";
        snapshot["properties"]!["$window_id"] = "window-1\r\n";
        JsonObject blank = Recording.Snapshot(session, "\n", Recording.Click(2));

        (HttpStatusCode status, JsonNode answer) = await program.Record(project, snapshot, blank);

        Assert.Equal(
            (HttpStatusCode.OK, """[{"index":1,"reason":"missing_distinct_id"}]"""),
            (status, answer["dropped"]!.ToJsonString()));
        JsonNode live = JsonNode.Parse(await program.GetStringAsync("/api/devices/phone"))!;
        Assert.Equal(("ann@example.org", "phone"), ((string)live["distinct_id"]!, (string)live["device_id"]!));
        Assert.All(await program.Play(session), line => Assert.Equal("window-1", (string)line[0]!));
    }

    [Fact]
    public async Task A_session_knows_what_was_recorded_of_it_from_its_grain_and_from_SQL()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        Guid session = Guid.CreateVersion7();

        (HttpStatusCode status, JsonNode answer) = await program.Record(
            project,
            Recording.Snapshot(session, "ann", Recording.Page(0, "https://shop.example/start"), Recording.Click(1), Recording.Key(2)),
            Recording.Snapshot(session, "ann", Recording.Console(4, "error"), Recording.Console(5, "log"), Recording.Console(5, "warn")));

        Assert.Equal((HttpStatusCode.OK, """{"status":"Ok"}"""), (status, answer.ToJsonString()));
        JsonNode found = await program.Session(session);
        Assert.Equal(
            """{"has":true,"duration":5,"clicks":1,"keys":1,"mouse":1,"active":1,"logs":1,"warns":1,"errors":1}""",
            new JsonObject
            {
                ["has"] = found["$has_replay"]!.DeepClone(),
                ["duration"] = found["$replay_duration"]!.DeepClone(),
                ["clicks"] = found["$replay_click_count"]!.DeepClone(),
                ["keys"] = found["$replay_keypress_count"]!.DeepClone(),
                ["mouse"] = found["$replay_mouse_activity_count"]!.DeepClone(),
                ["active"] = found["$replay_active_seconds"]!.DeepClone(),
                ["logs"] = found["$replay_console_log_count"]!.DeepClone(),
                ["warns"] = found["$replay_console_warn_count"]!.DeepClone(),
                ["errors"] = found["$replay_console_error_count"]!.DeepClone(),
            }.ToJsonString());
        Assert.Equal(Recording.Zero, ((DateTimeOffset)found["$replay_start"]!).ToUnixTimeMilliseconds());
        Assert.Equal(("live", 0), ((string)found["status"]!, (int)found["$event_count"]!));

        await program.PostAsync("/api/devices/ann/reset", content: null);
        JsonNode list = JsonNode.Parse(await program.GetStringAsync("/api/sessions?filters=" + Uri.EscapeDataString(
            """[{"key":"$replay_click_count","type":"session","operator":"gte","value":1}]""")))!;
        Assert.Equal((await program.Session(session)).ToJsonString(), Assert.Single(list["results"]!.AsArray())!.ToJsonString());
        Assert.Equal(
            "1 1 1 1 https://shop.example/start 6 2",
            await Sql(
                "select click_count, keypress_count, mouse_activity_count, console_error_count, first_url, event_count, block_count "
                + "from tracking.all_session_replays where session_id = $1",
                session));
    }

    [Fact]
    public async Task A_snapshot_that_is_sent_again_counts_once()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        Guid session = Guid.CreateVersion7();
        JsonObject snapshot = Recording.Snapshot(session, "ann", Recording.Click(1));
        JsonObject nameless = Recording.Snapshot(session, "ann", Recording.Click(2));
        nameless.Remove("uuid");

        await program.Record(project, snapshot, snapshot, nameless);
        Assert.Equal(HttpStatusCode.OK, (await program.Record(project, snapshot, nameless)).Status);

        Assert.Equal(2, (int)(await program.Session(session))["$replay_click_count"]!);
        Assert.Equal([1, 2], (await program.Play(session)).Seconds());
    }

    [Fact]
    public async Task One_request_with_the_end_of_one_session_and_the_start_of_the_next_is_kept_apart()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        Guid old = Guid.CreateVersion7();
        Guid next = Guid.CreateVersion7();

        await program.Record(
            project,
            Recording.Snapshot(old, "ann", Recording.Click(1)),
            Recording.Snapshot(next, "ann", Recording.Click(2), Recording.Click(3)));

        Assert.Equal([1], (await program.Play(old)).Seconds());
        Assert.Equal([2, 3], (await program.Play(next)).Seconds());
        Assert.Equal(1, (int)(await program.Session(old))["$replay_click_count"]!);
    }

    [Fact]
    public async Task One_request_with_several_people_and_one_session_with_several_devices_lose_and_mix_nothing()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        Guid shared = Guid.CreateVersion7();
        Guid own = Guid.CreateVersion7();

        await program.Record(
            project,
            Recording.Snapshot(shared, "ann", Recording.Click(1)),
            Recording.Snapshot(own, "ben", Recording.Key(2)),
            Recording.Snapshot(shared, "cid", Recording.Click(3)),
            Recording.Snapshot(own, "ben", Recording.Key(4)));

        Assert.Equal([1, 3], (await program.Play(shared)).Seconds());
        Assert.Equal([2, 4], (await program.Play(own)).Seconds());
        Assert.Equal(
            (2, 0, 0, 2),
            (await Counter(shared, "click"), await Counter(shared, "keypress"), await Counter(own, "click"), await Counter(own, "keypress")));

        async Task<int> Counter(Guid session, string what) => (int)(await program.Session(session))[$"$replay_{what}_count"]!;
    }

    [Fact]
    public async Task An_old_SDK_s_single_object_a_mobile_one_s_envelope_and_a_missing_window_are_understood()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        Guid session = Guid.CreateVersion7();
        JsonObject single = Recording.Snapshot(session, "ann");
        single["properties"]!["$snapshot_data"] = Recording.Click(1);
        single["api_key"] = project.Token;
        JsonObject mobile = Recording.Snapshot(session, "ann", Recording.Click(2));
        mobile["properties"]!["$snapshot_source"] = "mobile";
        mobile["properties"]!.AsObject().Remove("$window_id");

        await program.Send(single.ToJsonString());
        await program.Send(new JsonObject { ["api_key"] = project.Token, ["batch"] = new JsonArray(mobile) }.ToJsonString());

        JsonArray[] lines = await program.Play(session);
        Assert.Equal([1, 2], lines.Seconds());
        Assert.Equal(["window-1", session.ToString()], lines.Select(line => (string)line[0]!));
    }

    [Theory]
    [InlineData("$session_id", "\"../../etc/passwd\"", "invalid_session_id")]
    [InlineData("$session_id", "\"abc\"", "invalid_session_id")]
    [InlineData("$session_id", "{\"a\":1}", "invalid_session_id")]
    [InlineData("$session_id", "null", "missing_session_id")]
    [InlineData("$snapshot_data", "null", "missing_snapshot_data")]
    [InlineData("$snapshot_data", "\"text\"", "missing_snapshot_data")]
    [InlineData("$snapshot_data", "[]", "invalid_snapshot")]
    [InlineData("$snapshot_data", "[1,\"a\",[{}],{}]", "invalid_snapshot")]
    [InlineData("$snapshot_data", "{\"type\":2,\"timestamp\":0}", "invalid_snapshot")]
    [InlineData("$snapshot_data", "[{\"type\":2,\"timestamp\":-1},{\"type\":2,\"timestamp\":1e300}]", "invalid_snapshot")]
    [InlineData("$snapshot_data", "{\"type\":2,\"timestamp\":253402300799999}", "invalid_snapshot")]
    [InlineData("distinct_id", "\"\"", "missing_distinct_id")]
    public async Task A_broken_snapshot_is_dropped_with_a_reason_and_harms_no_other(string property, string value, string reason)
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        Guid session = Guid.CreateVersion7();
        JsonObject broken = Recording.Snapshot(session, "ann", Recording.Click(1));
        broken["properties"]![property] = JsonNode.Parse(value);
        string expected = $$"""[{"index":0,"reason":"{{reason}}"}]""";

        (HttpStatusCode alone, JsonNode refused) = await program.Record(project, broken);
        (HttpStatusCode together, JsonNode answer) =
            await program.Record(project, broken, Recording.Snapshot(session, "ann", Recording.Click(2)));

        Assert.Equal((HttpStatusCode.BadRequest, expected), (alone, refused["dropped"]!.ToJsonString()));
        Assert.Equal((HttpStatusCode.OK, expected), (together, answer["dropped"]!.ToJsonString()));
        Assert.Equal([2], (await program.Play(session)).Seconds());
    }

    [Theory]
    [InlineData("not json", HttpStatusCode.BadRequest)]
    [InlineData("[{\"event\":\"$snapshot\"", HttpStatusCode.BadRequest)]
    [InlineData("[]", HttpStatusCode.BadRequest)]
    [InlineData("7", HttpStatusCode.BadRequest)]
    [InlineData("""[{"event":"$snapshot","api_key":"unknown","properties":{}}]""", HttpStatusCode.Unauthorized)]
    [InlineData("""[{"event":"$snapshot","properties":{}}]""", HttpStatusCode.Unauthorized)]
    public async Task A_body_that_is_none_is_refused(string body, HttpStatusCode expected)
    {
        using HttpClient program = gateway.Program(null);

        Assert.Equal(expected, (await program.Send(body)).Status);
    }

    [Fact]
    public async Task A_page_of_24_megabytes_and_a_thousand_levels_is_played_as_it_was_and_one_of_more_than_25_is_413()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        Guid session = Guid.CreateVersion7();
        string deep = string.Concat(Enumerable.Repeat("""{"childNodes":[""", 1_000)) + string.Concat(Enumerable.Repeat("]}", 1_000));
        string body = $$$"""
            [{"event":"$snapshot","api_key":"{{{project.Token}}}","properties":{"distinct_id":"ann","$session_id":"{{{session}}}","$snapshot_data":[
              {"type":2,"timestamp":{{{Recording.Zero}}},"data":{"node":{{{deep}}},
               "text":"{{{new string('é', 12_500_000)}}}"}}]}}]
            """;

        Assert.Equal(HttpStatusCode.OK, (await program.Send(body)).Status);
        string played = await program.GetStringAsync($"/api/sessions/{session}/replay");
        Assert.Contains(deep, played, StringComparison.Ordinal);
        Assert.Equal(12_500_000, played.Count(letter => letter == 'é'));

        using HttpResponseMessage large = await program.PostAsync("/s/", new ByteArrayContent(new byte[(25 << 20) + 1]));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
    }

    [Fact]
    public async Task What_is_yet_to_come_was_not_recorded_and_a_clock_that_is_years_ahead_is_put_right()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        Guid session = Guid.CreateVersion7();
        const double tenYears = 10 * 365 * 86_400.0;
        JsonObject ahead = Recording.Snapshot(session, "ann", Recording.Click(tenYears + 3));
        ahead["sent_at"] = DateTimeOffset.UtcNow.AddSeconds(tenYears).ToString("O");

        await program.Record(project, Recording.Snapshot(session, "ann", Recording.Click(1), Recording.Click(2), Recording.Click(2 * 86_400)), ahead);

        JsonNode found = await program.Session(session);
        Assert.Equal(3, (int)found["$replay_click_count"]!);
        Assert.InRange((double)found["$replay_duration"]!, 0, 60);
        Assert.Equal([1, 2, tenYears + 3], (await program.Play(session)).Seconds());
    }

    [Fact]
    public async Task Some_minutes_of_another_clock_are_put_right_in_the_session_and_left_in_the_replay()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        Guid session = Guid.CreateVersion7();
        JsonObject snapshot = Recording.Snapshot(session, "ann", Recording.Click(0));
        DateTimeOffset byTheClient = DateTimeOffset.FromUnixTimeMilliseconds(Recording.Zero).AddSeconds(2);
        snapshot["sent_at"] = byTheClient.AddHours(3).ToString("O");
        snapshot["properties"]!["$snapshot_data"]![0]!["timestamp"] = Recording.Zero + (3 * 3_600_000);

        await program.Record(project, snapshot);

        DateTimeOffset start = (DateTimeOffset)(await program.Session(session))["$replay_start"]!;
        Assert.InRange(start, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow);
        Assert.Equal([3 * 3_600], (await program.Play(session)).Seconds());
    }

    [Fact]
    public async Task A_project_that_does_not_record_keeps_nothing_and_tells_its_SDKs()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        JsonNode config = await Config(program, project);
        Assert.Equal("/s/", (string)config["sessionRecording"]!["endpoint"]!);
        Assert.True((bool)config["sessionRecording"]!["masking"]!["maskAllInputs"]!);
        Assert.False((bool)config["sessionRecording"]!["consoleLogRecordingEnabled"]!);

        await Put(program, """{"replay":{"sample_rate":0.25,"minimum_duration_ms":2000,"console":true}}""");
        config = await Config(program, project);
        Assert.Equal(
            ("0.25", 2000, true),
            ((string)config["sessionRecording"]!["sampleRate"]!, (int)config["sessionRecording"]!["minimumDurationMilliseconds"]!,
                (bool)config["sessionRecording"]!["consoleLogRecordingEnabled"]!));

        await Put(program, """{"replay":{"enabled":false}}""");
        Guid session = Guid.CreateVersion7();
        (HttpStatusCode status, JsonNode answer) = await program.Record(project, Recording.Snapshot(session, "ann", Recording.Click(1)));

        Assert.Equal(
            (HttpStatusCode.OK, "replay_disabled"), (status, (string)answer["dropped"]![0]!["reason"]!));
        Assert.False((bool)(await Config(program, project))["sessionRecording"]!);
        Assert.Equal(HttpStatusCode.NotFound, (await program.GetAsync($"/api/sessions/{session}")).StatusCode);
    }

    private static async Task Put(HttpClient program, string settings)
    {
        using HttpResponseMessage answer = await program.PutAsync(
            "/api/project", new StringContent(settings, System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>The SDK's configuration, by the settings that were put last: this gateway heard of them.</summary>
    private static async Task<JsonNode> Config(HttpClient program, TestGateway.Project project) =>
        JsonNode.Parse(await program.GetStringAsync($"/array/{project.Token}/config"))!;

    private async Task<string> Sql(string query, Guid session)
    {
        await using NpgsqlCommand command = gateway.Database.CreateCommand(query);
        command.Parameters.AddWithValue(session);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        return string.Join(' ', Enumerable.Range(0, reader.FieldCount).Select(reader.GetValue));
    }
}
