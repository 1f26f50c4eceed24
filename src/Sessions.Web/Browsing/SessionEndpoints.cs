using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Sessions.Client.Projects;
using Sessions.Database.Properties;
using Sessions.Domain.Querying;
using Sessions.Queries;
using Sessions.Queries.Aggregates;
using Sessions.Web.Access;
using Sessions.Web.Analytics;
using Sessions.Web.Api;
using Sessions.Web.Replay;

namespace Sessions.Web.Browsing;

/// <summary>Reads sessions and their events.</summary>
internal static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder api)
    {
        api.MapGet("/sessions", List).WithName("ListSessions")
            .WithSummary("A page of sessions. date_to is exclusive for a time, inclusive for a whole day.")
            .Answers<PageJson<SessionRow>>(StatusCodes.Status504GatewayTimeout);
        api.MapGet("/sessions/{id}", Get).WithName("GetSession")
            .WithSummary("One session, and whether its recording can be played. While it is live, it includes the last acknowledged event.")
            .Answers<RecordedSessionJson>(StatusCodes.Status404NotFound);
        api.MapGet("/sessions/{id}/events", ListEvents).WithName("ListSessionEvents")
            .WithSummary("A page of a session's events in time order.").Answers<PageJson<EventJson>>(StatusCodes.Status404NotFound, StatusCodes.Status504GatewayTimeout);
        api.MapGet("/live", Live).WithName("GetLive").WithSummary(
                "The number of live sessions, the number of those whose last event is at most five minutes old, and those that started last.")
            .Answers<LiveJson>(StatusCodes.Status504GatewayTimeout);
    }

    private static async Task<IResult> Get(
        string id, HttpContext context, SessionCalls sessions, ReplayCheck check, CancellationToken cancellation)
    {
        if (!Guid.TryParseExact(id, "D", out Guid sessionId))
        {
            return WrongId();
        }

        SessionKey key = SessionKey.Create(context.User.Project(), sessionId);
        return await sessions.Session(key, cancellation) is { } session
            ? JsonAnswer.Of(
                new RecordedSessionJson(SessionRow.From(session), await check.Of(key, session, cancellation)),
                SessionJsonContext.Default.RecordedSessionJson)
            : NotFound();
    }

    private static async Task<IResult> List(
        [AsParameters] SessionListFields asked,
        HttpContext context,
        SessionQueries sessions,
        CountedReader counted,
        ListConcurrencyLimit lists,
        IOptions<ApiOptions> options,
        ProjectCache<QuerySettings> settings,
        TimeProvider time,
        CancellationToken cancellation)
    {
        RequestErrors fields = new();
        DateTimeOffset now = time.GetUtcNow();
        LocalCalendar calendar = fields.Calendar(asked.TimeZone, (await settings.Of(context.User.Project())).Calendar);
        SessionOrder order = fields.Order(asked.Order);
        SessionPosition? after = string.IsNullOrEmpty(asked.Cursor) ? null : Cursor.Read(order, asked.Cursor);
        if (after is null && !string.IsNullOrEmpty(asked.Cursor))
        {
            fields.Refuse("cursor", "must be the next of a page with the same order");
        }

        CountedSessions? behind = string.IsNullOrEmpty(asked.Counted) ? null : await counted.Read(context.User.Project(), asked.Counted);
        if (behind is null && !string.IsNullOrEmpty(asked.Counted))
        {
            fields.Refuse("counted", CountedReader.Expected);
        }

        SessionPageQuery query = new(
            context.User.Project(),
            fields.Time("date_from", asked.DateFrom, isEnd: false, now, calendar),
            fields.Time("date_to", asked.DateTo, isEnd: true, now, calendar),
            new FilterCheck(fields, calendar, options.Value).Parse(asked.Filters),
            order,
            after,
            fields.Limit(asked.Limit, options.Value))
        {
            Counted = behind,
        };
        if (fields.Problem is { } problem)
        {
            return problem;
        }

        Outcome<SessionPage> read = await lists.Run(timely => sessions.GetPage(query, lists.Limits, timely), cancellation);
        return read.ToAnswer(page => JsonAnswer.Of(
            new PageJson<SessionRow>(page.Sessions, page.Next is null ? null : Cursor.Write(order, page.Next)),
            SessionJsonContext.Default.PageJsonSessionRow));
    }

    private static async Task<IResult> ListEvents(
        string id,
        string? limit,
        string? cursor,
        HttpContext context,
        EventQueries events,
        ListConcurrencyLimit lists,
        IOptions<ApiOptions> options,
        CancellationToken cancellation)
    {
        Outcome<EventPage?> read = await ReadEvents(id, limit, cursor, context.User.Project(), events, lists, options.Value, cancellation);
        return read.ToAnswer(page => page is null ? NotFound() : JsonAnswer.Of(
            new PageJson<EventJson>(
                [.. page.Events.Select(row => EventJson.Of(Guid.ParseExact(id, "D"), row))], page.Next is null ? null : Cursor.Write(page.Next)),
            SessionJsonContext.Default.PageJsonEventJson));
    }

    /// <summary>Reads a page of the events of a project's session, for programs and pages; null when there is no such session.</summary>
    internal static async Task<Outcome<EventPage?>> ReadEvents(
        string id,
        string? limit,
        string? cursor,
        string project,
        EventQueries events,
        ListConcurrencyLimit lists,
        ApiOptions options,
        CancellationToken cancellation)
    {
        if (!Guid.TryParseExact(id, "D", out Guid sessionId))
        {
            return new(WrongId());
        }

        RequestErrors fields = new();
        int most = fields.Limit(limit, options);
        EventPosition? after = string.IsNullOrEmpty(cursor) ? null : Cursor.ReadEvent(cursor);
        if (after is null && !string.IsNullOrEmpty(cursor))
        {
            fields.Refuse("cursor", "must be the next of a page of events");
        }

        if (fields.Problem is { } problem)
        {
            return new(problem);
        }

        SessionKey key = SessionKey.Create(project, sessionId);
        return await lists.Run(
            timely => events.GetPage(key, after, most, options.MaxPageCharacters, lists.Limits, timely), cancellation);
    }

    private static async Task<IResult> Live(
        string? limit,
        [FromQuery(Name = "filters")] string? filters,
        HttpContext context,
        SessionQueries sessions,
        ListConcurrencyLimit lists,
        IOptions<ApiOptions> options,
        ProjectCache<QuerySettings> settings,
        TimeProvider time,
        CancellationToken cancellation)
    {
        RequestErrors fields = new();
        int most = fields.Limit(limit, options.Value);
        LocalCalendar calendar = (await settings.Of(context.User.Project())).Calendar;
        IReadOnlyList<Filter> asked = new FilterCheck(fields, calendar, options.Value).Parse(filters);
        if (fields.Problem is { } problem)
        {
            return problem;
        }

        Outcome<LiveSessions> read = await lists.Run(
            timely => sessions.GetLive(context.User.Project(), time.GetUtcNow() - LiveSessions.ActiveFor, most, timely, asked), cancellation);
        return read.ToAnswer(live => JsonAnswer.Of(LiveJson.Of(live), SessionJsonContext.Default.LiveJson));
    }

    private static ProblemHttpResult WrongId() => RequestErrors.Refusal("id", "must be a session's id: a UUID of 36 characters");

    /// <summary>The answer for a session that the project does not have.</summary>
    internal static ProblemHttpResult NotFound() =>
        TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "The session does not exist.");
}

/// <summary>The query parameters of the list of sessions.</summary>
internal sealed record SessionListFields(
    [property: FromQuery(Name = "date_from")] string? DateFrom,
    [property: FromQuery(Name = "date_to")] string? DateTo,
    [property: FromQuery(Name = "timezone")] string? TimeZone,
    [property: FromQuery(Name = "filters")] string? Filters,
    [property: FromQuery(Name = "order")] string? Order,
    [property: FromQuery(Name = "limit")] string? Limit,
    [property: FromQuery(Name = "cursor")] string? Cursor,
    [property: FromQuery(Name = "counted")] string? Counted);
