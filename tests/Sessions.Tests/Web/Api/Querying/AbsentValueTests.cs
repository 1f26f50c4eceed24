using System.Text.Json.Nodes;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>
/// A filter on an absent value: an operator that negates (does not contain, match or equal) matches it, as
/// <c>is_not_set</c> does, and no other operator does. That holds for properties of sessions and of events, and
/// wherever there are filters.
/// </summary>
public sealed class AbsentValueTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private const string Present = "present";
    private const string Absent = "absent";

    [Theory]
    [InlineData("is_not", "\"x\"", true)]
    [InlineData("is_not", "[\"x\",\"y\"]", true)]
    [InlineData("not_in", "[\"x\"]", true)]
    [InlineData("not_icontains", "\"x\"", true)]
    [InlineData("not_icontains", "\"\"", true)] // everything that is there contains nothing
    [InlineData("not_regex", "\"x\"", true)]
    [InlineData("is_not_set", "null", true)]
    [InlineData("exact", "\"x\"", false)]
    [InlineData("exact", "\"\"", false)]
    [InlineData("in", "[\"x\",\"\"]", false)]
    [InlineData("icontains", "\"\"", false)]
    [InlineData("regex", "\".*\"", false)]
    [InlineData("gt", "\"\"", false)]
    [InlineData("gte", "\"\"", false)]
    [InlineData("lt", "\"zzz\"", false)]
    [InlineData("lte", "\"zzz\"", false)]
    [InlineData("between", "[\"\",\"zzz\"]", false)]
    [InlineData("is_set", "null", false)]
    public async Task An_absent_value_matches_negating_operators_only(string comparison, string value, bool isTaken)
    {
        using Asking asking = await Asking.About(
            gateway,
            (Session(Present) with { UtmSource = "News" }).With("buy", 0, null, ("plan", "Pro")),
            Session(Absent).With("buy"));
        string onSession = Filters("$entry_utm_source", "session", comparison, value);
        string onEvent = Filters("plan", "event", comparison, value);

        foreach (string filters in new[] { onSession, onEvent })
        {
            Assert.Equal(isTaken, (await Listed(asking, filters)).Contains(Absent));
            Assert.Equal(isTaken, (await asking.Program.GetStringAsync($"/api/export/events?filters={filters}")).Contains(Absent, StringComparison.Ordinal));
            Assert.Equal(isTaken, (await asking.Program.GetStringAsync($"/api/export/sessions?filters={filters}")).Contains(Absent, StringComparison.Ordinal));
            Assert.Equal(isTaken, (await asking.Program.GetStringAsync($"/api/web-analytics/entry_path?filters={filters}")).Contains(Absent, StringComparison.Ordinal));
            Assert.Equal(isTaken, (await Groups(asking, null, filters)).Contains(Absent));
            Assert.Equal(isTaken, (await Groups(asking, "buy", filters)).Contains(Absent));
        }
    }

    [Theory]
    [InlineData("$is_bounce", "is_not", "true", true)]
    [InlineData("$is_bounce", "exact", "false", false)]
    [InlineData("$replay_duration", "not_in", "[1,2]", true)]
    [InlineData("$replay_duration", "lt", "1e9", false)]
    [InlineData("$replay_start", "is_not", "\"2026-01-15\"", true)]
    [InlineData("$replay_start", "not_icontains", "\"2026\"", true)]
    [InlineData("$replay_start", "lt", "\"2999-01-01\"", false)]
    public async Task An_absent_value_of_every_type_matches_negating_operators_only(
        string key, string comparison, string value, bool isTaken)
    {
        using Asking asking = await Asking.About(gateway, Session(Absent));

        Assert.Equal(isTaken ? [Absent] : [], await Listed(asking, Filters(key, "session", comparison, value)));
    }

    [Fact]
    public async Task A_null_value_and_a_filter_for_a_number_follow_the_same_rule()
    {
        using Asking asking = await Asking.About(
            gateway, Session("null").With("buy", 0, null, ("price", null)), Session("text").With("buy", 0, null, ("price", "a lot")));

        Assert.Equal(["null", "text"], await Listed(asking, Filters("price", "event", "is_not", "7")));
        Assert.Equal(["null", "text"], await Listed(asking, Filters("price", "event", "not_in", "[7,\"x\"]")));
        Assert.Equal(["null", "text"], await Listed(asking, Filters("price", "event", "not_icontains", "7")));
        Assert.Empty(await Listed(asking, Filters("price", "event", "lt", "7")));
    }

    private static async Task<string[]> Listed(Asking asking, string filters)
    {
        JsonNode page = JsonNode.Parse(await asking.Program.GetStringAsync($"/api/sessions?order=distinct_id&filters={filters}"))!;
        return [.. page["results"]!.AsArray().Select(session => (string)session!["distinct_id"]!)];
    }

    private static async Task<string[]> Groups(Asking asking, string? happened, string filters)
    {
        JsonArray results = await asking.Query(new JsonObject
        {
            ["series"] = new JsonArray(new JsonObject { ["event"] = happened, ["math"] = "total" }),
            ["filters"] = JsonNode.Parse(Uri.UnescapeDataString(filters)),
            ["breakdown"] = new JsonObject { ["property"] = "distinct_id" },
        }.ToJsonString());
        return [.. results.Select(result => (string)result!["breakdown_value"]!)];
    }

    private static string Filters(string key, string type, string comparison, string value) => Uri.EscapeDataString(
        $$"""[{"key":"{{key}}","type":"{{type}}","operator":"{{comparison}}","value":{{value}}}]""");

    private static StoredSession Session(string name) => new() { Start = Noon, DistinctId = name, EntryPathname = $"/{name}" };
}
