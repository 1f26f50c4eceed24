using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Npgsql;

namespace Sessions.Tests.Web.Api;

/// <summary>Reading events and sessions that were just captured, through the grains and from the rows.</summary>
public sealed class LiveReadingTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task An_acknowledged_event_is_readable_at_once_in_its_session_and_in_its_events()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        Guid session = Guid.CreateVersion7();
        await Capture(program, project, "ann", session, "https://shop.example/start?utm_source=ads");
        await Capture(program, project, "ann", session, "https://shop.example/end");

        JsonNode found = JsonNode.Parse(await program.GetStringAsync($"/api/sessions/{session}"))!;
        JsonNode events = JsonNode.Parse(await program.GetStringAsync($"/api/sessions/{session}/events"))!;

        Assert.Equal(
            (session.ToString(), 2, "/start", "/end", "live"),
            ((string)found["$session_id"]!, (int)found["$pageview_count"]!, (string)found["$entry_pathname"]!,
                (string)found["$exit_pathname"]!, (string)found["status"]!));
        Assert.Equal(["/start", "/end"], events["results"]!.AsArray().Select(row => (string)row!["pathname"]!));
    }

    [Fact]
    public async Task A_session_reads_the_same_from_its_grain_and_from_its_row()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        Guid session = Guid.CreateVersion7();
        await Capture(program, project, "ann", session, "https://shop.example/start?utm_source=ads&gclid=g1");
        await program.PostAsync("/api/devices/ann/reset", content: null);

        JsonObject fromGrain = JsonNode.Parse(await program.GetStringAsync($"/api/sessions/{session}"))!.AsObject();
        // A list does not say whether recordings can be played.
        Assert.All((string[])["playable", "problem", "problem_detail"], name => Assert.True(fromGrain.Remove(name)));
        JsonNode list = JsonNode.Parse(await program.GetStringAsync("/api/sessions"))!;

        Assert.Equal(fromGrain.ToJsonString(), Assert.Single(list["results"]!.AsArray())!.ToJsonString());
    }

    [Theory]
    [InlineData("ann")]
    [InlineData("a/b")] // a slash of its own
    [InlineData("a%2Fb")] // what looks encoded and is not
    [InlineData("a b+c?d#e")]
    [InlineData("ünï/😀")]
    public async Task A_device_is_found_by_its_encoded_name_and_reset_ends_its_session(string device)
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient program = gateway.Program(project.ApiKey);
        string path = $"/api/devices/{Uri.EscapeDataString(device)}";
        Assert.Equal(HttpStatusCode.NotFound, (await program.GetAsync(path)).StatusCode);

        await Capture(program, project, device, session: null, "https://shop.example/");

        JsonNode live = JsonNode.Parse(await program.GetStringAsync(path))!;
        Assert.Equal((device, "live"), ((string)live["distinct_id"]!, (string)live["status"]!));

        using HttpResponseMessage reset = await program.PostAsync($"{path}/reset", content: null);
        JsonNode ended = JsonNode.Parse(await reset.Content.ReadAsStringAsync())!;
        Assert.Equal(
            ((string)live["$session_id"]!, "ended", "reset"),
            ((string)ended["$session_id"]!, (string)ended["status"]!, (string)ended["end_reason"]!));
        Assert.Equal(HttpStatusCode.NotFound, (await program.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await program.PostAsync($"{path}/reset", content: null)).StatusCode);
    }

    [Fact]
    public async Task A_missing_session_and_another_projects_session_are_not_found()
    {
        using HttpClient ours = gateway.Program(gateway.Ours.ApiKey);
        using HttpClient theirs = gateway.Program(gateway.Theirs.ApiKey);
        Guid session = Guid.CreateVersion7();
        await Capture(theirs, gateway.Theirs, "ann", session, "https://shop.example/");

        Assert.Equal(HttpStatusCode.OK, (await theirs.GetAsync($"/api/sessions/{session}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await ours.GetAsync($"/api/sessions/{session}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await ours.GetAsync($"/api/devices/ann")).StatusCode);
    }

    [Fact]
    public async Task Without_Postgres_reads_get_503_with_a_time_to_retry()
    {
        // Nobody listens on the discard port; the projects have never been read there, so nobody's key is known either.
        string nowhere = new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = 9, Timeout = 1 }.ConnectionString;
        await using WebApplication alone = await gateway.StartAnother(nowhere);
        using HttpClient program = gateway.Program(gateway.Ours.ApiKey);
        program.BaseAddress = new Uri(alone.Urls.First());

        foreach (string path in new[] { "/api/sessions", "/api/live", $"/api/sessions/{Guid.CreateVersion7()}/events" })
        {
            using HttpResponseMessage answer = await program.GetAsync(path);

            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.NotNull(answer.Headers.RetryAfter);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        }

        Assert.Equal(HttpStatusCode.OK, (await program.GetAsync("/health/live")).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await program.GetAsync("/health/ready")).StatusCode);
    }

    private static async Task Capture(HttpClient program, TestGateway.Project project, string distinctId, Guid? session, string url)
    {
        using HttpResponseMessage answer = await program.PostAsJsonAsync("/i/v0/e/", new
        {
            api_key = project.Token,
            @event = "$pageview",
            uuid = Guid.NewGuid(),
            distinct_id = distinctId,
            properties = new Dictionary<string, object?>
            {
                ["$session_id"] = session,
                ["$current_url"] = url,
                ["$pathname"] = new Uri(url).AbsolutePath,
            },
        });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
