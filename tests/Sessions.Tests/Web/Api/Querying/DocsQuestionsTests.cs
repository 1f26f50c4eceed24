using System.Text.Json.Nodes;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>Common questions about sessions, one test each.</summary>
public sealed class DocsQuestionsTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task A_query_counts_the_sessions_longer_than_10_seconds()
    {
        using Asking asking = await Asking.About(gateway, Lasting(9.999), Lasting(10), Lasting(10.001), Lasting(60));

        Assert.Equal(2, await asking.Value(
            """{"series":[{"event":null,"math":"total","filters":[{"key":"$session_duration","type":"session","operator":"gt","value":10}]}]}"""));
    }

    [Fact]
    public async Task A_query_gives_the_average_number_of_sessions_of_a_user()
    {
        using Asking asking = await Asking.About(
            gateway, By("ann"), By("ann"), By("bob"), By("ann").With("$identify", 1, "anna", ("$anon_distinct_id", "ann")), By("anna"));

        // Ann, who turned out to be Anna, four times; Bob once.
        Assert.Equal(2.5, await asking.Value(
            """{"series":[{"event":null,"math":"unique_sessions"},{"event":null,"math":"unique_users"}],"formula":"A / B"}"""));
    }

    [Fact]
    public async Task A_query_gives_the_average_number_of_events_of_a_session()
    {
        StoredSession busy = Lasting(5).With("$pageview").With("$pageview", 1).With("click", 2);
        using Asking asking = await Asking.About(
            gateway, busy with { EventCount = 3 }, Lasting(5).With("$pageview") with { EventCount = 1 });

        Assert.Equal(2, await asking.Value("""{"series":[{"event":null,"math":"avg","property":"$event_count"}]}"""));
        Assert.Equal(1.5, await asking.Value(
            """{"series":[{"event":"$pageview","math":"total"},{"event":"$pageview","math":"unique_sessions"}],"formula":"A/B"}"""));
    }

    [Fact]
    public async Task A_query_counts_the_sessions_with_a_sign_up()
    {
        using Asking asking = await Asking.About(
            gateway, Lasting(5).With("signup").With("signup", 1), Lasting(5).With("signup"), Lasting(5).With("$pageview"));

        Assert.Equal(2, await asking.Value("""{"series":[{"event":"signup","math":"unique_sessions"}]}"""));
        Assert.Equal(3, await asking.Value("""{"series":[{"event":"signup","math":"total"}]}"""));
    }

    [Fact]
    public async Task A_query_gives_the_median_session_duration_over_time()
    {
        using Asking asking = await Asking.About(
            gateway, Lasting(1), Lasting(2), Lasting(10), Lasting(4) with { Start = Noon.AddDays(2) }, Lasting(5) with { Start = Noon.AddDays(2) });

        JsonNode result = Assert.Single(await asking.Query(
            """
            {"date_from":"2026-01-15","date_to":"2026-01-17","interval":"day",
             "series":[{"event":null,"math":"median","property":"$session_duration"}]}
            """))!;

        Assert.Equal("[2,null,4.5]", result["data"]!.ToJsonString());
        Assert.Equal("""["2026-01-15T00:00:00Z","2026-01-16T00:00:00Z","2026-01-17T00:00:00Z"]""", result["labels"]!.ToJsonString());
        Assert.Equal(4, (double?)result["value"]);
    }

    [Fact]
    public async Task A_query_gives_the_entry_pages()
    {
        using Asking asking = await Asking.About(
            gateway, At("/a"), At("/a"), At("/b"), At("/a"), At("/c"), At("/b"), Lasting(1));

        JsonArray results = await asking.Query(
            """{"series":[{"event":null,"math":"total"}],"breakdown":{"property":"$entry_current_url","limit":2}}""");

        Assert.Equal("https://x.example/a 3, https://x.example/b 2, $other 2", Summary(results));
    }

    [Fact]
    public async Task A_query_gives_the_bounce_rate_of_each_channel()
    {
        using Asking asking = await Asking.About(
            gateway, From("Direct", true), From("Direct", false), From("Direct", null), From("Paid Search", true), From(null, false));

        JsonArray results = await asking.Query(
            """{"series":[{"event":null,"math":"avg","property":"$is_bounce"}],"breakdown":{"property":"$channel_type","limit":10}}""");

        Assert.Equal("Direct 0.5, Paid Search 1, null 0", Summary(results));
    }

    private static string Summary(JsonArray results) =>
        string.Join(", ", results.Select(result => $"{(string?)result!["breakdown_value"] ?? "null"} {result["value"]}"));

    private static StoredSession Lasting(double seconds) => new() { Start = Noon, Seconds = seconds };

    private static StoredSession By(string distinctId) => new() { Start = Noon, DistinctId = distinctId };

    private static StoredSession At(string path) => new() { Start = Noon, EntryPathname = path, EntryUrl = $"https://x.example{path}" };

    private static StoredSession From(string? channel, bool? isBounce) =>
        new() { Start = Noon, ChannelType = channel, IsBounce = isBounce };
}
