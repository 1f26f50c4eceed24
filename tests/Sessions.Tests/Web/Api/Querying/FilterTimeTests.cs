using System.Net;
using System.Text.Json.Nodes;

namespace Sessions.Tests.Web.Api.Querying;

/// <inheritdoc/>
public sealed class FilterTimeTests(TestGateway gateway) : FilterTime<TestGateway>(gateway);

/// <summary>The same, answered from columns.</summary>
public sealed class FilterTimeOfColumnsTests(ColumnsGateway gateway) : FilterTime<ColumnsGateway>(gateway);

/// <summary>
/// A time without an offset. In a filter it is read in the query's time zone, as the query's dates are, or else in the
/// project's. A date is its midnight there. A local time that the clocks skip is the moment of the change; one that
/// they show twice is the first.
/// </summary>
public abstract class FilterTime<TGateway>(TGateway gateway) : IClassFixture<TGateway>
    where TGateway : TestGateway
{
    private const string Berlin = "Europe/Berlin";

    [Theory]
    [InlineData("gte", "\"2026-01-15T12:00:00\"", "11:00 12:00")] // 11:00 in UTC
    [InlineData("gt", "\"2026-01-15T12:00\"", "12:00")]
    [InlineData("lt", "\"2026-01-15T12:00:00.000\"", "23:00 10:59")]
    [InlineData("lte", "\"2026-01-15T12:00:00\"", "23:00 10:59 11:00")]
    [InlineData("exact", "\"2026-01-15T12:00:00\"", "11:00")]
    [InlineData("is_not", "\"2026-01-15T12:00:00\"", "23:00 10:59 12:00")]
    [InlineData("in", "[\"2026-01-15T12:00:00\",\"2026-01-15T13:00:00\"]", "11:00 12:00")]
    [InlineData("not_in", "[\"2026-01-15T12:00:00\",\"2026-01-15T13:00:00\"]", "23:00 10:59")]
    [InlineData("between", "[\"2026-01-15T11:59:00\",\"2026-01-15T12:00:00\"]", "10:59 11:00")]
    [InlineData("gte", "\"2026-01-15T12:00:00Z\"", "12:00")] // an offset says it all
    [InlineData("gte", "\"2026-01-15T12:00:00+01:00\"", "11:00 12:00")]
    [InlineData("gte", "\"2026-01-15\"", "23:00 10:59 11:00 12:00")] // a date is its midnight
    [InlineData("gt", "\"2026-01-15\"", "10:59 11:00 12:00")]
    [InlineData("exact", "\"2026-01-15\"", "23:00")]
    [InlineData("in", "[\"2026-01-14\",\"2026-01-15\"]", "23:00")]
    [InlineData("is_not", "\"2026-01-15\"", "10:59 11:00 12:00")]
    [InlineData("lte", "\"2026-01-15\"", "23:00")]
    [InlineData("between", "[\"2026-01-14\",\"2026-01-15\"]", "23:00")]
    public async Task A_time_without_an_offset_is_read_in_the_querys_time_zone(
        string comparison, string value, string expected)
    {
        using Asking asking = await Asking.About(
            gateway, At("2026-01-14T23:00Z"), At("2026-01-15T10:59Z"), At("2026-01-15T11:00Z"), At("2026-01-15T12:00Z"));

        await FoundEverywhere(asking, "$start_timestamp", "session", comparison, value, Berlin, expected);
        await FoundEverywhere(asking, "timestamp", "event", comparison, value, Berlin, expected);
    }

    [Theory]
    // Clocks leap from 2:00 to 3:00 at 1:00 UTC: what they never show is when they leap.
    [InlineData(Berlin, "2026-03-29T02:30", "2026-03-29T01:00Z")]
    [InlineData(Berlin, "2026-03-29T02:00", "2026-03-29T01:00Z")]
    [InlineData(Berlin, "2026-03-29T03:00", "2026-03-29T01:00Z")]
    // Clocks show 2:00 to 3:00 twice: the first time counts.
    [InlineData(Berlin, "2026-10-25T02:30", "2026-10-25T00:30Z")]
    [InlineData(Berlin, "2026-10-25T03:00", "2026-10-25T02:00Z")]
    // A day without a midnight begins when it begins.
    [InlineData("Africa/Cairo", "2026-04-24", "2026-04-23T22:00Z")]
    [InlineData("Asia/Kolkata", "2026-01-15", "2026-01-14T18:30Z")]
    [InlineData("America/New_York", "2026-01-15T00:00", "2026-01-15T05:00Z")]
    public async Task A_skipped_or_repeated_local_time_is_read_as_one_instant(string zone, string value, string moment)
    {
        DateTimeOffset at = Time(moment);
        using Asking asking = await Asking.About(
            gateway,
            new StoredSession { Start = at, DistinctId = "at" },
            new StoredSession { Start = at.AddMicroseconds(-1), DistinctId = "before" },
            new StoredSession { Start = at.AddHours(1), DistinctId = "later" });

        Assert.Equal(["at"], await Listed(asking, "$start_timestamp", "session", "exact", $"\"{value}\"", zone));
        Assert.Equal(["before"], await Listed(asking, "$start_timestamp", "session", "lt", $"\"{value}\"", zone));
    }

    [Fact]
    public async Task A_query_without_a_time_zone_uses_the_projects()
    {
        using Asking asking = await Asking.About(gateway, At("2026-01-15T11:00Z"), At("2026-01-15T12:00Z"));
        using HttpResponseMessage set = await asking.Program.PutAsync(
            "/api/project", new StringContent("""{"timezone":"Europe/Berlin"}"""));
        Assert.Equal(HttpStatusCode.OK, set.StatusCode);

        await FoundEverywhere(asking, "$start_timestamp", "session", "exact", "\"2026-01-15T12:00\"", zone: null, "11:00");
        await FoundEverywhere(asking, "$start_timestamp", "session", "exact", "\"2026-01-15T12:00\"", "UTC", "12:00");
    }

    [Theory]
    [InlineData("2026-02-30")]
    [InlineData("2026-1-5")]
    [InlineData("15.01.2026")]
    [InlineData("today")]
    [InlineData("")]
    public async Task A_filter_value_that_is_not_a_time_is_refused(string value)
    {
        using Asking asking = await Asking.About(gateway);

        Assert.Equal("filters[0].value", await asking.WrongField(
            $$"""{"series":[{"event":null}],"filters":[{"key":"$start_timestamp","operator":"gt","value":"{{value}}"}]}"""));
    }

    private static async Task FoundEverywhere(
        Asking asking, string key, string type, string comparison, string value, string? zone, string expected)
    {
        string filters = Uri.EscapeDataString(Filters(key, type, comparison, value));
        string and = zone is null ? "" : $"&timezone={zone}";

        Assert.Equal(expected, string.Join(' ', await Listed(asking, key, type, comparison, value, zone)));
        Assert.Equal(expected, string.Join(' ', Exported(await asking.Program.GetStringAsync($"/api/export/sessions?filters={filters}{and}"))));
        Assert.Equal(
            expected.Split(' ').Order(),
            Exported(await asking.Program.GetStringAsync($"/api/export/events?filters={filters}{and}")).Order());
        Assert.Equal(expected.Split(' ').Length, await asking.Value(Query(null)));
        Assert.Equal(expected.Split(' ').Length, await asking.Value(Query("e")));
        JsonNode tiles = JsonNode.Parse(await asking.Program.GetStringAsync($"/api/web-analytics/overview?filters={filters}{and}"))!;
        Assert.Equal(expected.Split(' ').Length, (int)tiles["results"]![2]!["value"]!);

        string Query(string? happened) => new JsonObject
        {
            ["timezone"] = zone,
            ["series"] = new JsonArray(new JsonObject
            {
                ["event"] = happened,
                ["filters"] = JsonNode.Parse(Filters(key, type, comparison, value)),
            }),
        }.ToJsonString();
    }

    private static async Task<string[]> Listed(Asking asking, string key, string type, string comparison, string value, string? zone)
    {
        JsonNode page = JsonNode.Parse(await asking.Program.GetStringAsync(
            $"/api/sessions?order=$start_timestamp&filters={Uri.EscapeDataString(Filters(key, type, comparison, value))}"
            + (zone is null ? "" : $"&timezone={zone}")))!;
        return [.. page["results"]!.AsArray().Select(session => (string)session!["distinct_id"]!)];
    }

    private static IEnumerable<string> Exported(string lines) =>
        lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (string)JsonNode.Parse(line)!["distinct_id"]!);

    private static string Filters(string key, string type, string comparison, string value) =>
        $$"""[{"key":"{{key}}","type":"{{type}}","operator":"{{comparison}}","value":{{value}}}]""";

    /// <summary>A session of that time with one event, named after the time.</summary>
    private static StoredSession At(string time) =>
        new StoredSession { Start = Time(time), DistinctId = time[11..16] }.With("e");

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
