using System.Diagnostics.Metrics;
using System.Net;
using Sessions.Capture;
using Sessions.Capture.Filtering;
using Sessions.Domain.Channels;

namespace Sessions.Tests.Capture;

/// <summary>Valid events that the project doesn't want: those of programs and of the project's own people.</summary>
public sealed class FilterHttpTests
{
    private const string Person = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

    // The word that gives it away comes late.
    private const string Crawler =
        "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
        + "Mobile Safari/537.36 And some more words that nobody needs, to be well beyond two hundred characters "
        + "(compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

    private static readonly EventFilter Default = new(dropsBots: true, HostList.None);

    [Fact]
    public async Task A_request_with_only_bot_events_gets_200_and_lists_what_was_dropped()
    {
        await using CaptureServer server = await CaptureServer.Start(Default);

        using HttpResponseMessage answer = await server.Post("/e/", Batch(Event(Crawler)));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("""{"status":"Ok","dropped":[{"index":0,"reason":"bot"}]}""", await answer.Content.ReadAsStringAsync());
        Assert.Empty(server.Devices.Calls);
    }

    [Fact]
    public async Task Only_the_bots_events_of_a_batch_are_dropped_and_counted_with_their_reason()
    {
        await using CaptureServer server = await CaptureServer.Start(Default);
        int bots = 0;
        using var listener = new MeterListener();
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
            bots += tags.Contains(KeyValuePair.Create("reason", (object?)"bot")) ? (int)count : 0);
        listener.EnableMeasurementEvents(server.Get<CaptureMetrics>().DroppedEvents);

        using HttpResponseMessage answer = await server.Post(
            "/e/", Batch(Event(Person), Event(Crawler), Event(null), """{"event":""}""", Event(Crawler)));

        Assert.Equal(
            """{"status":"Ok","dropped":[{"index":1,"reason":"bot"},{"index":3,"reason":"missing_event_name"},{"index":4,"reason":"bot"}]}""",
            await answer.Content.ReadAsStringAsync());
        Assert.Equal(2, Assert.Single(server.Devices.Calls).Events.Count);
        Assert.Equal(2, bots);
    }

    [Fact]
    public async Task A_project_with_the_bot_filter_off_keeps_bot_events()
    {
        await using CaptureServer server = await CaptureServer.Start(new EventFilter(dropsBots: false, HostList.None));

        using HttpResponseMessage answer = await server.Post("/e/", Batch(Event(Crawler)));

        Assert.Equal("""{"status":"Ok"}""", await answer.Content.ReadAsStringAsync());
        Assert.Single(server.Devices.Calls);
    }

    [Theory]
    [InlineData("localhost:3000", true)]
    [InlineData("Staging.Shop.example", true)] // below shop.example's staging, in any case
    [InlineData("a.staging.shop.example", true)]
    [InlineData("shop.example", false)]
    [InlineData("notlocalhost", false)]
    [InlineData("", false)]
    public async Task Pageviews_on_the_projects_internal_hosts_are_dropped(string host, bool isInternal)
    {
        await using CaptureServer server = await CaptureServer.Start(
            new EventFilter(dropsBots: true, new HostList(["localhost", "staging.shop.example"])));

        using HttpResponseMessage answer = await server.Post("/e/", Batch(Event(Person, host)));

        Assert.Equal(
            isInternal ? """{"status":"Ok","dropped":[{"index":0,"reason":"internal"}]}""" : """{"status":"Ok"}""",
            await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_request_gets_503_while_the_projects_settings_cannot_be_read()
    {
        await using CaptureServer server = await CaptureServer.Start(filter: null);

        using HttpResponseMessage answer = await server.Post("/e/", Batch(Event(Person)));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Empty(server.Devices.Calls);
    }

    private static string Batch(params string[] events) => $$"""{"api_key":"phc_good","batch":[{{string.Join(',', events)}}]}""";

    private static string Event(string? agent, string host = "shop.example") =>
        "{\"event\":\"a\",\"distinct_id\":\"anna\",\"properties\":{"
        + (agent is null ? "" : $"\"$raw_user_agent\":\"{agent}\",") + $"\"$host\":\"{host}\"" + "}}";
}
