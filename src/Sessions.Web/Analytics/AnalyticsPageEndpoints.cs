using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sessions.Web.Api;
using Sessions.Web.Layout;

namespace Sessions.Web.Analytics;

/// <summary>The pages with queries over many sessions: the overview and the explorer.</summary>
internal static class AnalyticsPageEndpoints
{
    private const int RowsInTables = 8;

    public static void MapAnalyticsPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/", Overview);
        pages.MapGet("/explore", Explore);
    }

    private static async Task<RazorComponentResult<OverviewPage>> Overview(
        HttpContext context, PageContextFactory contexts, QueryAnswers answers, CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        PageQuery query = PageQuery.Of(context.Request);
        string from = query["date_from"] ?? pageContext.DefaultFrom;
        bool compare = from != "all" && query["compare"] != "off";
        IReadOnlyList<FilterRow> filters = FilterRows.Read(query);
        Metric shown = Metric.All.FirstOrDefault(metric => metric.Id == query["metric"]) ?? Metric.All[0];
        string interval = OverviewView.IntervalOf(from, query["date_to"]);
        QueryJson numbers = new()
        {
            DateFrom = from,
            DateTo = query["date_to"],
            Interval = interval,
            Series = Metric.AllSeries,
            Filters = FilterRows.ToJson(filters),
            Compare = compare,
        };
        QueryJson[] all =
        [
            numbers,
            .. TopTable.All.Select(table => numbers with
            {
                Interval = null,
                Series = TopTable.Series,
                Compare = false,
                Breakdown = new BreakdownJson(table.Property, Limit: RowsInTables),
            }),
        ];
        // Without filters the queries share the data that they read. With filters each one queries Postgres, so they
        // run in parallel.
        IReadOnlyList<Outcome<QueryResult>> outcomes = filters is []
            ? await answers.Answer(pageContext, all, cancellation)
            : await Task.WhenAll(all.Select(one => answers.Answer(pageContext, one, cancellation)));
        OverviewView view = new(
            query,
            from,
            interval,
            compare,
            filters,
            shown,
            outcomes[0],
            [.. TopTable.All.Zip(outcomes.Skip(1), (table, outcome) => new TopTable(table.Title, table.Property, outcome))]);
        return new RazorComponentResult<OverviewPage>(new { PageContext = pageContext, View = view });
    }

    private static async Task<RazorComponentResult<ExplorePage>> Explore(
        HttpContext context, PageContextFactory contexts, QueryAnswers answers, CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        ExploreState state = ExploreState.Of(PageQuery.Of(context.Request), pageContext.DefaultFrom);
        Outcome<QueryResult> outcome = await answers.Answer(pageContext, state.Form, cancellation);
        return new RazorComponentResult<ExplorePage>(new { PageContext = pageContext, View = new ExploreView(state, outcome) });
    }
}
