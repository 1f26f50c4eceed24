using Npgsql;
using Sessions.Database;
using Sessions.Queries;
using Sessions.Queries.Aggregates;
using Sessions.Queries.Engines;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>The tables of pages and of events, compared with another range: columns and Postgres have the same rows.</summary>
public sealed class ComparedTablesTests(FileColumnsGateway gateway) : IClassFixture<FileColumnsGateway>
{
    private static readonly StatementLimits Limits = new(TimeSpan.FromSeconds(30), 4);

    [Theory]
    // Days from the first session on: the range, and the one to compare with.
    [InlineData(10, 20, 0, 10, 3)]
    [InlineData(10, 20, 0, 10, 100)]
    [InlineData(8, 14, 2, 4, 3)]
    [InlineData(0, 6, 10, 20, 3)]
    [InlineData(5, 15, 3, 9, 3)]
    [InlineData(5, 15, 5, 15, 3)]
    [InlineData(0, 20, 500, 501, 3)]
    [InlineData(500, 501, 0, 20, 3)]
    public async Task Both_engines_have_the_same_rows_now_and_before(int from, int to, int fromBefore, int toBefore, int limit)
    {
        RandomQueries random = new(11);
        string?[] paths = ["/", "/a", "/b", "/c", null];
        using Asking asking = await Asking.About(
            gateway,
            [
                .. random.Sessions(150).Select((session, place) => Enumerable.Range(0, place % 5).Aggregate(
                    session,
                    (seen, view) => seen.With(
                        view == 3 ? "$screen" : "$pageview",
                        60 + (view * 1.5) + (place * 1e-3),
                        (place + view) % 7 == 0 ? "null" : (place * view) % 11 == 1 ? $"other-{place % 9}" : null,
                        ("$pathname", view == 1 && place % 3 == 0 ? session.EntryPathname : paths[(place + view) % paths.Length])))),
            ]);
        await using (NpgsqlCommand late = gateway.Database.CreateCommand(
            "delete from tracking.sessions where (project, session_id) in (select project, session_id from tracking.sessions where project = $1 order by session_id limit 15)"))
        {
            // Their rows come later than their events.
            late.Parameters.AddWithValue(asking.Project);
            await late.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        TableQuery table = new(Range(from, to), limit, Range(fromBefore, toBefore));

        (TableResult<WebRow> pages, TableResult<WebEventRow> events) = await Found(new QueryEngines(Source, gateway.Service<ColumnsEngine>()));
        (TableResult<WebRow> rightPages, TableResult<WebEventRow> rightEvents) = await Found(new QueryEngines(Source));

        Assert.Equal(rightPages.Rows, pages.Rows);
        Assert.Equal(InOrder(rightPages.Before), InOrder(pages.Before));
        Assert.Equal(rightEvents.Rows, events.Rows);
        Assert.Equal(rightEvents.Before, events.Before);
        Assert.Equal(from < 500, pages.Rows.Count > 1 && events.Rows.Count > 1);

        WebRange Range(int begin, int end) => new(asking.Project, RandomQueries.First.AddDays(begin), RandomQueries.First.AddDays(end), []);

        async Task<(TableResult<WebRow>, TableResult<WebEventRow>)> Found(QueryEngines engines)
        {
            WebAnalytics analytics = new(engines);
            return (
                await analytics.GetPages(table, [], Limits, TestContext.Current.CancellationToken),
                await analytics.GetEvents(table, Limits, TestContext.Current.CancellationToken));
        }
    }

    private QueryDataSource Source => gateway.Service<QueryDataSource>();

    private static IEnumerable<WebRow> InOrder(IEnumerable<WebRow> rows) => rows.OrderBy(row => row.Value, StringComparer.Ordinal);
}
