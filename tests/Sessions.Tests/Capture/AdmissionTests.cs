using System.Net;
using Sessions.Capture.Tracking;

namespace Sessions.Tests.Capture;

/// <summary>Requests over the limit are refused at once, and accepted ones are still answered.</summary>
public sealed class AdmissionTests
{
    private const string One = """{"api_key":"phc_good","event":"a","distinct_id":"anna"}""";
    private const string Three = $$"""{"api_key":"phc_good","batch":[{{Event}},{{Event}},{{Event}}]}""";
    private const string Event = """{"event":"a","distinct_id":"anna"}""";

    [Theory]
    [InlineData("MaxRequestsInHand=1", One)]
    [InlineData("MaxEventsInHand=1", One)]
    [InlineData("MaxEventsInHand=3", Three)]
    public async Task Requests_over_the_limit_get_503_while_the_grains_are_busy(string limit, string body)
    {
        await using CaptureServer server = await CaptureServer.Start(limit);
        TaskCompletionSource busy = new();
        server.Devices.Answer = async (_, events) =>
        {
            await busy.Task;
            return new TrackReceipt([.. events.Select(tracked => FakeDevices.Receipt(tracked))]);
        };
        Task<HttpResponseMessage> first = server.Post("/e/", body);
        while (server.Get<Admission>().Requests == 0)
        {
            await Task.Yield();
        }

        using (HttpResponseMessage second = await server.Post("/e/", One))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
            Assert.NotNull(second.Headers.RetryAfter);
        }

        busy.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
        using HttpResponseMessage third = await server.Post("/e/", One);
        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
    }

    [Fact]
    public async Task A_single_request_is_accepted_however_many_events_it_has()
    {
        await using CaptureServer server = await CaptureServer.Start("MaxEventsInHand=1");

        using HttpResponseMessage answer = await server.Post("/e/", Three);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
