using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sessions.Queries;
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
        HttpContext context, PageContextFactory contexts, QueryAnswers answers, SessionQueries sessions, CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        PageQuery query = PageQuery.Of(context.Request);
        PageRange range = PageRange.Of(query, pageContext);
        bool compare = range.Asked != PageRange.AllTime && query["compare"] != "off";
        IReadOnlyList<FilterRow> filters = FilterRows.Read(query);
        Metric shown = Metric.All.FirstOrDefault(metric => metric.Id == query["metric"]) ?? Metric.All[0];
        QueryJson numbers = new()
        {
            DateFrom = range.From,
            DateTo = range.To,
            Interval = range.Interval,
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
            ? await answers.Answer(pageContext, range, all, cancellation)
            : await Task.WhenAll(all.Select(one => answers.Answer(pageContext, range, one, cancellation)));
        OverviewView view = new(
            query,
            range,
            compare,
            filters,
            shown,
            outcomes[0],
            [.. TopTable.All.Zip(outcomes.Skip(1), (table, outcome) => new TopTable(table.Title, table.Property, outcome))],
            HasData: true);
        if (view.Answer.Fault is null && view.IsEmpty && !await sessions.HasAny(pageContext.Project, cancellation))
        {
            view = view with { HasData = false };
        }

        return new RazorComponentResult<OverviewPage>(new { PageContext = pageContext, View = view });
    }

    private static async Task<RazorComponentResult<ExplorePage>> Explore(
        HttpContext context, PageContextFactory contexts, QueryAnswers answers, SessionQueries sessions, CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        PageQuery query = PageQuery.Of(context.Request);
        PageRange range = PageRange.Of(query, pageContext);
        ExploreState state = ExploreState.Of(query, range);
        Outcome<QueryResult> outcome = await answers.Answer(pageContext, range, state.Form, cancellation);
        ExploreView view = new(state, outcome, HasData: true);
        if (outcome.Fault is null && view.IsEmpty && !await sessions.HasAny(pageContext.Project, cancellation))
        {
            view = view with { HasData = false };
        }

        return new RazorComponentResult<ExplorePage>(new { PageContext = pageContext, View = view });
    }
}
