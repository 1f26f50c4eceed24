using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Sessions.Domain.Querying;
using Sessions.Gateway.Access;
using Sessions.Grains;
using Sessions.Postgres.Queries;
using Sessions.Postgres.Queries.Aggregates;

namespace Sessions.Gateway.Api.Querying;

/// <summary>The tiles and tables of web analytics.</summary>
internal static class WebAnalyticsEndpoints
{
    private const string Overview = "overview";
    private const string Pages = "page";

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

    public static void MapWebAnalytics(this IEndpointRouteBuilder api) =>
        api.MapGet("/web-analytics/{tile}", Get).WithName("GetWebAnalytics")
            .WithSummary("overview, or the table of page, " + string.Join(", ", Tables.Keys.Order(StringComparer.Ordinal)) + ".")
            .Answers("WebAnalytics", StatusCodes.Status404NotFound, StatusCodes.Status504GatewayTimeout);

    private static async Task<IResult> Get(
        string tile,
        [AsParameters] WebAnalyticsFields asked,
        HttpContext context,
        WebAnalytics analytics,
        AggregateQueries aggregates,
        QueryTurns turns,
        ProjectCache<QuerySettings> settings,
        IOptions<ApiOptions> options,
        TimeProvider time,
        CancellationToken cancellation)
    {
        if (tile is not (Overview or Pages) && !Tables.ContainsKey(tile))
        {
            return NoSuchTile();
        }

        string project = context.User.Project();
        QuerySettings its = await settings.Of(project);
        DateTimeOffset now = time.GetUtcNow();
        AskedFields fields = new();
        LocalCalendar calendar = fields.Calendar(asked.TimeZone, its.Calendar);
        DateTimeOffset? from = fields.Time("date_from", asked.DateFrom, isEnd: false, now, calendar);
        DateTimeOffset? to = fields.Time("date_to", asked.DateTo, isEnd: true, now, calendar);
        WebRange asWritten = new(
            project, from ?? DateTimeOffset.MinValue, to ?? QueryPeriods.EndOf(now), AskedFilters.Read(fields, asked.Filters, calendar, options.Value));
        int limit = fields.Limit(asked.Limit, options.Value);
        if (fields.Problem is { } problem)
        {
            return problem;
        }

        return await turns.Take(
            async timely =>
            {
                // All time begins where it does for any other question.
                WebRange range = from is null
                    ? asWritten with { From = await aggregates.GetFirst(project, timely) ?? now }
                    : asWritten;
                return tile == Overview
                    ? await Tiles(analytics, turns.Limits, range, Before(range, from, to ?? now), timely)
                    : await Table(analytics, turns.Limits, tile, range, its.PathRules, limit, timely);
            },
            cancellation);
    }

    private static async Task<IResult> Tiles(
        WebAnalytics analytics, StatementLimits limits, WebRange range, WebRange? before, CancellationToken cancellation)
    {
        IReadOnlyList<WebOverview> overviews = await analytics.GetOverviews(before is null ? [range] : [range, before], limits, cancellation);
        (WebOverview current, WebOverview? previous) = (overviews[0], overviews.ElementAtOrDefault(1));
        return new JsonAnswer(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("results");
            Write("visitors", of => of.Visitors);
            Write("views", of => of.Views);
            Write("sessions", of => of.Sessions);
            Write("average_duration", of => of.AverageDuration);
            Write("median_duration", of => of.MedianDuration);
            Write("bounce_rate", of => of.BounceRate);
            json.WriteEndArray();
            json.WriteEndObject();

            void Write(string key, Func<WebOverview, double?> value)
            {
                json.WriteStartObject();
                json.WriteString("key", key);
                json.WritePropertyName("value");
                QueryJson.WriteNumber(json, value(current));
                json.WritePropertyName("previous");
                QueryJson.WriteNumber(json, previous is null ? null : value(previous));
                json.WriteEndObject();
            }
        });
    }

    private static async Task<IResult> Table(
        WebAnalytics analytics,
        StatementLimits limits,
        string tile,
        WebRange range,
        IReadOnlyList<PathRule> paths,
        int limit,
        CancellationToken cancellation)
    {
        IReadOnlyList<WebRow> rows = tile == Pages
            ? await analytics.GetPages(range, paths, limit, limits, cancellation)
            : await analytics.GetSessions(
                range, SessionProperties.Find(Tables[tile])!, tile is "entry_path" or "exit_path" ? paths : [], limit, limits, cancellation);
        return new JsonAnswer(json =>
        {
            json.WriteStartObject();
            SessionJson.WriteList(json, "results", rows, Write);
            json.WriteEndObject();
        });
    }

    private static void Write(Utf8JsonWriter json, WebRow row)
    {
        json.WriteStartObject();
        json.WriteString("value", row.Value);
        json.WriteNumber("visitors", row.Visitors);
        json.WriteNumber("views", row.Views);
        json.WriteNumber("sessions", row.Sessions);
        json.WritePropertyName("bounce_rate");
        QueryJson.WriteNumber(json, row.BounceRate);
        json.WriteEndObject();
    }

    /// <summary>The same length of time just before; null when the range has no beginning.</summary>
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
        title: "There is no such tile.",
        detail: $"The tiles are {Overview}, {Pages}, {string.Join(", ", Tables.Keys.Order(StringComparer.Ordinal))}.");
}

/// <summary>What a caller may say about a tile, as the query string has it.</summary>
internal sealed record WebAnalyticsFields(
    [property: FromQuery(Name = "date_from")] string? DateFrom,
    [property: FromQuery(Name = "date_to")] string? DateTo,
    [property: FromQuery(Name = "timezone")] string? TimeZone,
    [property: FromQuery(Name = "filters")] string? Filters,
    [property: FromQuery(Name = "limit")] string? Limit);
