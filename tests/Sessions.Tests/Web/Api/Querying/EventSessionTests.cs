using System.Text.Json.Nodes;

namespace Sessions.Tests.Web.Api.Querying;

/// <inheritdoc/>
public sealed class EventSessionTests(TestGateway gateway) : EventSession<TestGateway>(gateway);

/// <summary>The same, answered from columns.</summary>
public sealed class EventSessionOfColumnsTests(ColumnsGateway gateway) : EventSession<ColumnsGateway>(gateway);

/// <summary>
/// Sessions with an event count by the event's time, not by their start: once in each bucket in which they have the
/// event, and once in the total. The same holds for sums and averages of their values.
/// </summary>
public abstract class EventSession<TGateway>(TGateway gateway) : IClassFixture<TGateway>
    where TGateway : TestGateway
{
    private static readonly DateTimeOffset BeforeMidnight = new(2026, 1, 14, 23, 50, 0, TimeSpan.Zero);

    // 23:50, with a purchase at 0:05.
    private static readonly StoredSession OverMidnight =
        (new StoredSession { Start = BeforeMidnight, Seconds = 1200, EntryPathname = "/a" }).With("purchase", 900);

    [Theory]
    [InlineData("day", "UTC", "2026-01-14 0, 2026-01-15 1")]
    [InlineData("day", "Europe/Berlin", "2026-01-14 0, 2026-01-15 1")] // there it began on the 15th, too
    [InlineData("day", "America/New_York", "2026-01-14 1, 2026-01-15 0")]
    [InlineData("week", "UTC", "2026-01-12 1")]
    [InlineData("month", "UTC", "2026-01-01 1")]
    public async Task A_session_with_an_event_counts_on_the_day_of_the_event(
        string interval, string zone, string expected)
    {
        using Asking asking = await Asking.About(gateway, OverMidnight);

        JsonNode result = Assert.Single(await asking.Query(
            $$"""
            {"date_from":"2026-01-14","date_to":"2026-01-15","interval":"{{interval}}","timezone":"{{zone}}",
             "series":[{"event":"purchase","math":"unique_sessions"}]}
            """))!;

        Assert.Equal(expected, Points(result, zone));
        Assert.Equal(1, (int)result["value"]!);
    }

    [Fact]
    public async Task A_session_with_the_event_before_and_after_midnight_counts_on_both_days_and_once_in_total()
    {
        using Asking asking = await Asking.About(gateway, OverMidnight.With("purchase", 60).With("purchase", 70).With("purchase", 910));

        Assert.Equal("1 1 | 1", await Summary(asking, "unique_sessions"));
        Assert.Equal("2 2 | 4", await Summary(asking, "total"));
        Assert.Equal("1 1 | 1", await Summary(asking, "unique_users"));
    }

    [Theory]
    [InlineData("avg", "1200 400 | 400")] // 1200 alone on the first day; 1200, 200, 0 and 200 on the second
    [InlineData("sum", "1200 1600 | 1600")]
    [InlineData("min", "1200 0 | 0")]
    [InlineData("max", "1200 1200 | 1200")]
    [InlineData("median", "1200 200 | 200")]
    [InlineData("p75", "1200 450 | 450")]
    public async Task A_sessions_value_counts_once_per_bucket_and_once_in_total(string math, string expected)
    {
        // The second has no event on the first day, although it began then.
        StoredSession[] sessions =
        [
            OverMidnight.With("purchase", 60).With("purchase", 61).With("purchase", 910),
            (OverMidnight with { Id = Guid.NewGuid(), Seconds = 200, Events = [] }).With("purchase", 1000).With("purchase", 1001),
            (OverMidnight with { Id = Guid.NewGuid(), Seconds = 0, Events = [], Start = BeforeMidnight.AddHours(2) }).With("purchase"),
            (OverMidnight with { Id = Guid.NewGuid(), Seconds = 200, Events = [], Start = BeforeMidnight.AddHours(3) }).With("purchase"),
        ];
        using Asking asking = await Asking.About(gateway, sessions);

        Assert.Equal(expected, await Summary(asking, math, "$session_duration"));
    }

    [Fact]
    public async Task Sessions_without_a_value_give_no_average_and_a_sum_of_zero()
    {
        using Asking asking = await Asking.About(
            gateway,
            OverMidnight,
            (OverMidnight with { Id = Guid.NewGuid(), IsBounce = true, Events = [] }).With("purchase", 1000));

        Assert.Equal("null 1 | 1", await Summary(asking, "avg", "$is_bounce"));
        Assert.Equal("null null | null", await Summary(asking, "avg", "$replay_duration"));
        Assert.Equal("0 0 | 0", await Summary(asking, "sum", "$replay_duration"));
    }

    [Fact]
    public async Task The_date_range_applies_to_the_event_and_not_to_the_session()
    {
        using Asking asking = await Asking.About(gateway, OverMidnight);

        // It began before the range, and had the event within.
        Assert.Equal(1, await asking.Value("""{"date_from":"2026-01-15","date_to":"2026-01-15","series":[{"event":"purchase","math":"unique_sessions"}]}"""));
        Assert.Equal(1200, await asking.Value("""{"date_from":"2026-01-15","date_to":"2026-01-15","series":[{"event":"purchase","math":"max","property":"$session_duration"}]}"""));
        // It began within the range, and had the event after it.
        Assert.Equal(0, await asking.Value("""{"date_from":"2026-01-14","date_to":"2026-01-14","series":[{"event":"purchase","math":"unique_sessions"}]}"""));
        Assert.Null(await asking.Value("""{"date_from":"2026-01-14","date_to":"2026-01-14","series":[{"event":"purchase","math":"max","property":"$session_duration"}]}"""));
    }

    [Fact]
    public async Task A_formula_a_comparison_and_a_breakdown_use_the_time_of_the_event()
    {
        using Asking asking = await Asking.About(
            gateway,
            OverMidnight.With("purchase", 60),
            (OverMidnight with { Id = Guid.NewGuid(), EntryPathname = "/b", Events = [] }).With("purchase", 60).With("purchase", 61));

        JsonArray results = await asking.Query(
            """
            {"date_from":"2026-01-15","date_to":"2026-01-15","interval":"day","compare":true,
             "series":[{"event":"purchase","math":"total"},{"event":"purchase","math":"unique_sessions"}],"formula":"A / B",
             "breakdown":{"property":"$entry_pathname"}}
            """);

        Assert.Equal(
            // Only values of the range itself have a result of their own.
            "/a current 1, /a previous 1, $other current null, $other previous 2",
            string.Join(", ", results.Select(result =>
                $"{result!["breakdown_value"]} {result["compare"]} {result["value"]?.ToJsonString() ?? "null"}")));
    }

    [Fact]
    public async Task Breakdown_values_are_ranked_by_their_number_of_sessions()
    {
        using Asking asking = await Asking.About(
            gateway,
            OverMidnight.With("purchase", 60).With("purchase", 61).With("purchase", 62), // four times "/a", in one session
            (OverMidnight with { Id = Guid.NewGuid(), EntryPathname = "/b", Events = [] }).With("purchase"),
            (OverMidnight with { Id = Guid.NewGuid(), EntryPathname = "/b", Events = [] }).With("purchase"));

        foreach (string math in new[] { "\"unique_sessions\"", "\"avg\",\"property\":\"$session_duration\"" })
        {
            JsonArray results = await asking.Query(
                $$"""{"series":[{"event":"purchase","math":{{math}} }],"breakdown":{"property":"$entry_pathname","limit":1} }""");

            Assert.Equal("/b $other", string.Join(' ', results.Select(result => (string)result!["breakdown_value"]!)));
        }
    }

    [Fact]
    public async Task All_event_filters_apply_to_the_counted_event()
    {
        using Asking asking = await Asking.About(
            gateway,
            (OverMidnight with { Events = [] }).With("purchase", 60, null, ("plan", "free")).With("purchase", 900, null, ("plan", "pro")));

        Assert.Equal("0 1 | 1", await Summary(asking, "unique_sessions", filters: """[{"key":"plan","type":"event","operator":"exact","value":"pro"}]"""));
        Assert.Equal("0 0 | 0", await Summary(asking, "unique_sessions", filters: """[{"key":"$session_duration","operator":"lt","value":1200}]"""));
        Assert.Equal("null 1200 | 1200", await Summary(asking, "max", "$session_duration", """[{"key":"plan","type":"event","operator":"is_not","value":"free"}]"""));
    }

    private static async Task<string> Summary(Asking asking, string math, string? property = null, string filters = "[]")
    {
        JsonNode result = Assert.Single(await asking.Query(new JsonObject
        {
            ["date_from"] = "2026-01-14",
            ["date_to"] = "2026-01-15",
            ["interval"] = "day",
            ["series"] = new JsonArray(new JsonObject { ["event"] = "purchase", ["math"] = math, ["property"] = property }),
            ["filters"] = JsonNode.Parse(filters),
        }.ToJsonString()))!;
        return $"{string.Join(' ', result["data"]!.AsArray().Select(Shown))} | {Shown(result["value"])}";
    }

    private static string Shown(JsonNode? number) => number?.ToJsonString() ?? "null";

    private static string Points(JsonNode result, string zone) => string.Join(", ", result["labels"]!.AsArray().Zip(
        result["data"]!.AsArray(),
        (label, point) => $"{TimeZoneInfo.ConvertTime(label!.GetValue<DateTimeOffset>(), TimeZoneInfo.FindSystemTimeZoneById(zone)):yyyy-MM-dd} {point}"));
}
