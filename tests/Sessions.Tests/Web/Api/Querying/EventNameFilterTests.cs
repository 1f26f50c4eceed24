using System.Text.Json.Nodes;
using Npgsql;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>
/// A filter for sessions that have an event of a name is answered from the names in the sessions' rows where these decide, and
/// else from the events: the answer is the same.
/// </summary>
public sealed class EventNameFilterTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    // Older versions stored names that are longer than the longest of today.
    private static readonly string Long = string.Concat(Enumerable.Repeat("long-name-", 25));

    [Theory]
    [InlineData("exact", "\"signup\"", "1")]
    [InlineData("exact", "\"buy\"", "1 2")]
    [InlineData("in", """["signup","$pageview"]""", "1 3")]
    [InlineData("exact", "\"x\"", "")]
    public async Task A_row_with_few_names_decides(string comparison, string value, string expected)
    {
        using Asking asking = await AskAbout();

        Assert.Equal(expected, await Found(asking, comparison, value));
    }

    [Theory]
    [InlineData("event_names = null")] // an older version wrote the row
    [InlineData("event_names = array['buy'], status = 'live', end_reason = null")] // the row is behind the session's events
    [InlineData("event_names = array(select 'first ' || i from generate_series(1, 200) i)")] // the list is full
    public async Task A_row_that_may_lack_a_name_does_not_decide(string row)
    {
        using Asking asking = await AskAbout();
        await Update(asking, row);

        Assert.Equal("1", await Found(asking, "exact", "\"signup\""));
        Assert.Equal("1 3", await Found(asking, "in", """["signup","$pageview"]"""));
        Assert.Equal("", await Found(asking, "exact", "\"x\""));
    }

    [Fact]
    public async Task The_row_decides_when_its_names_are_all_that_the_session_has()
    {
        using Asking asking = await AskAbout();
        await Update(asking, "event_names = array['of the row']");

        Assert.Equal("1 2 3", await Found(asking, "exact", "\"of the row\""));
        Assert.Equal("", await Found(asking, "exact", "\"signup\""));
    }

    [Fact]
    public async Task A_name_that_the_row_has_cut_is_found()
    {
        using Asking asking = await Asking.About(gateway, Session(1).With(Long), Session(2).With(Long[..200]), Session(3).With(Long[..199]));
        await Update(asking, $"event_names = array['{Long[..200]}']");

        Assert.Equal("1 2", await Found(asking, "exact", $"\"{Long}\"")); // as it is, and as capture stores it now
        Assert.Equal("2", await Found(asking, "exact", $"\"{Long[..200]}\""));
        Assert.Equal("3", await Found(asking, "exact", $"\"{Long[..199]}\""));
    }

    private Task<Asking> AskAbout() => Asking.About(
        gateway,
        Session(1).With("buy").With("signup", 1),
        Session(2).With("buy"),
        Session(3).With("$pageview"));

    private async Task Update(Asking asking, string row)
    {
        await using NpgsqlCommand update = gateway.Database.CreateCommand($"update tracking.sessions set {row} where project = $1");
        update.Parameters.AddWithValue(asking.Project);
        await update.ExecuteNonQueryAsync();
    }

    private static async Task<string> Found(Asking asking, string comparison, string value)
    {
        string filters = new JsonArray(new JsonObject
        {
            ["key"] = "event",
            ["type"] = "event",
            ["operator"] = comparison,
            ["value"] = JsonNode.Parse(value),
        }).ToJsonString();
        JsonNode page = JsonNode.Parse(await asking.Program.GetStringAsync(
            $"/api/sessions?order=$event_count&filters={Uri.EscapeDataString(filters)}"))!;
        return string.Join(' ', page["results"]!.AsArray().Select(session => (int)session!["$event_count"]!));
    }

    private static StoredSession Session(int number) => new() { Start = Noon, EventCount = number, Seconds = 3 };
}
