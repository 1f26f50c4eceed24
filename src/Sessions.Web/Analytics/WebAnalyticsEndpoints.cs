using System.Collections.Frozen;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Sessions.Client.Projects;
using Sessions.Database.Properties;
using Sessions.Domain.Querying;
using Sessions.Queries.Aggregates;
using Sessions.Web.Access;
using Sessions.Web.Api;

namespace Sessions.Web.Analytics;

/// <summary>The tiles and tables of web analytics.</summary>
internal static class WebAnalyticsEndpoints
{
    private const string Overview = "overview";
    private const string Pages = "page";
    private const string Events = "events";

    private static readonly FrozenDictionary<string, string> Tables = new Dictionary<string, string>
    {
        ["entry_path"] = "$entry_pathname",
        ["exit_path"] = "$exit_pathname",
        ["channel"] = "$channel_type",
        ["referrer"] = "$entry_referring_domain",
        ["utm_source"] = "$entry_utm_source",
        ["utm_medium"] = "$entry_utm_medium",
        ["utm_campaign"] = "$entry_utm_campaign",
        ["device_type"] = "$device_type",
        ["browser"] = "$browser",
        ["os"] = "$os",
        ["country"] = "$country",
    }.ToFrozenDictionary();

    public static void MapWebAnalytics(this IEndpointRouteBuilder api)
    {
        api.MapGet("/web-analytics/" + Overview, GetOverview).WithName("GetWebOverview")
            .WithSummary("Visitors, views, sessions, durations and bounce rate of a range, and of the time before.")
            .Answers<WebTiles>(StatusCodes.Status504GatewayTimeout);
        api.MapGet("/web-analytics/" + Events, GetEvents).WithName("GetWebEvents")
            .WithSummary("The events of a range by name: how often, in how many sessions, by how many persons.")
            .Answers<WebEvents>(StatusCodes.Status504GatewayTimeout);
        api.MapGet("/web-analytics/{tile}", GetTable).WithName("GetWebAnalytics")
            .WithSummary("The table of page, " + string.Join(", ", Tables.Keys.Order(StringComparer.Ordinal)) + ".")
            .Answers<WebTable>(StatusCodes.Status404NotFound, StatusCodes.Status504GatewayTimeout);
    }

    private static async Task<IResult> GetOverview(
        [AsParameters] WebAnalyticsFields asked,
        HttpContext context,
        WebAnalytics analytics,
        AggregateQueries aggregates,
        QueryConcurrencyLimit concurrency,
        ProjectCache<QuerySettings> settings,
        IOptions<ApiOptions> options,
        TimeProvider time,
        CancellationToken cancellation)
    {
        string project = context.User.Project();
        Asked question = Check(asked, project, await settings.Of(project), time.GetUtcNow(), options.Value);
        if (question.Problem is { } problem)
        {
            return problem;
        }

        Outcome<(WebRange Range, IReadOnlyList<WebOverview> Found)> overviews = await concurrency.Run(
            async timely =>
            {
                WebRange range = await Begun(question, aggregates, timely);
                WebRange? before = Before(range, question.From, question.To ?? question.Now);
                return (range, await analytics.GetOverviews(before is null ? [range] : [range, before], concurrency.Limits, timely));
            },
            cancellation);
        return overviews.ToAnswer(answer => JsonAnswer.Of(
            new WebTiles(WebTile.Of(answer.Found[0], answer.Found.ElementAtOrDefault(1), question.Counted(answer.Range))),
            WebAnalyticsJson.Default.WebTiles));
    }

    private static async Task<IResult> GetEvents(
        [AsParameters] WebAnalyticsFields asked,
        HttpContext context,
        WebAnalytics analytics,
        AggregateQueries aggregates,
        QueryConcurrencyLimit concurrency,
        ProjectCache<QuerySettings> settings,
        IOptions<ApiOptions> options,
        TimeProvider time,
        CancellationToken cancellation)
    {
        string project = context.User.Project();
        Asked question = Check(asked, project, await settings.Of(project), time.GetUtcNow(), options.Value);
        if (question.Problem is { } problem)
        {
            return problem;
        }

        Outcome<(WebRange Range, IReadOnlyList<WebEventRow> Found)> rows = await concurrency.Run(
            async timely =>
            {
                WebRange range = await Begun(question, aggregates, timely);
                return (range, (await analytics.GetEvents(new(range, question.Limit), concurrency.Limits, timely)).Rows);
            },
            cancellation);
        return rows.ToAnswer(answer =>
        {
            CountedTile counted = question.Counted(answer.Range);
            return JsonAnswer.Of(
                new WebEvents([.. answer.Found.Select(row => new WebEventJson(
                    row.Value, row.Occurrences, row.Sessions, row.Visitors, counted.OfEvent(row.Value)))]),
                WebAnalyticsJson.Default.WebEvents);
        });
    }

