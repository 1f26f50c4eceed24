using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Sessions.Queries;
using Sessions.Web.Api;
using Sessions.Web.Layout;

namespace Sessions.Web.Analytics;

/// <summary>The pages with queries over many sessions: the overview and the explorer.</summary>
internal static class AnalyticsPageEndpoints
{
    private static readonly PageFields s_overview =
        new([.. PageFields.Carried, "compare", "compare_from", "compare_to", "metric", .. Card.All.Select(card => card.Id)]);

    private static readonly PageFields s_explore =
        new([.. PageFields.Carried, "compare", "event", "math", "property", ExploreFields.EventKey, "breakdown", ExploreFields.EventBreakdown, "bins", "formula", "interval", "chart"]);

    public static void MapAnalyticsPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/", Overview).WithMetadata(s_overview);
        pages.MapGet("/explore", Explore).WithMetadata(s_explore);
        pages.MapGet("/explore/csv", ExploreAsCsv).WithMetadata(s_explore);
    }

    private static async Task<RazorComponentResult<OverviewPage>> Overview(
        HttpContext context,
        PageContextFactory contexts,
        PageFilters pageFilters,
        CardTables cards,
        SessionQueries sessions,
        CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        PageQuery query = PageQuery.Of(context.Request);
        Comparison comparison = Comparison.Of(query, PageRange.Of(query, pageContext), pageContext);
        PageRange range = comparison.Range;
        query = query.Without(range.Ignored);
        IReadOnlyList<FilterRow> filters = await pageFilters.Read(query, pageContext, cancellation);
        Metric shown = Metric.All.FirstOrDefault(metric => metric.Id == query["metric"]) ?? Metric.All[0];
        QueryJson numbers = new()
        {
            DateFrom = range.From,
            DateTo = range.To,
            Interval = range.Interval,
            Series = Metric.AllSeries,
            Filters = FilterRows.ToJson(filters),
            Compare = comparison.IsOn,
            PointsOf = shown.Places,
        };
        Task<LiveSessions> online = sessions.GetLive(pageContext.Project, pageContext.Now - LiveSessions.ActiveFor, 1, cancellation);
        (Outcome<QueryResult> answer, IReadOnlyList<CardTable> tables) =
            await cards.Read(pageContext, range, numbers, [.. Card.All.Select(card => (card, card.Chosen(query)))], cancellation);
        OverviewView view = new(
            query,
            range,
            comparison,
            filters,
            shown,
            answer,
            tables,
            (await online).ActiveCount,
            HasData: true);
        if (view.Answer.Fault is null && view.IsEmpty && !await sessions.HasAny(pageContext.Project, cancellation))
        {
            view = view with { HasData = false };
        }

        return new RazorComponentResult<OverviewPage>(
            new { PageContext = pageContext.NotUnderstood([.. range.Faults, .. comparison.Faults, .. UnknownChoices(query)]), View = view });
    }

    private static IEnumerable<string> UnknownChoices(PageQuery query)
    {
        if (query["metric"] is { } metric && Metric.All.All(one => one.Id != metric))
        {
            yield return $"The chart can't show “{metric}”.";
        }

        foreach (Card card in Card.All.Where(card => query[card.Id] is { } tab && card.Tabs.All(one => one.Id != tab)))
        {
            yield return $"The card {card.Tabs[0].Title} has no tab “{query[card.Id]}”.";
        }
    }

    private static async Task<RazorComponentResult<ExplorePage>> Explore(
        HttpContext context, PageContextFactory contexts, PageFilters pageFilters, QueryAnswers answers, IOptions<QueryOptions> options, SessionQueries sessions,
        CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        PageQuery query = PageQuery.Of(context.Request);
        PageRange range = PageRange.Of(query, pageContext);
        ExploreState state = ExploreState.Of(query.Without(range.Ignored), range, await pageFilters.Read(query, pageContext, cancellation), options.Value);
        Outcome<QueryResult> outcome = await answers.Answer(pageContext, range, state.Form, cancellation);
        ExploreView view = new(state, outcome, HasData: true);
        if (outcome.Fault is null && view.IsEmpty && !await sessions.HasAny(pageContext.Project, cancellation))
        {
            view = view with { HasData = false };
        }

        return new RazorComponentResult<ExplorePage>(new { PageContext = pageContext.NotUnderstood(state.FaultsElsewhere), View = view });
    }

    /// <summary>
    /// The table of the explorer as a file: a line for each result, a column for each point. A file can't say what it did not
    /// understand, so there is none for an address with a fault.
    /// </summary>
    private static async Task<IResult> ExploreAsCsv(
        HttpContext context, PageContextFactory contexts, PageFilters pageFilters, QueryAnswers answers, IOptions<QueryOptions> options,
        CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        PageQuery query = PageQuery.Of(context.Request, "/explore");
        PageRange range = PageRange.Of(query, pageContext);
        ExploreState state = ExploreState.Of(query.Without(range.Ignored), range, await pageFilters.Read(query, pageContext, cancellation), options.Value);
        if (pageContext.NotUnderstood(state.AllFaults).AddressFaults is [_, ..] faults)
        {
            return PageAnswers.Trouble(
                StatusCodes.Status400BadRequest, "There is no file for this address.", string.Join(' ', faults), query.ToString(), "Open it in Explore");
        }

        Outcome<QueryResult> outcome = await answers.Answer(pageContext, range, state.Form, cancellation);
        if (outcome.Refusal is not null)
        {
            return outcome.Refusal;
        }

        context.Response.Headers.ContentDisposition = "attachment; filename=\"explore.csv\"";
        return TypedResults.Text(ExploreCsv.Of(new ExploreView(state, outcome, HasData: true), pageContext), "text/csv", Encoding.UTF8);
    }
}
