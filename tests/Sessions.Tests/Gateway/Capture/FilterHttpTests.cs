using System.Diagnostics.Metrics;
using System.Net;
using Sessions.Domain.Channels;
using Sessions.Gateway.Capture;
using Sessions.Gateway.Capture.Filtering;

namespace Sessions.Tests.Gateway.Capture;

/// <summary>Events of programs and of the project's own people, which are well-formed and not wanted.</summary>
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
    public async Task A_request_of_nothing_but_a_bot_is_answered_with_200_and_says_what_was_dropped()
    {
        await using CaptureServer server = await CaptureServer.Start(Default);

        using HttpResponseMessage answer = await server.Post("/e/", Batch(Event(Crawler)));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("""{"status":"Ok","dropped":[{"index":0,"reason":"bot"}]}""", await answer.Content.ReadAsStringAsync());
        Assert.Empty(server.Devices.Calls);
    }

    [Fact]
    public async Task Among_people_only_the_bot_is_dropped_and_counted_with_its_reason()
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
    public async Task A_project_that_wants_bots_has_them()
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
    public async Task Pages_on_the_projects_own_hosts_are_internal(string host, bool isInternal)
    {
        await using CaptureServer server = await CaptureServer.Start(
            new EventFilter(dropsBots: true, new HostList(["localhost", "staging.shop.example"])));

        using HttpResponseMessage answer = await server.Post("/e/", Batch(Event(Person, host)));

        Assert.Equal(
            isInternal ? """{"status":"Ok","dropped":[{"index":0,"reason":"internal"}]}""" : """{"status":"Ok"}""",
            await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task While_nobody_can_tell_what_the_project_wants_the_sender_is_told_to_come_back()
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
