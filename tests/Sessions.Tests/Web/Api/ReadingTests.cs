using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Sessions.Database.Properties;

namespace Sessions.Tests.Web.Api;

public sealed class ReadingTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Theory]
    [InlineData("/api/sessions")]
    [InlineData("/api/sessions/0190a1b2-0000-7000-8000-000000000001")]
    [InlineData("/api/sessions/0190a1b2-0000-7000-8000-000000000001/events")]
    [InlineData("/api/live")]
    [InlineData("/api/devices/a")]
    [InlineData("/api/nothing")]
    public async Task A_request_without_a_known_key_is_refused(string path)
    {
        foreach (string? key in new[] { null, "", "wrong", gateway.Ours.Token })
        {
            using HttpClient program = gateway.Program(key);
            using HttpResponseMessage answer = await program.GetAsync(path);

            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        }
    }

    [Fact]
    public async Task A_session_is_one_flat_object_with_every_property_and_null_for_what_is_absent()
    {
        TestGateway.Project project = gateway.NextProject();
        Guid id = await gateway.Database.AddSession(
            project.Id, SampleSessions.Noon.AddMilliseconds(5), seconds: 2.25, source: "ads", isBounce: true, events: 3);

        JsonObject session = (await Get(project, "/api/sessions"))["results"]![0]!.AsObject();

        Assert.Equal(SessionProperties.All.Select(property => property.Name), session.Select(property => property.Key));
        Assert.Equal(
            $$"""
            {"$session_id":"{{id}}","$start_timestamp":"2026-01-15T12:00:00.005Z","$end_timestamp":"2026-01-15T12:00:02.255Z","$session_duration":2.25,"$entry_utm_source":"ads","$pageview_count":1,"$autocapture_count":0,"$screen_count":0,"$event_count":3,"$unique_url_count":1,"$is_bounce":true,"distinct_id":"ann","status":"ended","end_reason":"idle","$has_replay":false,"$rage_click_count":0,"$dead_click_count":0}
            """,
            new JsonObject(session.Where(property => property.Value is not null)
                .Select(property => KeyValuePair.Create(property.Key, (JsonNode?)property.Value!.DeepClone()))).ToJsonString());
    }

    [Fact]
    public async Task Sessions_of_another_project_are_not_found()
    {
        TestGateway.Project project = gateway.NextProject();
        Guid theirs = await gateway.Database.AddSession(gateway.Theirs.Id, SampleSessions.Noon, isLive: true);
        await gateway.Database.AddEvent(gateway.Theirs.Id, theirs, 1, SampleSessions.Noon);

        Assert.Empty((await Get(project, "/api/sessions"))["results"]!.AsArray());
        Assert.Equal("""{"count":0,"active_count":0,"sessions":[]}""", (await Get(project, "/api/live")).ToJsonString());
        using HttpClient program = gateway.Program(project.ApiKey);
        Assert.Equal(HttpStatusCode.NotFound, (await program.GetAsync($"/api/sessions/{theirs}/events")).StatusCode);
    }

    [Fact]
    public async Task All_live_sessions_are_counted_and_the_latest_are_listed_first()
    {
        TestGateway.Project project = gateway.NextProject();
        for (int i = 0; i < 5; i++)
        {
            await gateway.Database.AddSession(
                project.Id, SampleSessions.Noon.AddSeconds(i), isLive: i != 2, distinctId: $"user{i}");
        }

        JsonNode live = await Get(project, "/api/live?limit=3");

        Assert.Equal(4, (int)live["count"]!);
        Assert.Equal(
            ["user4", "user3", "user1"], live["sessions"]!.AsArray().Select(session => (string)session!["distinct_id"]!));
    }

    [Fact]
    public async Task Events_are_listed_in_order_of_time_page_by_page()
    {
        TestGateway.Project project = gateway.NextProject();
        Guid session = await gateway.Database.AddSession(project.Id, SampleSessions.Noon);
        List<(DateTimeOffset Time, long Order, Guid Id)> events = [];
        for (int i = 0; i < 24; i++)
        {
            // Out of order, and some at the same time, of which some have the same place or none.
            DateTimeOffset time = SampleSessions.Noon.AddSeconds(i * 7 % 4);
            long? order = (i * 5 % 3) switch { 0 => null, 1 => 9_000_000_000, _ => 2 };
            events.Add((time, order ?? 0, await gateway.Database.AddEvent(project.Id, session, i + 1, time, order: order)));
        }

        string[] expected =
        [
            .. events.OrderBy(row => row.Time).ThenBy(row => row.Order)
                .ThenBy(row => row.Id.ToString(), StringComparer.Ordinal).Select(row => row.Id.ToString()),
        ];
        foreach (int limit in (int[])[1, 3, 100])
        {
            Assert.Equal(expected, await Paged(project, session, limit));
        }
    }

    [Fact]
    public async Task A_cursor_from_a_version_without_sender_order_skips_no_event()
    {
        TestGateway.Project project = gateway.NextProject();
        Guid session = await gateway.Database.AddSession(project.Id, SampleSessions.Noon);
        Guid[] ids = await Task.WhenAll(Enumerable.Range(0, 4).Select(i =>
            gateway.Database.AddEvent(project.Id, session, i + 1, SampleSessions.Noon.AddSeconds(i / 2), order: i % 2 == 0 ? null : 1)));

        JsonNode page = await Get(
            project, $"/api/sessions/{session}/events?cursor={Base64Url($"[\"events\",\"2026-01-15T12:00:00.000Z\",\"{ids[0]}\"]")}");

        Assert.Equal(ids[1..].Select(id => id.ToString()), page["results"]!.AsArray().Select(row => (string)row!["event_id"]!));
    }

    [Theory]
    [InlineData("[\"events\",\"2026-01-15T12:00:00.000Z\",\"0190a1b2-0000-7000-8000-000000000001\",\"first\"]")]
    [InlineData("[\"events\",\"2026-01-15T12:00:00.000Z\",\"0190a1b2-0000-7000-8000-000000000001\",\"99999999999999999999\"]")]
    [InlineData("[\"events\",\"2026-01-15T12:00:00.000Z\",\"0190a1b2-0000-7000-8000-000000000001\",\"1\",\"2\"]")]
    [InlineData("[\"events\",\"2026-01-15T12:00:00.000Z\",7]")]
    [InlineData("[\"events\",\"soon\",\"0190a1b2-0000-7000-8000-000000000001\"]")]
    public async Task An_invalid_cursor_is_refused(string cursor)
    {
        using HttpClient program = gateway.Program(gateway.Ours.ApiKey);
        using HttpResponseMessage answer = await program.GetAsync(
            $"/api/sessions/0190a1b2-0000-7000-8000-000000000001/events?cursor={Base64Url(cursor)}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("cursor", (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["field"]);
    }

    [Fact]
    public async Task An_event_has_the_columns_of_the_view_and_its_exact_properties()
    {
        TestGateway.Project project = gateway.NextProject();
        Guid session = await gateway.Database.AddSession(project.Id, SampleSessions.Noon);
        Guid id = await gateway.Database.AddEvent(
            project.Id,
            session,
            1,
            SampleSessions.Noon.AddMicroseconds(1),
            """{"$current_url":"https://x.example/a/b?c#d","n":12345678901234567890.10}""");

        JsonNode page = await Get(project, $"/api/sessions/{session}/events");

        Assert.Equal(
            $$$"""
            {"session_id":"{{{session}}}","event_id":"{{{id}}}","timestamp":"2026-01-15T12:00:00.000001Z","received_at":"2026-01-15T12:00:00.000001Z","event":"$pageview","distinct_id":"ann","device_id":null,"window_id":null,"current_url":"https://x.example/a/b?c#d","pathname":"/a/b","sender_order":0,"properties":{"n":12345678901234567890.10,"$current_url":"https://x.example/a/b?c#d"}}
            """,
            page["results"]![0]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }

    [Theory]
    [InlineData("/api/sessions/nothing", HttpStatusCode.BadRequest)]
    [InlineData("/api/sessions/nothing/events", HttpStatusCode.BadRequest)]
    [InlineData("/api/sessions/0190a1b2-0000-7000-8000-000000000001/events", HttpStatusCode.NotFound)]
    [InlineData("/api/live?limit=-1", HttpStatusCode.BadRequest)]
    [InlineData("/api/nothing", HttpStatusCode.NotFound)]
    public async Task Errors_and_missing_sessions_are_answered_as_problem_details(string path, HttpStatusCode expected)
    {
        using HttpClient program = gateway.Program(gateway.Ours.ApiKey);
        using HttpResponseMessage answer = await program.GetAsync(path);

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task The_OpenAPI_description_has_every_call_and_every_property()
    {
        using HttpClient anybody = gateway.Program(null);
        JsonNode description = JsonNode.Parse(await anybody.GetStringAsync("/openapi/v1.json"))!;

        Assert.Superset(
            new HashSet<string>
            {
                "/api/sessions", "/api/sessions/{id}", "/api/sessions/{id}/events", "/api/live", "/api/devices/{key}", "/api/devices/{key}/reset",
            },
            description["paths"]!.AsObject().Select(path => path.Key).ToHashSet());
        Assert.Equal(
            SessionProperties.All.Select(property => property.Name),
            description["components"]!["schemas"]!["Session"]!["properties"]!.AsObject().Select(property => property.Key));
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task A_gateway_with_Postgres_and_a_silo_is_alive_and_ready(string path)
    {
        using HttpClient anybody = gateway.Program(null);

        Assert.Equal(HttpStatusCode.OK, (await anybody.GetAsync(path)).StatusCode);
    }

    private async Task<List<string>> Paged(TestGateway.Project project, Guid session, int limit)
    {
        List<string> paged = [];
        string? cursor = null;
        do
        {
            JsonNode page = await Get(project, $"/api/sessions/{session}/events?limit={limit}&cursor={cursor}");
            paged.AddRange(page["results"]!.AsArray().Select(row => (string)row!["event_id"]!));
            cursor = (string?)page["next"];
        }
        while (cursor is not null);

        return paged;
    }

    private static string Base64Url(string text) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private async Task<JsonNode> Get(TestGateway.Project project, string path)
    {
        using HttpClient program = gateway.Program(project.ApiKey);
        return JsonNode.Parse(await program.GetStringAsync(path))!;
    }
}
