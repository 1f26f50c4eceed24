using System.Net;
using System.Text.Json.Nodes;
using Npgsql;

namespace Sessions.Tests.Web.Replay;

/// <summary>Recording: what SDKs send to /s/, and how it changes sessions.</summary>
public sealed class RecordTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task Ids_in_a_snapshot_are_trimmed_as_those_of_events_are()
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
        Assert.All(await program.Play(session, "?raw=true"), line => Assert.Equal("window-1", (string)line[0]!));
    }

    [Fact]
    public async Task A_session_has_the_counts_of_its_replay_in_its_grain_and_in_SQL()
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
        JsonObject alone = (await program.Session(session)).AsObject();
        // A list does not say whether recordings can be played.
        Assert.All((string[])["playable", "problem", "problem_detail"], name => Assert.True(alone.Remove(name)));
        Assert.Equal(alone.ToJsonString(), Assert.Single(list["results"]!.AsArray())!.ToJsonString());
        Assert.Equal(
            "1 1 1 1 https://shop.example/start 6 2",
            await Sql(
                "select click_count, keypress_count, mouse_activity_count, console_error_count, first_url, event_count, block_count "
                + "from tracking.all_session_replays where session_id = $1",
                session));
    }

    [Fact]
    public async Task A_repeated_snapshot_counts_once()
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
        Assert.Equal([1, 2], (await program.Play(session, "?raw=true")).Seconds());
    }

    [Fact]
    public async Task Snapshots_of_two_sessions_in_one_request_go_to_their_own_sessions()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        Guid old = Guid.CreateVersion7();
        Guid next = Guid.CreateVersion7();

        await program.Record(
            project,
            Recording.Snapshot(old, "ann", Recording.Click(1)),
            Recording.Snapshot(next, "ann", Recording.Click(2), Recording.Click(3)));

        Assert.Equal([1], (await program.Play(old, "?raw=true")).Seconds());
        Assert.Equal([2, 3], (await program.Play(next, "?raw=true")).Seconds());
        Assert.Equal(1, (int)(await program.Session(old))["$replay_click_count"]!);
    }

    [Fact]
    public async Task Snapshots_of_several_people_and_devices_in_one_request_are_neither_lost_nor_mixed()
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

        Assert.Equal([1, 3], (await program.Play(shared, "?raw=true")).Seconds());
        Assert.Equal([2, 4], (await program.Play(own, "?raw=true")).Seconds());
        Assert.Equal(
            (2, 0, 0, 2),
            (await Counter(shared, "click"), await Counter(shared, "keypress"), await Counter(own, "click"), await Counter(own, "keypress")));

        async Task<int> Counter(Guid session, string what) => (int)(await program.Session(session))[$"$replay_{what}_count"]!;
    }

    [Fact]
    public async Task A_single_object_a_mobile_envelope_and_a_missing_window_id_are_accepted()
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

        JsonArray[] lines = await program.Play(session, "?raw=true");
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
    public async Task A_broken_snapshot_is_dropped_with_a_reason_and_the_others_are_kept(
        string property, string value, string reason)
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
        Assert.Equal([2], (await program.Play(session, "?raw=true")).Seconds());
    }

    [Theory]
    [InlineData("not json", HttpStatusCode.BadRequest)]
    [InlineData("[{\"event\":\"$snapshot\"", HttpStatusCode.BadRequest)]
    [InlineData("[]", HttpStatusCode.BadRequest)]
    [InlineData("7", HttpStatusCode.BadRequest)]
    [InlineData("""[{"event":"$snapshot","api_key":"unknown","properties":{}}]""", HttpStatusCode.Unauthorized)]
    [InlineData("""[{"event":"$snapshot","properties":{}}]""", HttpStatusCode.Unauthorized)]
    public async Task A_body_without_snapshots_is_refused(string body, HttpStatusCode expected)
    {
        using HttpClient program = gateway.Program(null);

        Assert.Equal(expected, (await program.Send(body)).Status);
    }

    [Fact]
    public async Task A_page_of_24_MB_and_1000_levels_is_played_unchanged_and_one_over_25_MB_gets_413()
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
        string played = await program.GetStringAsync($"/api/sessions/{session}/replay?raw=true");
        Assert.Contains(deep, played, StringComparison.Ordinal);
        Assert.Equal(12_500_000, played.Count(letter => letter == 'é'));

        using HttpResponseMessage large = await program.PostAsync("/s/", new ByteArrayContent(new byte[(25 << 20) + 1]));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
    }

    [Fact]
    public async Task A_recorded_event_from_the_future_is_dropped_and_a_clock_that_is_years_ahead_is_corrected()
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
        Assert.Equal([1, 2, tenYears + 3], (await program.Play(session, "?raw=true")).Seconds());
    }

    [Fact]
    public async Task A_clock_that_is_some_minutes_off_is_corrected_in_the_session_and_not_in_the_replay()
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
        Assert.Equal([3 * 3_600], (await program.Play(session, "?raw=true")).Seconds());
    }

    [Fact]
    public async Task A_project_with_recording_off_stores_nothing_and_turns_it_off_in_the_SDKs()
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

    [Fact]
    public async Task SDKs_are_told_to_record_no_requests_until_the_project_says_so_and_from_what_to_record()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        JsonNode config = await Config(program, project);
        Assert.False((bool)config["capturePerformance"]!["network_timing"]!);
        Assert.Null(config["sessionRecording"]!["networkPayloadCapture"]);
        Assert.Equal(("[]", "[]"), (config["sessionRecording"]!["urlTriggers"]!.ToJsonString(), config["sessionRecording"]!["eventTriggers"]!.ToJsonString()));

        await Put(program, """{"replay":{"network":true,"triggers":{"urls":["^https://x\\.org/\"<é>\"$","/cart"],"events":["it's \"paid\""]}}}""");
        config = await Config(program, project);

        Assert.True((bool)config["capturePerformance"]!["network_timing"]!);
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""[{"url":"^https://x\\.org/\"<é>\"$","matching":"regex"},{"url":"/cart","matching":"regex"}]"""),
            config["sessionRecording"]!["urlTriggers"]));
        Assert.Equal("it's \"paid\"", (string)config["sessionRecording"]!["eventTriggers"]![0]!);
        // The methods of requests, and no headers.
        Assert.Equal("""{"recordHeaders":{"request":false,"response":false}}""", config["sessionRecording"]!["networkPayloadCapture"]!.ToJsonString());
        using HttpResponseMessage flags = await program.PostAsync(
            "/flags/", new StringContent($$"""{"token":"{{project.Token}}"}""", System.Text.Encoding.UTF8, "application/json"));
        Assert.True((bool)JsonNode.Parse(await flags.Content.ReadAsStringAsync())!["capturePerformance"]!["network_timing"]!);

        await Put(program, """{"replay":{"network":false,"triggers":{"urls":[]}}}""");
        config = await Config(program, project);
        Assert.False((bool)config["capturePerformance"]!["network_timing"]!);
        Assert.Null(config["sessionRecording"]!["networkPayloadCapture"]);
        Assert.Equal((0, 1), (config["sessionRecording"]!["urlTriggers"]!.AsArray().Count, config["sessionRecording"]!["eventTriggers"]!.AsArray().Count));
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