    private static async Task<IResult> GetTable(
        string tile,
        [AsParameters] WebAnalyticsFields asked,
        HttpContext context,
        WebAnalytics analytics,
        AggregateQueries aggregates,
        QueryConcurrencyLimit concurrency,
        ProjectCache<QuerySettings> settings,
        IOptions<ApiOptions> options,
        TimeProvider time,
        CancellationToken cancellation)
    {
        if (tile != Pages && !Tables.ContainsKey(tile))
        {
            return NoSuchTile();
        }

        string project = context.User.Project();
        QuerySettings its = await settings.Of(project);
        Asked question = Check(asked, project, its, time.GetUtcNow(), options.Value);
        if (question.Problem is { } problem)
        {
            return problem;
        }

        bool hasCleanPaths = tile is "entry_path" or "exit_path";
        Outcome<(WebRange Range, IReadOnlyList<WebRow> Found)> rows = await concurrency.Run(
            async timely =>
            {
                WebRange range = await Begun(question, aggregates, timely);
                TableQuery table = new(range, question.Limit);
                TableResult<WebRow> found = tile == Pages
                    ? await analytics.GetPages(table, its.PathRules, concurrency.Limits, timely)
                    : await analytics.GetSessions(
                        table, SessionProperties.Find(Tables[tile])!, hasCleanPaths ? its.PathRules : [], concurrency.Limits, timely);
                return (range, found.Rows);
            },
            cancellation);
        return rows.ToAnswer(answer =>
        {
            CountedTile counted = question.Counted(answer.Range);
            return JsonAnswer.Of(
                new WebTable([.. answer.Found.Select(row => WebTableRow.Of(
                    row, tile == Pages ? counted.OfPage(row.Value) : counted.OfValue(Tables[tile], row.Value, hasCleanPaths)))]),
                WebAnalyticsJson.Default.WebTable);
        });
    }

    private static Asked Check(WebAnalyticsFields asked, string project, QuerySettings settings, DateTimeOffset now, ApiOptions options)
    {
        RequestErrors errors = new();
        LocalCalendar calendar = errors.Calendar(asked.TimeZone, settings.Calendar);
        DateTimeOffset? from = errors.Time("date_from", asked.DateFrom, isEnd: false, now, calendar);
        DateTimeOffset? to = errors.Time("date_to", asked.DateTo, isEnd: true, now, calendar);
        WebRange range = new(
            project, from ?? DateTimeOffset.MinValue, to ?? QueryPeriods.EndOf(now), new FilterCheck(errors, calendar, options).Parse(asked.Filters));
        int limit = errors.Limit(asked.Limit, options);
        return new Asked(errors.Problem, range, from, to, limit, now, asked.Filters, calendar.Zone);
    }

    /// <summary>All time begins where it does for any other query.</summary>
    private static async Task<WebRange> Begun(Asked asked, AggregateQueries aggregates, CancellationToken cancellation) => asked.From is null
        ? asked.Range with { From = await aggregates.GetFirst(asked.Range.Project, cancellation) ?? asked.Now }
        : asked.Range;

    /// <summary>The range of the same length just before; null when the range has no start.</summary>
    private static WebRange? Before(WebRange range, DateTimeOffset? from, DateTimeOffset to)
    {
        if (from is not { } begins || to < begins)
        {
            return null;
        }

        TimeSpan length = to - begins;
        return range with { From = begins.UtcTicks > length.Ticks ? begins - length : DateTimeOffset.MinValue, To = begins };
    }

    private static ProblemHttpResult NoSuchTile() => TypedResults.Problem(
        statusCode: StatusCodes.Status404NotFound,
        title: "The tile is unknown.",
        detail: $"The tiles are {Overview}, {Events}, {Pages}, {string.Join(", ", Tables.Keys.Order(StringComparer.Ordinal))}.");

    /// <param name="Problem">What is wrong with the request; null when nothing is.</param>
    /// <param name="Range">The range and its filters. It begins at the beginning of time when <paramref name="From"/> is null.</param>
    /// <param name="From">Where the range begins; null for all time.</param>
    /// <param name="To">Where it ends; null for now.</param>
    /// <param name="Limit">The most rows of a table.</param>
    /// <param name="Now">The time of the request.</param>
    /// <param name="Filters">The filters as JSON.</param>
    /// <param name="Zone">The time zone in which their times are read.</param>
    private sealed record Asked(
        ProblemHttpResult? Problem,
        WebRange Range,
        DateTimeOffset? From,
        DateTimeOffset? To,
        int Limit,
        DateTimeOffset Now,
        string? Filters,
        TimeZoneInfo Zone)
    {
        /// <summary>The sessions behind the numbers, when the range has its beginning.</summary>
        public CountedTile Counted(WebRange begun) => new(begun, FilterJson.OfText(Filters), Zone);
    }
}

/// <summary>The query parameters of a tile.</summary>
internal sealed record WebAnalyticsFields(
    [property: FromQuery(Name = "date_from")] string? DateFrom,
    [property: FromQuery(Name = "date_to")] string? DateTo,
    [property: FromQuery(Name = "timezone")] string? TimeZone,
    [property: FromQuery(Name = "filters")] string? Filters,
    [property: FromQuery(Name = "limit")] string? Limit);
