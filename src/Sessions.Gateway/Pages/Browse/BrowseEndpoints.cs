using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Gateway.Api;
using Sessions.Gateway.Pages.Frame;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Pages.Browse;

/// <summary>The table of sessions, and the page of each.</summary>
internal static class BrowseEndpoints
{
    private const int EventsShown = 200;

    // It stands in a page as text, which Blazor escapes.
    private static readonly JsonSerializerOptions Readable =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void MapBrowse(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/sessions", List);
        pages.MapGet("/sessions/{id:guid}", Show);
    }

    private static async Task<RazorComponentResult<SessionsPage>> List(
        HttpContext context, Lookers lookers, SessionQueries sessions, IOptions<ApiOptions> options, CancellationToken cancellation)
    {
        Looker looker = await lookers.Of(context);
        PageQuery query = PageQuery.Of(context.Request);
        IReadOnlyList<FilterRow> filters = FilterRows.Read(query);
        string from = query["date_from"] ?? SessionsView.DefaultFrom;

        AskedFields fields = new();
        SessionOrder order = fields.Order(query["order"]);
        SessionPageQuery asked = new(
            looker.Project,
            fields.Time("date_from", from, isEnd: false, looker.Now, looker.Calendar),
            fields.Time("date_to", query["date_to"], isEnd: true, looker.Now, looker.Calendar),
            AskedFilters.Read(fields, FilterRows.ToJson(filters), looker.Calendar, options.Value),
            order,
            // A cursor of another order, from a link that somebody changed, begins at the beginning.
            query["cursor"] is { } cursor ? Cursor.Read(order, cursor) : null,
            fields.Limit(query["limit"], options.Value));

        string? fault = fields.Fault;
        SessionPage page = new([], null);
        if (fault is null)
        {
            try
            {
                page = await sessions.GetPage(asked, cancellation);
            }
            catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InvalidRegularExpression)
            {
                fault = $"A filter's regular expression is wrong: {refused.MessageText}.";
            }
        }

        string? next = page.Next is null ? null : Cursor.Write(order, page.Next);
        SessionsView view = new(query, from, filters, SessionsView.ColumnsOf(query), order, page.Sessions, next, fault);
        return new RazorComponentResult<SessionsPage>(new { Looker = looker, View = view });
    }

    private static async Task<IResult> Show(
        Guid id,
        HttpContext context,
        Lookers lookers,
        SessionCalls sessions,
        EventQueries events,
        IOptions<ApiOptions> options,
        CancellationToken cancellation)
    {
        Looker looker = await lookers.Of(context);
        SessionKey key = SessionKey.Create(looker.Project, id);
        if (await sessions.Session(key, cancellation) is not { } session)
        {
            return PageAnswers.Trouble(
                StatusCodes.Status404NotFound, "There is no such session.", "It may be another project's.", "/sessions", "To the sessions");
        }

        PageQuery query = PageQuery.Of(context.Request);
        EventPosition? after = query["cursor"] is { } cursor ? Cursor.ReadEvent(cursor) : null;
        EventPage page = await events.GetPage(key, after, EventsShown, options.Value.MaxPageCharacters, cancellation) ?? new([], null);
        SessionPageView view = new(
            query,
            id,
            SessionRow.From(session),
            [.. page.Events.Select(happened => OnTimeline(happened, session.StartTimestamp))],
            page.Next is null ? null : Cursor.Write(page.Next));
        return new RazorComponentResult<SessionDetail>(new { Looker = looker, View = view });
    }

    private static TimelineEvent OnTimeline(EventRow happened, DateTimeOffset start)
    {
        (string name, string kind) = happened.Event switch
        {
            "$pageview" => ("Page view", "view"),
            "$screen" => ("Screen", "view"),
            "$pageleave" => ("Page leave", "other"),
            "$autocapture" => ("Click", "click"),
            "$rageclick" => ("Rage click", "click"),
            "$identify" => ("Identified", "other"),
            ['$', ..] => (Said.Label(happened.Event), "other"),
            _ => (happened.Event, "own"),
        };
        TimeSpan since = happened.Timestamp - start;
        return new TimelineEvent(
            happened.Timestamp,
            since < TimeSpan.Zero ? TimeSpan.Zero : since,
            name,
            happened.Pathname ?? happened.CurrentUrl,
            kind,
            Indented(happened.PropertiesJson));
    }

    private static string Indented(string? json)
    {
        if (json is null)
        {
            return "{}";
        }

        using JsonDocument document = JsonDocument.Parse(json);
        return JsonSerializer.Serialize(document.RootElement, Readable);
    }
}
