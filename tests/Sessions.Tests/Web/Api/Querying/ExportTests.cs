using System.Net;
using System.Text.Json.Nodes;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Api.Querying;

public sealed class ExportTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task Exported_sessions_are_lines_of_json_as_in_the_list()
    {
        using Asking asking = await Asking.About(
            gateway, new StoredSession { Start = Noon.AddHours(1), UtmSource = "a,\"b\"\n" }, new StoredSession { Start = Noon });

        string export = await asking.Program.GetStringAsync("/api/export/sessions?format=ndjson");

        string[] lines = export.TrimEnd('\n').Split('\n');
        JsonArray listed = JsonNode.Parse(await asking.Program.GetStringAsync("/api/sessions?order=$start_timestamp"))!["results"]!.AsArray();
        Assert.Equal(listed.Select(session => session!.ToJsonString()), lines.Select(line => JsonNode.Parse(line)!.ToJsonString()));
    }

    [Fact]
    public async Task Sessions_exported_as_csv_have_a_header_line()
    {
        using Asking asking = await Asking.About(
            gateway, new StoredSession { Start = Noon, Seconds = 1.5, UtmSource = "a,\"b\"", IsBounce = true }, new StoredSession { Start = Noon.AddDays(1) });

        string export = await asking.Program.GetStringAsync("/api/export/sessions?format=csv&date_to=2026-01-15");

        string[] lines = export.TrimEnd().Split("\r\n");
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("$session_id,$start_timestamp,$end_timestamp,$session_duration,", lines[0], StringComparison.Ordinal);
        Assert.Contains(",2026-01-15T12:00:00.000Z,2026-01-15T12:00:01.500Z,1.500,", lines[1], StringComparison.Ordinal);
        Assert.Contains(",\"a,\"\"b\"\"\",", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exported_events_can_be_filtered_by_their_own_and_by_their_sessions_properties()
    {
        using Asking asking = await Asking.About(
            gateway,
            new StoredSession { Start = Noon, UtmSource = "ads" }.With("buy", 0, null, ("price", 7)).With("buy", 1, null, ("price", 1)),
            new StoredSession { Start = Noon }.With("buy", 0, null, ("price", 9)));
        string filters = Uri.EscapeDataString(
            """[{"key":"$entry_utm_source","operator":"exact","value":"ads"},{"key":"price","type":"event","operator":"gt","value":5}]""");

        JsonNode one = JsonNode.Parse(await asking.Program.GetStringAsync($"/api/export/events?filters={filters}"))!;
        string csv = await asking.Program.GetStringAsync("/api/export/events?format=csv");

        Assert.Equal("""{"price":7}""", one["properties"]!.ToJsonString());
        Assert.Equal(4, csv.TrimEnd().Split("\r\n").Length);
        Assert.Contains(",\"{\"\"price\"\": 9}\"\r\n", csv, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_of_many_rows_is_complete()
    {
        using Asking asking = await Asking.About(
            gateway, [.. Enumerable.Range(0, 2000).Select(i => new StoredSession { Start = Noon.AddSeconds(i), EventCount = i })]);

        string export = await asking.Program.GetStringAsync("/api/export/sessions");

        Assert.Equal(
            Enumerable.Range(0, 2000),
            export.TrimEnd('\n').Split('\n').Select(line => (int)JsonNode.Parse(line)!["$event_count"]!));
    }

    [Theory]
    [InlineData("format=xml", "format")]
    [InlineData("date_from=soon", "date_from")]
    [InlineData("filters=[1]", "filters[0]")]
    [InlineData("filters=[{\"key\":\"status\",\"operator\":\"regex\",\"value\":\"(\"}]", "filters")]
    public async Task A_wrong_field_of_an_export_is_named_in_the_error(string query, string field)
    {
        using Asking asking = await Asking.About(gateway, new StoredSession { Start = Noon });

        using HttpResponseMessage answer = await asking.Program.GetAsync($"/api/export/sessions?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(field, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["field"]);
    }
}
