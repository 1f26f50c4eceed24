using System.Net;
using System.Text.Json.Nodes;

namespace Sessions.Tests.Capture.Quotas;

/// <summary>Beyond a project's quota capture answers 429, says when to send again, and keeps what it took before.</summary>
public sealed class QuotaHttpTests
{
    private const string Event = """{"event":"a","distinct_id":"anna"}""";
    private const string One = $$"""{"api_key":"phc_good","batch":[{{Event}}]}""";
    private const string Three = $$"""{"api_key":"phc_good","batch":[{{Event}},{{Event}},{{Event}}]}""";

    [Fact]
    public async Task Events_over_the_quota_of_a_day_get_429_and_SDKs_are_told_to_stop()
    {
        await using CaptureServer server = await CaptureServer.Start("Sessions:Quota:EventsPerDay=4");

        using HttpResponseMessage first = await server.Post("/batch/", Three);
        using HttpResponseMessage crossing = await server.Post("/batch/", Three);
        using HttpResponseMessage refused = await server.Post("/batch/", One);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests), (first.StatusCode, crossing.StatusCode, refused.StatusCode));
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType!.MediaType);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 300);
        JsonNode problem = JsonNode.Parse(await refused.Content.ReadAsStringAsync())!;
        Assert.Equal((429, "Over the project's quota"), ((int)problem["status"]!, (string)problem["title"]!));
        // posthog-js reads this member of any answer.
        Assert.Equal("""["events"]""", problem["quota_limited"]!.ToJsonString());
        Assert.Equal(6, server.Devices.Calls.Sum(call => call.Events.Count));
    }

    [Fact]
    public async Task A_quota_of_bytes_counts_the_events_bytes()
    {
        await using CaptureServer server = await CaptureServer.Start("Sessions:Quota:BytesPerDay=1000");
        string large = $$$"""{"api_key":"phc_good","event":"a","distinct_id":"anna","properties":{"text":"{{{new string('x', 600)}}}"}}""";

        List<HttpStatusCode> answers = [];
        for (int i = 0; i < 4; i++)
        {
            using HttpResponseMessage answer = await server.Post("/e/", large);
            answers.Add(answer.StatusCode);
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests], answers);
    }

    [Fact]
    public async Task A_rate_refuses_for_seconds_and_does_not_tell_browsers_to_stop()
    {
        await using CaptureServer server = await CaptureServer.Start("Sessions:Quota:EventsPerSecond=0.1");

        using HttpResponseMessage taken = await server.Post("/batch/", Three);
        using HttpResponseMessage refused = await server.Post("/batch/", One);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.TooManyRequests), (taken.StatusCode, refused.StatusCode));
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 20);
        Assert.Null(JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["quota_limited"]);
    }

    [Fact]
    public async Task Events_that_could_not_be_stored_do_not_count()
    {
        await using CaptureServer server = await CaptureServer.Start("Sessions:Quota:EventsPerDay=1", "Patience=00:00:00", "StorePatience=00:00:00");
        server.Devices.Answer = (call, events) => call == 0
            ? throw new SessionsUnavailableException("Postgres is away.")
            : Task.FromResult(new TrackReceipt([.. events.Select(tracked => FakeDevices.Receipt(tracked))]));

        using HttpResponseMessage failed = await server.Post("/batch/", One);
        using HttpResponseMessage again = await server.Post("/batch/", One);
        using HttpResponseMessage over = await server.Post("/batch/", One);

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK, HttpStatusCode.TooManyRequests),
            (failed.StatusCode, again.StatusCode, over.StatusCode));
    }

    [Fact]
    public async Task Without_quotas_everything_is_taken()
    {
        await using CaptureServer server = await CaptureServer.Start();

        for (int i = 0; i < 20; i++)
        {
            using HttpResponseMessage answer = await server.Post("/batch/", Three);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }
}
