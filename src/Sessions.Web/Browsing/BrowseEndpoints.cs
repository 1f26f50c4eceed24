using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Sessions.Database.Properties;
using Sessions.Domain.Replay;
using Sessions.Queries;
using Sessions.Queries.ReplayShares;
using Sessions.Web.Access;
using Sessions.Web.Api;
using Sessions.Web.Layout;
using Sessions.Web.Replay;
using Sessions.Web.Replay.Sharing;

namespace Sessions.Web.Browsing;

/// <summary>The table of sessions, and the page of each session.</summary>
internal static class BrowseEndpoints
{
    private const int EventsShown = 200;

    private static readonly PageFields s_list = new([.. PageFields.Carried, "order", "limit", "col", "counted", .. PageQuery.Places]);

    private static readonly TimeSpan s_counting = TimeSpan.FromSeconds(0.3);

    // The page shows it as text, which Blazor escapes.
    private static readonly JsonSerializerOptions Readable =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void MapBrowse(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/sessions", List).WithMetadata(s_list);
        pages.MapGet("/sessions/{id:guid}", Show).WithMetadata(new PageFields(SessionList.Field, "cursor"));
        pages.MapGet("/sessions/{id}/replay", ShowReplay).WithMetadata(new PageFields(SessionList.Field));
        pages.MapGet("/sessions/{id}/replay/events", ReplayEvents.List);
    }

    private static async Task<RazorComponentResult<SessionsPage>> List(
        HttpContext context,
        PageContextFactory contexts,
        PageFilters pageFilters,
        SessionList list,
        SessionQueries sessions,
        ListConcurrencyLimit lists,
        CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context);
        PageQuery query = PageQuery.Of(context.Request);
        RequestErrors fields = new();
        RequestedSessions read = await list.Read(query, pageContext, fields, cancellation);
        SessionPageQuery asked = read.Query;

        // Wrong fields of the address have their usual values, and the page says so.
        string? fault = null;
        SessionPage page = new([], null);
        long? total = null;
        bool hasData = true;
        if (fault is null)
        {
            // Both at the same time. A list does not wait long for the number of its sessions.
            Task<Outcome<long?>> counting = lists.Run(
                timely => sessions.Count(asked, new StatementLimits(s_counting, lists.Limits.WorkMemoryMegabytes), timely), cancellation);
            Outcome<SessionPage> answered = await lists.Run(timely => sessions.GetPage(asked, lists.Limits, timely), cancellation);
            (page, fault) = answered.TryGet(out SessionPage? found) ? (found, null) : (page, answered.Fault);
            total = (await counting).TryGet(out long? counted) ? counted : null;
            hasData = fault is not null || page.Sessions.Count > 0 || await sessions.HasAny(pageContext.Project, cancellation);
        }

        SessionsView view = SessionsView.Of(read, page, fault) with
        {
            Total = total,
            HasData = hasData,
        };
        string[] faults =
        [
            .. read.Range.Faults, .. fields.Faults.Select(one => Words(query, one.Field)), .. SessionsView.UnknownColumns(query),
            .. SessionsView.WrongPlaces(query, asked.Order),
        ];
        return new RazorComponentResult<SessionsPage>(new { PageContext = pageContext.NotUnderstood(faults), View = view });
    }

    private static string Words(PageQuery query, string field) => field switch
    {
        "order" => $"Sessions can't be ordered by “{query["order"]}”. The latest come first.",
        "limit" => $"A page can't have “{query["limit"]}” sessions. It has the usual number.",
        "counted" => "The address names no sessions behind a number of this project. All sessions are shown.",
        _ => $"“{query[field]}” has no meaning as {field}.",
    };

    private static async Task<IResult> Show(
        Guid id,
        HttpContext context,
        PageContextFactory contexts,
        SessionCalls sessions,
        SessionList list,
        EventQueries events,
        ReplayCheck check,
        ListConcurrencyLimit lists,
        ReplayShareQueries shares,
        OneTimeNotes notes,
        IOptions<ApiOptions> options,
        CancellationToken cancellation)
    {
        PageContext pageContext = await contexts.Of(context) with { Carried = SessionList.CarriedBy(context.Request) };
        SessionKey key = SessionKey.Create(pageContext.Project, id);
        if (await sessions.Session(key, cancellation) is not { } session)
        {
            return PageAnswers.Trouble(
                StatusCodes.Status404NotFound, "The session does not exist.", "It may belong to another project.", "/sessions", "Back to the sessions");
        }

        PageQuery query = PageQuery.Of(context.Request);
        EventPosition? after = query["cursor"] is { } cursor ? Cursor.ReadEvent(cursor) : null;
        pageContext = query["cursor"] is { } wrong && after is null ? pageContext.NotUnderstood(PageContext.NoPlace(wrong)) : pageContext;
        Outcome<EventPage?> read = await lists.Run(
            timely => events.GetPage(key, after, EventsShown, options.Value.MaxPageCharacters, lists.Limits, timely), cancellation);
        if (read.Refusal is { } refusal)
        {
            return PageAnswers.Trouble(
                refusal.StatusCode, "The session's events can't be read now.", read.Fault!, $"/sessions/{id}", "Try again");
        }

        EventPage page = read.Value ?? new([], null);
        SessionPageView view = new(
            query,
            id,
            SessionRow.From(session),
            [.. page.Events.Select(happened => OnTimeline(happened, session.StartTimestamp))],
            page.Next is null ? null : Cursor.Write(page.Next))
        {
            Shares = session.HasReplay ? await shares.GetAll(key, cancellation) : [],
            NewLink = ReplayShares.NewLink(notes, context, id),
            Neighbours = await list.Around(id, context.Request, "", pageContext, cancellation),
            Playability = await check.Of(key, session, cancellation),
        };
        return new RazorComponentResult<SessionDetail>(new { PageContext = pageContext, View = view });
    }

    private static async Task<IResult> ShowReplay(
        string id,
        HttpContext context,
        PageContextFactory contexts,
        SessionCalls sessions,
        SessionList list,
        ReplayCheck check,
        CancellationToken cancellation)
    {
        if (!Guid.TryParseExact(id, "D", out Guid sessionId))
        {
            return TypedResults.NotFound();
        }

        PageContext pageContext = await contexts.Of(context) with { Carried = SessionList.CarriedBy(context.Request) };
        SessionKey key = SessionKey.Create(pageContext.Project, sessionId);
        if (await sessions.Session(key, cancellation) is not { } session)
        {
            return TypedResults.NotFound();
        }

        SessionNeighbours neighbours = await list.Around(sessionId, context.Request, "/replay", pageContext, cancellation);
        ReplayPlayability playability = await check.Of(key, session, cancellation);
        return new RazorComponentResult<SessionReplayPage>(
            new { PageContext = pageContext, Shown = session, Neighbours = neighbours, Playability = playability });
    }

    private static TimelineEvent OnTimeline(EventRow happened, DateTimeOffset start)
    {
        TimeSpan since = happened.Timestamp - start;
        return new TimelineEvent(
            happened.EventId, happened.Timestamp, since < TimeSpan.Zero ? TimeSpan.Zero : since, EventTitle.Of(happened), Indented(happened.PropertiesJson));
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
