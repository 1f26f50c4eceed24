using System.Net;
using System.Text.Json;
using Sessions.Capture;
using Sessions.Capture.Body;

namespace Sessions.Tests.Capture;

public sealed class CaptureHttpTests
{
    private const string Ok = """{"status":"Ok"}""";
    private const string Event = """{"api_key":"phc_good","event":"a","distinct_id":"anna"}""";

    [Theory]
    [InlineData("/e/")]
    [InlineData("/e")]
    [InlineData("/i/v0/e/")]
    [InlineData("/i/v0/e")]
    [InlineData("/capture/")]
    [InlineData("/capture")]
    [InlineData("/track/")]
    [InlineData("/batch/")]
    [InlineData("/batch")]
    [InlineData("/e/?ip=0&_=1772625600000&ver=1.2.3&compression=gzip-js&retry_count=1")]
    [InlineData("/e/?beacon=1")]
    public async Task Every_capture_path_accepts_events(string path)
    {
        await using CaptureServer server = await CaptureServer.Start();
        using HttpResponseMessage answer = await server.Post(path, Event);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(Ok, await answer.Content.ReadAsStringAsync());
        Assert.Equal("shop~anna", Assert.Single(server.Devices.Calls).Device);
    }

    [Fact]
    public async Task A_complete_body_is_captured_although_its_sender_has_disconnected()
    {
        await using CaptureServer server = await CaptureServer.Start();
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Devices.Answer = async (call, events) =>
        {
            if (call == 0)
            {
                asked.SetResult();
                await left.Task;
                // It would be called again, if anybody still wanted that.
                throw new SessionsUnavailableException("The store is away.");
            }

            taken.SetResult();
            return new TrackReceipt([FakeDevices.Receipt(events[0])]);
        };

        using (var closed = new CancellationTokenSource())
        {
            using var page = new HttpRequestMessage(HttpMethod.Post, "/e/") { Content = new StringContent(Event) };
            Task<HttpResponseMessage> sent = server.Client.SendAsync(page, closed.Token);
            await asked.Task;
            await closed.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent);
            left.SetResult();
        }

        await taken.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task The_encoding_named_in_headers_or_query_is_used_for_the_body()
    {
        await using CaptureServer server = await CaptureServer.Start();
        (byte[] Body, string ContentType, string? Encoding, string Path)[] requests =
        [
            (Bodies.Gzip(Event), "text/plain", null, "/e/"),
            (Bodies.Gzip(Event), "application/json", "gzip", "/batch/"),
            (Bodies.Gzip(Event), "text/plain", null, "/e/?compression=gzip-js"),
            (Bodies.Form(Bodies.Utf8(Event)), "application/x-www-form-urlencoded", null, "/e/?compression=base64"),
            (Bodies.Utf8(Event), "text/plain", null, "/e/"),
            ([], "text/plain", null, "/e/?data=" + Uri.EscapeDataString(Convert.ToBase64String(Bodies.Utf8(Event)))),
        ];
        foreach ((byte[] body, string contentType, string? encoding, string path) in requests)
        {
            using HttpResponseMessage answer = await server.Post(path, body, contentType, encoding);
            Assert.Equal(Ok, await answer.Content.ReadAsStringAsync());
        }

        using HttpResponseMessage pixel =
            await server.Client.GetAsync("/e/?data=" + Uri.EscapeDataString(Convert.ToBase64String(Bodies.Utf8(Event))));
        Assert.Equal(Ok, await pixel.Content.ReadAsStringAsync());
        Assert.Equal(requests.Length + 1, server.Devices.Calls.Count);
    }

    [Theory]
    [InlineData("{", 400)]
    [InlineData("", 400)]
    [InlineData("""{"api_key":"phc_good","event":""}""", 400)]
    [InlineData("""{"api_key":"phc_bad","event":"a","distinct_id":"anna"}""", 401)]
    public async Task A_refusal_says_why_and_allows_any_origin_to_read_it(string body, int status)
    {
        await using CaptureServer server = await CaptureServer.Start();
        server.Client.DefaultRequestHeaders.Add("Origin", "https://shop.example");
        using HttpResponseMessage answer = await server.Post("/e/", body);
        using JsonDocument problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.RootElement.GetProperty("detail").GetString()!);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("https://shop.example", Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Empty(server.Devices.Calls);
    }

    [Fact]
    public async Task A_batch_makes_one_call_for_each_user_device()
    {
        await using CaptureServer server = await CaptureServer.Start();
        using HttpResponseMessage answer = await server.Post("/batch/", """
            {"api_key":"phc_good","batch":[
              {"event":"1","distinct_id":"anna"},
              {"event":"2","distinct_id":"bert","properties":{"$device_id":"tablet"}},
              {"event":"3","distinct_id":"anna","properties":{"$device_id":"tablet"}},
              {"event":"4","distinct_id":"anna"}]}
            """);

        Assert.Equal(Ok, await answer.Content.ReadAsStringAsync());
        Assert.Equal(
            ["shop~anna: 1 4", "shop~tablet: 2 3"],
            server.Devices.Calls.Select(call => $"{call.Device}: {string.Join(' ', call.Events.Select(tracked => tracked.Name))}").Order());
    }

