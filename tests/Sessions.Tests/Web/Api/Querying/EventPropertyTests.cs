using System.Text.Json.Nodes;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Api.Querying;

/// <inheritdoc/>
public sealed class EventPropertyTests(TestGateway gateway) : EventProperty<TestGateway>(gateway);

/// <summary>The same, answered from columns.</summary>
public sealed class EventPropertyOfColumnsTests(ColumnsGateway gateway) : EventProperty<ColumnsGateway>(gateway);

/// <summary>Properties of events in questions: as what is calculated, and as groups.</summary>
public abstract class EventProperty<TGateway>(TGateway gateway) : IClassFixture<TGateway>
    where TGateway : TestGateway
{
    [Theory]
    [InlineData("sum", 36.5)]
    [InlineData("avg", 9.125)]
    [InlineData("min", -3)]
    [InlineData("max", 20)]
    [InlineData("median", 9.75)]
    [InlineData("p75", 12.5)]
    [InlineData("total", 9)]
    [InlineData("unique_sessions", 2)]
    public async Task A_math_takes_each_occurrence_with_a_number_or_a_text_that_is_one(string math, double expected)
    {
        using Asking asking = await Asking.About(
            gateway,
            new StoredSession { Start = Noon }
                .With("buy", 0, null, ("price", 9.5m)).With("buy", 1, null, ("price", "10")).With("buy", 2, null, ("price", 20))
                .With("buy", 3, null, ("price", "-3")).With("buy", 4, null, ("price", "10 EUR")).With("buy", 5, null, ("price", true)),
            new StoredSession { Start = Noon }
                .With("buy", 0, null, ("price", null)).With("buy", 1).With("buy", 2, null, ("price", new[] { 5 })).With("sell", 3, null, ("price", 1000)));
        Assert.Equal(
            expected,
            await asking.Value($$"""{"date_from":"2026-01-01","series":[{"event":"buy","math":"{{math}}","property":"price","property_type":"event"}]}"""));
    }

    [Fact]
    public async Task A_name_is_found_as_capture_stores_it()
    {
        using Asking asking = await Asking.About(gateway, new StoredSession { Start = Noon }.With("buy", 0, null, ("a\uFFFD", 7)));
        foreach (string name in new[] { "a\uFFFD", "a\\u0000" })
        {
            Assert.Equal(
                7, await asking.Value($$"""{"date_from":"2026-01-01","series":[{"event":"buy","math":"sum","property":"{{name}}","property_type":"event"}]}"""));
            Assert.Equal(
                1, await asking.Value($$"""{"date_from":"2026-01-01","series":[{"event":"buy","filters":[{"key":"{{name}}","type":"event","operator":"is_set"}]}]}"""));
        }
    }

    [Fact]
    public async Task A_property_of_the_session_is_the_default_and_counts_once_a_session()
    {
        using Asking asking = await Asking.About(
            gateway, new StoredSession { Start = Noon, EventCount = 5 }.With("buy", 0, null, ("$event_count", 1)).With("buy", 1, null, ("$event_count", 2)));
        foreach ((string type, double expected) in new[] { ("", 5.0), (""","property_type":null""", 5), (""","property_type":"session" """, 5), (""","property_type":"event" """, 3) })
        {
            Assert.Equal(
                expected,
                await asking.Value($$"""{"date_from":"2026-01-01","series":[{"event":"buy","math":"sum","property":"$event_count"{{type}}}]}"""));
        }
    }

    [Fact]
    public async Task A_number_that_no_answer_can_hold_is_absent_and_nothing_fails()
    {
        string huge = "1" + new string('0', 400);
        using Asking asking = await Asking.About(
            gateway,
            new StoredSession { Start = Noon }
                .With("buy", 0, null, ("price", JsonNode.Parse(huge))).With("buy", 1, null, ("price", JsonNode.Parse("-1e308")))
                .With("buy", 2, null, ("price", JsonNode.Parse("1e-350"))).With("buy", 3, null, ("price", 7)).With("buy", 4, null, ("price", huge)));
        foreach (string math in new[] { "sum", "avg", "min", "max", "median", "p99" })
        {
            Assert.Equal(
                7, await asking.Value($$"""{"date_from":"2026-01-01","series":[{"event":"buy","math":"{{math}}","property":"price","property_type":"event"}]}"""));
        }

        Assert.Equal(4, (await asking.Query("""{"date_from":"2026-01-01","series":[{"event":"buy"}],"breakdown":{"property":"price","property_type":"event"}}""")).Count);
        await asking.Query("""{"date_from":"2026-01-01","series":[{"event":"buy"}],"breakdown":{"property":"price","property_type":"event","bins":3}}""");
    }

    [Fact]
    public async Task A_breakdown_has_a_group_for_each_value_and_one_for_none_and_one_for_all_others()
    {
        using Asking asking = await Asking.About(
            gateway,
            new StoredSession { Start = Noon }
                .With("buy", 0, null, ("plan", "pro")).With("buy", 1, null, ("plan", "pro")).With("buy", 2, null, ("plan", "Pro"))
                .With("buy", 3, null, ("plan", 1.50m)).With("buy", 4, null, ("plan", "1.5")).With("buy", 5, null, ("plan", true)),
            new StoredSession { Start = Noon }.With("buy", 0, null, ("plan", null)).With("buy", 1).With("buy", 2).With("buy", 3, null, ("plan", "")));

        JsonArray all = await asking.Query("""{"date_from":"2026-01-01","series":[{"event":"buy"}],"breakdown":{"property":"plan","property_type":"event"}}""");
        Assert.Equal(["null 3", "\"1.5\" 2", "\"pro\" 2", "\"\" 1", "\"Pro\" 1", "\"true\" 1"], all.Select(Shown));
        JsonArray few = await asking.Query("""{"date_from":"2026-01-01","series":[{"event":"buy"}],"breakdown":{"property":"plan","property_type":"event","limit":2}}""");
        Assert.Equal(["null 3", "\"1.5\" 2", "\"$other\" 5"], few.Select(Shown));
        JsonArray columns = await asking.Query("""{"date_from":"2026-01-01","series":[{"event":"buy","math":"unique_sessions"}],"breakdown":{"property":"distinct_id","property_type":"event"}}""");
        Assert.Equal(["\"ann\" 2"], columns.Select(Shown));
    }

    [Theory]
    [InlineData("""{"series":[{"event":null,"math":"avg","property":"price","property_type":"event"}]}""", "series[0].property_type")]
    [InlineData("""{"series":[{"math":"total","property_type":"event"}]}""", "series[0].property_type")]
    [InlineData("""{"series":[{"event":"buy"},{"event":null,"math":"total","property_type":"event"}]}""", "series[1].property_type")]
    [InlineData("""{"series":[{"event":"buy","math":"avg","property":"price","property_type":"person"}]}""", "series[0].property_type")]
    [InlineData("""{"series":[{"event":"buy","math":"avg","property_type":"event"}]}""", "series[0].property")]
    [InlineData("""{"series":[{"event":"buy","math":"avg","property":"","property_type":"event"}]}""", "series[0].property")]
    [InlineData("""{"series":[{"event":"buy","math":"avg","property":"price"}]}""", "series[0].property")]
    [InlineData("""{"series":[{"event":"buy","math":"avg","property":"$event_names"}]}""", "series[0].property")]
    [InlineData("""{"series":[{"event":"buy","math":"avg","property":"price","property_type":1}]}""", "series[0].property_type")]
    [InlineData("""{"series":[{"event":null}],"breakdown":{"property":"price","property_type":"event"}}""", "breakdown.property_type")]
    [InlineData("""{"series":[{"event":"buy"},{"event":null}],"breakdown":{"property":"price","property_type":"event"}}""", "breakdown.property_type")]
    [InlineData("""{"series":[{"event":"buy"}],"breakdown":{"property":"price","property_type":"events"}}""", "breakdown.property_type")]
    [InlineData("""{"series":[{"event":"buy"}],"breakdown":{"property_type":"event"}}""", "breakdown.property")]
    [InlineData("""{"series":[{"event":"buy"}],"breakdown":{"property":"timestamp","property_type":"event","bins":3}}""", "breakdown.bins")]
    [InlineData("""{"series":[{"event":"buy"}],"breakdown":{"property":"$event_names","bins":3}}""", "breakdown.bins")]
    public async Task A_wrong_property_of_an_event_is_400_and_named(string query, string field)
    {
        using Asking asking = await Asking.About(gateway, new StoredSession { Start = Noon });
        Assert.Equal(field, await asking.WrongField(query));
    }

    private static string Shown(JsonNode? result) => $"{result!["breakdown_value"]?.ToJsonString() ?? "null"} {result["value"]}";
}
