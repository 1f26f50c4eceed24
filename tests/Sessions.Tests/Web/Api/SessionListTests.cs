using System.Net;
using System.Text.Json.Nodes;

namespace Sessions.Tests.Web.Api;

public sealed class SessionListTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Theory]
    [InlineData("$start_timestamp")]
    [InlineData("-$start_timestamp")]
    [InlineData("$session_id")]
    [InlineData("-$session_id")]
    [InlineData("$session_duration")]
    [InlineData("-$session_duration")]
    [InlineData("$entry_utm_source")]
    [InlineData("-$entry_utm_source")]
    [InlineData("$is_bounce")]
    [InlineData("-$is_bounce")]
    [InlineData("$event_count")]
    [InlineData("-status")]
    public async Task Paging_loses_no_session_over_ties_and_absent_values(string order)
    {
        string[] sources = ["ads", "mail", "news"];
        for (int i = 0; i < 24; i++)
        {
            await gateway.Database.AddSession(
                gateway.Ours.Id,
                SampleSessions.Noon.AddSeconds(i % 5),
                seconds: i % 3 * 1.5,
                source: i % 4 == 3 ? null : sources[i % 4],
                isBounce: (i % 3) switch { 0 => null, 1 => true, _ => false },
                events: i % 2 + 1);
        }

        JsonArray all = (await Get("limit=1000"))["results"]!.AsArray();
        string[] expected = Sorted(all, order).Select(Id).ToArray();

        List<string> paged = [];
        string? cursor = null;
        do
        {
            JsonNode page = await Get($"order={Uri.EscapeDataString(order)}&limit=5&cursor={cursor}");
            paged.AddRange(page["results"]!.AsArray().Select(session => Id(session!)));
            cursor = (string?)page["next"];
        }
        while (cursor is not null);

        Assert.Equal(expected, paged);
    }

    [Theory]
    [InlineData("date_from=2025-06-02", "2 3")]
    [InlineData("date_from=2025-06-01T00:00:00.001Z", "2 3")]
    [InlineData("date_from=2025-06-01&date_to=2025-06-01", "1")] // a whole day is in
    [InlineData("date_to=2025-06-02", "1 2")]
    [InlineData("date_to=2025-06-02T23:59:59.999Z", "1")] // a time is not
    [InlineData("date_to=2025-06-03T00:00:00Z", "1 2")]
    [InlineData("date_from=all&date_to=2025-07-01", "1 2 3")]
    [InlineData("date_from=2025-07-01&date_to=2025-01-01", "")]
    public async Task The_date_range_applies_to_the_start_of_a_session(string dates, string expected)
    {
        (HttpClient program, string project) = NewProject();
        await gateway.Database.AddSession(project, new DateTimeOffset(2025, 6, 1, 0, 0, 0, TimeSpan.Zero), events: 1);
        await gateway.Database.AddSession(
            project, new DateTimeOffset(2025, 6, 2, 23, 59, 59, 999, TimeSpan.Zero), events: 2);
        await gateway.Database.AddSession(project, new DateTimeOffset(2025, 6, 3, 0, 0, 0, TimeSpan.Zero), events: 3);

        JsonNode page = await Get($"{dates}&order=$event_count", program);

        Assert.Equal(expected, string.Join(' ', page["results"]!.AsArray().Select(session => (int)session!["$event_count"]!)));
    }

    [Theory]
    [InlineData("$entry_utm_source", "exact", "\"ads\"", "1")]
    [InlineData("$entry_utm_source", "exact", "\"Ads\"", "")] // case counts
    [InlineData("$entry_utm_source", "exact", "[\"ads\",\"Mail\"]", "1 2")]
    [InlineData("$entry_utm_source", "is_not", "\"ads\"", "2 3")] // absent is not ads
    [InlineData("$entry_utm_source", "in", "[\"ads\"]", "1")]
    [InlineData("$entry_utm_source", "not_in", "[\"ads\"]", "2 3")]
    [InlineData("$entry_utm_source", "icontains", "\"MAI\"", "2")]
    [InlineData("$entry_utm_source", "icontains", "\"%\"", "")] // no wildcard
    [InlineData("$entry_utm_source", "not_icontains", "\"mai\"", "1 3")] // absent does not contain it
    [InlineData("$entry_utm_source", "regex", "\"^a\"", "1")]
    [InlineData("$entry_utm_source", "not_regex", "\"^a\"", "2 3")]
    [InlineData("$entry_utm_source", "is_set", "null", "1 2")]
    [InlineData("$entry_utm_source", "is_not_set", "null", "3")]
    [InlineData("$session_duration", "gt", "1.5", "2 3")]
    [InlineData("$session_duration", "gte", "\"1.5\"", "1 2 3")]
    [InlineData("$session_duration", "lt", "3", "1")]
    [InlineData("$session_duration", "lte", "3", "1 2")]
    [InlineData("$session_duration", "between", "[1.5,3]", "1 2")]
    [InlineData("$is_bounce", "exact", "true", "1")]
    [InlineData("$start_timestamp", "gte", "\"2026-01-15T12:02:00Z\"", "2 3")]
    public async Task A_filter_selects_the_matching_sessions(
        string key, string comparison, string value, string expected)
    {
        (HttpClient program, string project) = NewProject();
        await gateway.Database.AddSession(project, SampleSessions.Noon.AddMinutes(1), 1.5, "ads", isBounce: true, events: 1);
        await gateway.Database.AddSession(project, SampleSessions.Noon.AddMinutes(2), 3, "Mail", isBounce: false, events: 2);
        await gateway.Database.AddSession(project, SampleSessions.Noon.AddMinutes(3), 4.5, events: 3);

        string filters = $$"""[{"key":"{{key}}","type":"session","operator":"{{comparison}}","value":{{value}}}]""";
        JsonNode page = await Get($"filters={Uri.EscapeDataString(filters)}&order=$event_count", program);

        Assert.Equal(expected, string.Join(' ', page["results"]!.AsArray().Select(session => (int)session!["$event_count"]!)));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("limit=many", "limit")]
    [InlineData("date_from=soon", "date_from")]
    [InlineData("date_to=2026-13-01", "date_to")]
    [InlineData("order=nothing", "order")]
    [InlineData("order=-", "order")]
    [InlineData("cursor=nothing", "cursor")]
    [InlineData("cursor=%00", "cursor")]
    [InlineData("cursor=bnVsbA", "cursor")] // JSON, but no list
    [InlineData("filters={}", "filters")]
    [InlineData("filters=[", "filters")]
    [InlineData("filters=[1]", "filters[0]")]
    [InlineData("filters=[{\"key\":\"nothing\"}]", "filters[0].key")]
    [InlineData("filters=[{\"key\":\"status\",\"operator\":\"like\",\"value\":\"x\"}]", "filters[0].operator")]
    [InlineData("filters=[{\"key\":\"status\",\"operator\":\"exact\"}]", "filters[0].value")]
    [InlineData("filters=[{\"key\":\"status\",\"operator\":\"exact\",\"value\":\"\\ud800\"}]", "filters")]
    [InlineData("filters=[{\"key\":\"$event_count\",\"operator\":\"gt\",\"value\":\"x\"}]", "filters[0].value")]
    [InlineData("filters=[{\"key\":\"$event_count\",\"operator\":\"between\",\"value\":[1]}]", "filters[0].value")]
    [InlineData("filters=[{\"key\":\"status\",\"operator\":\"regex\",\"value\":\"(\"}]", "filters")]
    public async Task A_wrong_parameter_of_the_list_is_named_in_the_error(string query, string field)
    {
        using HttpClient program = gateway.Program(gateway.Ours.ApiKey);
        int at = query.IndexOf('=', StringComparison.Ordinal);
        string encoded = query.StartsWith("cursor", StringComparison.Ordinal)
            ? query
            : query[..(at + 1)] + Uri.EscapeDataString(query[(at + 1)..]);
        using HttpResponseMessage answer = await program.GetAsync($"/api/sessions?{encoded}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        JsonNode problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal(field, (string?)problem["field"]);
    }

    [Fact]
    public async Task A_cursor_of_another_sort_order_is_refused()
    {
        (HttpClient program, string project) = NewProject();
        await gateway.Database.AddSession(project, SampleSessions.Noon);
        await gateway.Database.AddSession(project, SampleSessions.Noon);
        string cursor = (string)(await Get("limit=1", program))["next"]!;

        using HttpResponseMessage answer = await program.GetAsync($"/api/sessions?limit=1&order=$event_count&cursor={cursor}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private static IEnumerable<JsonNode> Sorted(JsonArray sessions, string order)
    {
        bool descending = order[0] == '-';
        string property = order.TrimStart('-');
        Comparison<JsonNode> compare = (one, other) =>
        {
            (IComparable? a, IComparable? b) = (Value(one[property]), Value(other[property]));
            int byValue = (a, b) switch
            {
                (null, null) => 0,
                (null, _) => 1,
                (_, null) => -1,
                _ => descending ? b.CompareTo(a) : a.CompareTo(b),
            };
            return byValue != 0 ? byValue : string.CompareOrdinal(Id(one), Id(other));
        };
        return sessions.Select(session => session!).Order(Comparer<JsonNode>.Create(compare));
    }

    private static IComparable? Value(JsonNode? value) => value?.GetValueKind() switch
    {
        null => null,
        System.Text.Json.JsonValueKind.Number => (decimal)value!,
        System.Text.Json.JsonValueKind.String => new Ordinal((string)value!),
        var kind => kind == System.Text.Json.JsonValueKind.True,
    };

    private static string Id(JsonNode session) => (string)session["$session_id"]!;

    private async Task<JsonNode> Get(string query, HttpClient? program = null)
    {
        program ??= gateway.Program(gateway.Ours.ApiKey);
        return JsonNode.Parse(await program.GetStringAsync($"/api/sessions?{query}"))!;
    }

    private (HttpClient Program, string Project) NewProject()
    {
        TestGateway.Project project = gateway.NextProject();
        return (gateway.Program(project.ApiKey), project.Id);
    }

    private sealed record Ordinal(string Text) : IComparable
    {
        public int CompareTo(object? obj) => string.CompareOrdinal(Text, ((Ordinal)obj!).Text);
    }
}
