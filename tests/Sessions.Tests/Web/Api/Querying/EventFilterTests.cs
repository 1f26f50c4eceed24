using System.Text.Json.Nodes;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Api.Querying;

/// <inheritdoc/>
public sealed class EventFilterTests(TestGateway gateway) : EventFilter<TestGateway>(gateway);

/// <summary>The same, answered from columns.</summary>
public sealed class EventFilterOfColumnsTests(ColumnsGateway gateway) : EventFilter<ColumnsGateway>(gateway);

/// <summary>Filters for sessions that have an event.</summary>
public abstract class EventFilter<TGateway>(TGateway gateway) : IClassFixture<TGateway>
    where TGateway : TestGateway
{
    [Theory]
    [InlineData("event", "exact", "\"signup\"", "1")]
    [InlineData("event", "is_not", "\"signup\"", "1 2 3")] // the first has another one too
    [InlineData("event", "icontains", "\"SIGN\"", "1")]
    [InlineData("pathname", "exact", "\"/b\"", "2")] // out of the URL
    [InlineData("$current_url", "icontains", "\"x.EXAMPLE/B\"", "2")]
    [InlineData("timestamp", "gt", "\"2026-01-15T12:00:01.5Z\"", "3")]
    [InlineData("plan", "exact", "\"pro\"", "1")]
    [InlineData("plan", "exact", "\"Pro\"", "")]
    [InlineData("plan", "icontains", "\"É\"", "2")] // any letter has a case
    [InlineData("plan", "is_not", "\"pro\"", "1 2 3")] // events without a plan are not pro
    [InlineData("plan", "in", "[\"pro\",\"free é\"]", "1 2")]
    [InlineData("plan", "not_in", "[\"pro\",\"free é\"]", "1 3")]
    [InlineData("plan", "regex", "\"^p.o$\"", "1")]
    [InlineData("plan", "not_regex", "\"^p\"", "1 2 3")] // events without a plan have none that begins with p
    [InlineData("plan", "is_set", "null", "1 2")] // null is absent
    [InlineData("plan", "is_not_set", "null", "1 3")]
    [InlineData("price", "gt", "9", "2 3")] // 10 is more than 9, also as a text
    [InlineData("price", "gt", "\"9\"", "2 3")]
    [InlineData("price", "lte", "9.5", "1")]
    [InlineData("price", "between", "[9,10]", "1 2")]
    [InlineData("price", "exact", "10", "2")]
    [InlineData("price", "exact", "10.0", "2")]
    [InlineData("price", "exact", "\"10\"", "2")]
    [InlineData("price", "is_not", "10", "1 3")]
    [InlineData("price", "in", "[9, \"a lot\"]", "1 3")]
    [InlineData("paid", "exact", "true", "1")]
    [InlineData("nested.key", "is_set", "null", "")]
    [InlineData("o'clock\"; drop table x --", "is_set", "null", "3")]
    public async Task A_filter_for_an_event_finds_the_sessions_that_have_it(
        string key, string comparison, string value, string expected)
    {
        using Asking asking = await Asking.About(
            gateway,
            Session(1).With("signup", 0, null, ("plan", "pro"), ("price", 9), ("paid", true)).With("$pageview", 1),
            Session(2).With("$pageview", 1, null, ("$current_url", "https://x.example/b?q"), ("plan", "free é"), ("price", "10")),
            Session(3).With("$pageview", 2, null, ("plan", null), ("price", 1e3), ("o'clock\"; drop table x --", "a"))
                .With("$pageview", 2, null, ("price", "a lot")));
        string filters = new JsonArray(new JsonObject
        {
            ["key"] = key,
            ["type"] = "event",
            ["operator"] = comparison,
            ["value"] = JsonNode.Parse(value),
        }).ToJsonString();

        JsonNode page = JsonNode.Parse(await asking.Program.GetStringAsync(
            $"/api/sessions?order=$event_count&filters={Uri.EscapeDataString(filters)}"))!;

        Assert.Equal(expected, string.Join(' ', page["results"]!.AsArray().Select(session => (int)session!["$event_count"]!)));
    }

    [Fact]
    public async Task Several_event_filters_may_match_different_events_of_a_session()
    {
        using Asking asking = await Asking.About(gateway, Session(1).With("signup").With("buy", 1), Session(2).With("buy"));
        const string both = """
            [{"key":"event","type":"event","operator":"exact","value":"signup"},
             {"key":"event","type":"event","operator":"exact","value":"buy"},
             {"key":"$event_count","type":"session","operator":"lt","value":5}]
            """;

        JsonNode page = JsonNode.Parse(await asking.Program.GetStringAsync($"/api/sessions?filters={Uri.EscapeDataString(both)}"))!;

        Assert.Equal(1, (int)Assert.Single(page["results"]!.AsArray())!["$event_count"]!);
    }

    [Fact]
    public async Task In_a_series_of_an_event_all_filters_apply_to_that_event()
    {
        using Asking asking = await Asking.About(
            gateway,
            Session(1).With("buy", 0, null, ("plan", "pro"), ("price", 5)).With("buy", 1, null, ("plan", "free"), ("price", 7)));

        Assert.Equal(1, await asking.Value(
            """
            {"series":[{"event":"buy","math":"total","filters":[{"key":"plan","type":"event","operator":"exact","value":"pro"}]}],
             "filters":[{"key":"price","type":"event","operator":"lt","value":6}]}
            """));
        Assert.Equal(0, await asking.Value(
            """
            {"series":[{"event":"buy","math":"sum","property":"$event_count","filters":[{"key":"plan","type":"event","operator":"exact","value":"pro"}]}],
             "filters":[{"key":"price","type":"event","operator":"gt","value":6}]}
            """));
    }

    private static StoredSession Session(int number) => new() { Start = Noon, EventCount = number, Seconds = 3 };
}
