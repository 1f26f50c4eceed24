using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Domain.Querying;
using Sessions.Gateway.Access;
using Sessions.Gateway.Api.Querying;
using Sessions.Grains;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Api;

/// <summary>Reading sessions and their events.</summary>
internal static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder api)
    {
        api.MapGet("/sessions", List).WithName("ListSessions")
            .WithSummary("A page of sessions. date_to is exclusive for a time, inclusive for a whole day.").Answers("SessionPage");
        api.MapGet("/sessions/{id}", Get).WithName("GetSession")
            .WithSummary("One session; while live, up to the event acknowledged last.").Answers("Session", StatusCodes.Status404NotFound);
        api.MapGet("/sessions/{id}/events", ListEvents).WithName("ListSessionEvents")
            .WithSummary("A page of a session's events in time order.").Answers("EventPage", StatusCodes.Status404NotFound);
        api.MapGet("/live", Live).WithName("GetLive").WithSummary("How many sessions are live, and the latest of them.")
            .Answers("Live");
    }

    private static async Task<IResult> Get(string id, HttpContext context, SessionCalls sessions, CancellationToken cancellation)
    {
        if (!Guid.TryParseExact(id, "D", out Guid sessionId))
        {
            return WrongId();
        }

        SessionKey key = SessionKey.Create(context.User.Project(), sessionId);
        return await sessions.Session(key, cancellation) is { } session
            ? new JsonAnswer(json => SessionJson.Write(json, SessionRow.From(session)))
            : NotFound();
    }

    private static async Task<IResult> List(
        [AsParameters] SessionListFields asked,
        HttpContext context,
        SessionQueries sessions,
        IOptions<ApiOptions> options,
        ProjectCache<QuerySettings> settings,
        TimeProvider time,
        CancellationToken cancellation)
    {
        AskedFields fields = new();
        DateTimeOffset now = time.GetUtcNow();
        LocalCalendar calendar = fields.Calendar(asked.TimeZone, (await settings.Of(context.User.Project())).Calendar);
        SessionOrder order = fields.Order(asked.Order);
        SessionPosition? after = string.IsNullOrEmpty(asked.Cursor) ? null : Cursor.Read(order, asked.Cursor);
        if (after is null && !string.IsNullOrEmpty(asked.Cursor))
        {
            fields.Refuse("cursor", "must be the next of a page with the same order");
        }

        SessionPageQuery query = new(
            context.User.Project(),
            fields.Time("date_from", asked.DateFrom, isEnd: false, now, calendar),
            fields.Time("date_to", asked.DateTo, isEnd: true, now, calendar),
            AskedFilters.Read(fields, asked.Filters, calendar, options.Value),
            order,
            after,
            fields.Limit(asked.Limit, options.Value));
        if (fields.Problem is { } problem)
        {
            return problem;
        }

        try
        {
            SessionPage page = await sessions.GetPage(query, cancellation);
            string? next = page.Next is null ? null : Cursor.Write(order, page.Next);
            return new JsonAnswer(json => SessionJson.WritePage(json, page.Sessions, SessionJson.Write, next));
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InvalidRegularExpression)
        {
            return AskedFields.Refusal("filters", $"have a wrong regular expression: {refused.MessageText}");
        }
    }

    /// <summary>The events of the caller's session, for programs and pages alike.</summary>
    internal static async Task<IResult> ListEvents(
        string id, string? limit, string? cursor, HttpContext context, EventQueries events, IOptions<ApiOptions> options, CancellationToken cancellation)
    {
        if (!Guid.TryParseExact(id, "D", out Guid sessionId))
        {
            return WrongId();
        }

        AskedFields fields = new();
        int most = fields.Limit(limit, options.Value);
        EventPosition? after = string.IsNullOrEmpty(cursor) ? null : Cursor.ReadEvent(cursor);
        if (after is null && !string.IsNullOrEmpty(cursor))
        {
            fields.Refuse("cursor", "must be the next of a page of events");
        }

        if (fields.Problem is { } problem)
        {
            return problem;
        }

        SessionKey key = SessionKey.Create(context.User.Project(), sessionId);
        if (await events.GetPage(key, after, most, options.Value.MaxPageCharacters, cancellation) is not { } page)
        {
            return NotFound();
        }

        string? next = page.Next is null ? null : Cursor.Write(page.Next);
        return new JsonAnswer(json =>
            SessionJson.WritePage(json, page.Events, (writer, row) => SessionJson.Write(writer, sessionId, row), next));
    }

    private static async Task<IResult> Live(
        string? limit, HttpContext context, SessionQueries sessions, IOptions<ApiOptions> options, CancellationToken cancellation)
    {
        AskedFields fields = new();
        int most = fields.Limit(limit, options.Value);
        if (fields.Problem is { } problem)
        {
            return problem;
        }

        LiveSessions live = await sessions.GetLive(context.User.Project(), most, cancellation);
        return new JsonAnswer(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("count", live.Count);
            SessionJson.WriteList(json, "sessions", live.Sessions, SessionJson.Write);
            json.WriteEndObject();
        });
    }

    private static ProblemHttpResult WrongId() => AskedFields.Refusal("id", "must be a session's id: a UUID of 36 characters");

    private static ProblemHttpResult NotFound() =>
        TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "There is no such session.");
}

/// <summary>What a caller may say about the sessions wanted, as the query string has it.</summary>
internal sealed record SessionListFields(
    [property: FromQuery(Name = "date_from")] string? DateFrom,
    [property: FromQuery(Name = "date_to")] string? DateTo,
    [property: FromQuery(Name = "timezone")] string? TimeZone,
    [property: FromQuery(Name = "filters")] string? Filters,
    [property: FromQuery(Name = "order")] string? Order,
    [property: FromQuery(Name = "limit")] string? Limit,
    [property: FromQuery(Name = "cursor")] string? Cursor);
