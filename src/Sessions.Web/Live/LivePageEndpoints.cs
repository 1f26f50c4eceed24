using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Sessions.Queries;
using Sessions.Web.Api;
using Sessions.Web.Browsing;
using Sessions.Web.Layout;

namespace Sessions.Web.Live;

/// <summary>The page of who is on now.</summary>
internal static class LivePageEndpoints
{
    public static void MapLivePage(this IEndpointRouteBuilder pages) =>
        pages.MapGet("/live", Show).WithMetadata(new PageFields(PageFields.Carried));

    private static async Task<RazorComponentResult<LivePage>> Show(
        HttpContext context,
        PageContextFactory contexts,
        PageFilters pageFilters,
        SessionQueries sessions,
        ListConcurrencyLimit lists,
        IOptions<ApiOptions> options,
        CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        PageQuery query = PageQuery.Of(context.Request);
        IReadOnlyList<FilterRow> rows = await pageFilters.Read(query, pageContext, cancellation);
        IReadOnlyList<FilterJson> valid = FilterRows.ToJson(rows);
        IReadOnlyList<Filter> filters = new FilterCheck(new RequestErrors(), pageContext.Calendar, options.Value).All("filters", valid);
        DateTimeOffset since = pageContext.Now - LiveSessions.ActiveFor;
        // Without filters the small index over live sessions answers, so nothing has to wait for its turn.
        Outcome<LiveSessions> read = filters.Count == 0
            ? new(await sessions.GetLive(pageContext.Project, since, OnNow.Most, cancellation))
            : await lists.Run(timely => sessions.GetLive(pageContext.Project, since, OnNow.Most, timely, filters), cancellation);
        OnNow now = OnNow.Of(read.TryGet(out LiveSessions? found) ? found : new LiveSessions(0, 0, []), since);
        Outcome<IReadOnlyList<long>> minutes = filters.Count == 0
            ? new(await sessions.GetMinutes(pageContext.Project, pageContext.Now, OnNow.Minutes, cancellation))
            : await lists.Run(timely => sessions.GetMinutes(pageContext.Project, pageContext.Now, OnNow.Minutes, timely, filters), cancellation);
        return new RazorComponentResult<LivePage>(new
        {
            PageContext = pageContext,
            Now = now,
            Minutes = minutes.TryGet(out IReadOnlyList<long>? counts) ? counts : [],
            Query = query,
            Filters = rows,
            ApiFilters = valid.Count > 0 ? FilterJson.ToText(valid) : null,
            read.Fault,
            HasData = now.Count > 0 || read.Fault is not null || await sessions.HasAny(pageContext.Project, cancellation),
        });
    }
}