    [Fact]
    public async Task Grains_get_the_clients_own_time_when_it_was_corrected()
    {
        await using CaptureServer server = await CaptureServer.Start();
        using HttpResponseMessage answer = await server.Post("/batch/", """
            {"api_key":"phc_good","sent_at":"2020-01-01T12:00:00Z","batch":[
              {"event":"1","distinct_id":"anna","timestamp":"2020-01-01T11:59:00Z"},
              {"event":"2","distinct_id":"anna"},
              {"event":"3","distinct_id":"anna","timestamp":"2020-01-01T11:59:00Z","properties":{"$ignore_sent_at":true}}]}
            """);

        Assert.Equal(
            [new DateTimeOffset(2020, 1, 1, 11, 59, 0, TimeSpan.Zero), null, null],
            Assert.Single(server.Devices.Calls).Events.Select(tracked => tracked.ClientTimestamp));
    }

    [Fact]
    public async Task Drops_and_warnings_of_parser_and_grains_are_in_the_answer_by_index()
    {
        await using CaptureServer server = await CaptureServer.Start();
        server.Devices.Answer = (_, events) => Task.FromResult(new TrackReceipt(
        [
            .. events.Select(tracked => tracked.Name switch
            {
                "full" => FakeDevices.Receipt(tracked, EventOutcome.Invalid, DropReason.SessionFull),
                "moved" => FakeDevices.Receipt(tracked, EventOutcome.New, "another_session"),
                _ => FakeDevices.Receipt(tracked, EventOutcome.Duplicate),
            }),
        ]));
        using HttpResponseMessage answer = await server.Post("/batch/", """
            {"api_key":"phc_good","batch":[
              {"event":"full","distinct_id":"anna","properties":{"$session_id":"x"}},
              {"event":"moved","distinct_id":"bert"},
              {"event":"","distinct_id":"anna"},
              {"event":"good","distinct_id":"anna","properties":{"$session_id":"x"}}]}
            """);

        Assert.Equal(
            """{"status":"Ok","dropped":[{"index":0,"reason":"session_full"},{"index":2,"reason":"missing_event_name"}]"""
            + ""","warnings":[{"index":1,"reason":"another_session"},{"index":3,"reason":"invalid_session_id"}]}""",
            await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_request_gets_400_when_the_grains_refuse_all_its_events()
    {
        await using CaptureServer server = await CaptureServer.Start();
        server.Devices.Answer = (_, events) => Task.FromResult(
            new TrackReceipt([FakeDevices.Receipt(events[0], EventOutcome.Invalid, DropReason.SessionFull)]));
        using HttpResponseMessage answer = await server.Post("/e/", Event);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(DropReason.SessionFull, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_over_the_limit_gets_413_with_and_without_a_content_length()
    {
        await using CaptureServer server = await CaptureServer.Start("MaxBodyBytes=2000", "MaxInflatedBytes=5000", "MaxEventBytes=2000");
        byte[] body = Bodies.Utf8(new string(' ', 2001));
        using HttpResponseMessage known = await server.Post("/e/", body);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/e/") { Content = new StreamContent(new MemoryStream(body)) };
        request.Headers.TransferEncodingChunked = true;
        using HttpResponseMessage chunked = await server.Client.SendAsync(request);
        using HttpResponseMessage inflated = await server.Post("/e/", Bodies.Gzip(new string(' ', 5001)));

        Assert.Equal(
            (HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.RequestEntityTooLarge),
            (known.StatusCode, chunked.StatusCode, inflated.StatusCode));
        Assert.Equal(0, server.Get<BodyBudget>().InHand);
    }

    [Fact]
    public async Task A_body_over_the_web_servers_default_limit_is_accepted()
    {
        await using CaptureServer server = await CaptureServer.Start("MaxBodyBytes=40000000", "MaxInflatedBytes=40000000");
        using HttpResponseMessage answer = await server.Post("/e/", new string(' ', 35_000_000) + Event);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(0, server.Get<BodyBudget>().InHand);
    }

    [Fact]
    public async Task A_request_gets_503_at_once_when_too_many_bytes_are_in_hand()
    {
        await using CaptureServer server = await CaptureServer.Start("ShareOfClient=1");
        var budget = server.Get<BodyBudget>();
        Assert.True(budget.TryTake(server.Get<CaptureOptions>().MaxBytesInHand));
        using HttpResponseMessage refused = await server.Post("/e/", Event);
        budget.GiveBack(server.Get<CaptureOptions>().MaxBytesInHand);
        using HttpResponseMessage taken = await server.Post("/e/", Event);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("5", Assert.Single(refused.Headers.GetValues("Retry-After")));
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
    }

    [Theory]
    [InlineData("/e/")]
    [InlineData("/batch")]
    [InlineData("/flags/?v=2")]
    [InlineData("/array/phc_good/config")]
    [InlineData("/static/array.js")]
    public async Task A_preflight_request_gets_200_and_allows_the_requested_headers(string path)
    {
        await using CaptureServer server = await CaptureServer.Start();
        using var request = new HttpRequestMessage(HttpMethod.Options, path);
        request.Headers.Add("Origin", "https://shop.example");
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "x-posthog-session-id,content-type");
        using HttpResponseMessage answer = await server.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("https://shop.example", Header("Access-Control-Allow-Origin"));
        Assert.Equal("true", Header("Access-Control-Allow-Credentials"));
        Assert.Equal("GET, POST, OPTIONS", Header("Access-Control-Allow-Methods"));
        Assert.Equal("x-posthog-session-id,content-type", Header("Access-Control-Allow-Headers"));

        string Header(string name) => Assert.Single(answer.Headers.GetValues(name));
    }
}
