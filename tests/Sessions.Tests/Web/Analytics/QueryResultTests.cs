using System.Text;
using Microsoft.AspNetCore.Http;
using Sessions.Web.Analytics;
using Sessions.Web.Api;

namespace Sessions.Tests.Web.Analytics;

/// <summary>The result of a query as the API answers it, byte for byte.</summary>
public sealed class QueryResultTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_result_line_has_its_members_in_order_with_null_for_missing_values() => Assert.Equal(
        """
        {"results":[{"label":"<sign up>","breakdown_value":null,"compare":"current","data":[1,null,0.5],"labels":["2026-01-31T12:00:00Z","2026-01-31T12:00:00.25Z"],"value":null,"sessions_url":null,"sessions_urls":null}]}
        """.Trim(),
        await Json(new QueryResult([Line with { Points = [1, null, 0.5], Starts = [Noon, Noon.AddMilliseconds(250)] }])));

    [Fact]
    public async Task A_truncated_result_is_marked_after_the_results() =>
        Assert.Equal("""{"results":[],"truncated":true}""", await Json(new QueryResult([], IsCut: true)));

    [Theory]
    [MemberData(nameof(Groups))]
    public async Task A_breakdown_value_is_written_as_its_property_is_written_elsewhere(
        object group, string json, string text)
    {
        QueryLine line = Line with { Group = group, IsPrevious = true };

        Assert.Contains($"\"breakdown_value\":{json},\"compare\":\"previous\"", await Json(new QueryResult([line])), StringComparison.Ordinal);
        Assert.Equal(text, line.GroupText);
    }

    public static TheoryData<object, string, string> Groups => new()
    {
        { "Grüße & <b>", "\"Grüße & <b>\"", "Grüße & <b>" },
        { 7, "7", "7" },
        { 1.500m, "1.5", "1.5" },
        { true, "true", "true" },
        { Noon, "\"2026-01-31T12:00:00.000Z\"", "2026-01-31T12:00:00.000Z" },
        { Guid.Empty, "\"00000000-0000-0000-0000-000000000000\"", "00000000-0000-0000-0000-000000000000" },
    };

    private static QueryLine Line => new()
    {
        Label = "<sign up>",
        Group = null,
        IsPrevious = false,
        Points = [],
        Starts = [],
        Value = null,
    };

    private static async Task<string> Json(QueryResult result)
    {
        using MemoryStream body = new();
        DefaultHttpContext context = new() { Response = { Body = body } };
        await JsonAnswer.Of(result, QueryResultJson.Default.QueryResult).ExecuteAsync(context);
        return Encoding.UTF8.GetString(body.ToArray());
    }
}
