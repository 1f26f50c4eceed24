using System.Collections.Frozen;
using System.Text.Json;
using Sessions.Domain.Querying;
using Sessions.Postgres.Queries;
using Sessions.Postgres.Queries.Aggregates;

namespace Sessions.Gateway.Api.Querying;

/// <summary>A query as the body of <c>POST /api/query</c> has it.</summary>
/// <param name="From">The beginning of the range; null for where the project's data begins.</param>
/// <param name="To">Its end, exclusive; null for now.</param>
/// <param name="Interval">How long a point is; null for one point.</param>
/// <param name="Calendar">Whose days and weeks.</param>
/// <param name="Series">The series, with the global filters in each.</param>
/// <param name="Formula">What is made of the series; null to show them.</param>
/// <param name="Breakdown">The groups.</param>
/// <param name="Compare">Whether the time just before is asked for too.</param>
internal sealed record AskedQuery(
    DateTimeOffset? From,
    DateTimeOffset? To,
    Interval? Interval,
    LocalCalendar Calendar,
    IReadOnlyList<Series> Series,
    Formula? Formula,
    Breakdown? Breakdown,
    bool Compare)
{
    private const int DefaultLimit = 25;

    private static readonly FrozenDictionary<string, SeriesMath> Maths = new Dictionary<string, SeriesMath>
    {
        ["total"] = SeriesMath.Total,
        ["unique_sessions"] = SeriesMath.UniqueSessions,
        ["unique_users"] = SeriesMath.UniqueUsers,
        ["avg"] = SeriesMath.Avg,
        ["sum"] = SeriesMath.Sum,
        ["min"] = SeriesMath.Min,
        ["max"] = SeriesMath.Max,
        ["median"] = SeriesMath.Median,
        ["p75"] = SeriesMath.P75,
        ["p90"] = SeriesMath.P90,
        ["p95"] = SeriesMath.P95,
        ["p99"] = SeriesMath.P99,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, Interval?> Intervals = new Dictionary<string, Interval?>
    {
        ["minute"] = Sessions.Domain.Querying.Interval.Minute,
        ["hour"] = Sessions.Domain.Querying.Interval.Hour,
        ["day"] = Sessions.Domain.Querying.Interval.Day,
        ["week"] = Sessions.Domain.Querying.Interval.Week,
        ["month"] = Sessions.Domain.Querying.Interval.Month,
        ["null"] = null,
    }.ToFrozenDictionary();

    private static readonly string[] Known =
        ["date_from", "date_to", "interval", "timezone", "series", "formula", "filters", "breakdown", "compare"];

    private static readonly string[] KnownOfSeries = ["event", "math", "property", "filters"];
    private static readonly string[] KnownOfBreakdown = ["property", "bins", "limit"];

    /// <summary>Reads a query; what is wrong with it is remembered in the fields.</summary>
    public static AskedQuery Read(
        AskedFields fields, JsonElement body, LocalCalendar ofProject, DateTimeOffset now, ApiOptions api, QueryOptions options)
    {
        JsonFields query = new(fields, "", body, Known);
        LocalCalendar calendar = fields.Calendar(query.Text("timezone"), ofProject);
        IReadOnlyList<Filter> filters = query.Find("filters") is { } list ? AskedFilters.Read(fields, "filters", list, calendar, api) : [];
        List<Series> series = AllSeries(fields, query, filters, calendar, api, options);
        DateTimeOffset? from = fields.Time("date_from", query.Text("date_from"), isEnd: false, now, calendar);
        bool compare = query.YesNo("compare") ?? false;
        if (compare && from is null)
        {
            fields.Refuse("compare", "needs a date_from: nothing lies before all time");
        }

        return new AskedQuery(
            from,
            fields.Time("date_to", query.Text("date_to"), isEnd: true, now, calendar),
            IntervalOf(fields, query.Text("interval")),
            calendar,
            series,
            FormulaOf(fields, query.Text("formula"), series.Count),
            query.Find("breakdown") is { } breakdown ? BreakdownOf(fields, breakdown, options) : null,
            compare);
    }

    private static List<Series> AllSeries(
        AskedFields fields, JsonFields query, IReadOnlyList<Filter> filters, LocalCalendar calendar, ApiOptions api, QueryOptions options)
    {
        List<Series> series = [];
        if (query.Find("series") is not { ValueKind: JsonValueKind.Array } list || list.GetArrayLength() is var count
            && (count == 0 || count > options.MaxSeries))
        {
            fields.Refuse("series", $"must be a list of 1 to {options.MaxSeries} series");
            return series;
        }

        foreach (JsonElement item in list.EnumerateArray())
        {
            series.Add(OneSeries(fields, $"series[{series.Count}]", item, filters, calendar, api));
        }

        return series;
    }

    private static Series OneSeries(
        AskedFields fields, string name, JsonElement item, IReadOnlyList<Filter> filters, LocalCalendar calendar, ApiOptions api)
    {
        JsonFields one = new(fields, name, item, KnownOfSeries);
        string? happened = one.Text("event");
        if (happened is not null && (happened.Length == 0 || !PropertyText.TryParse(PropertyType.Text, happened, out _)))
        {
            fields.Refuse($"{name}.event", "must be an event's name, or null for sessions");
        }

        if (!Maths.TryGetValue(one.Text("math") ?? "total", out SeriesMath math))
        {
            fields.Refuse($"{name}.math", "must be one of total, unique_sessions, unique_users, avg, sum, min, max, median, p75, p90, p95, p99");
        }

        string? propertyName = one.Text("property");
        SessionProperty? property = propertyName is null ? null : SessionProperties.Find(propertyName);
        if (propertyName is not null && property is null)
        {
            fields.Refuse($"{name}.property", "must be a property of a session, such as $session_duration");
        }
        else if (math >= SeriesMath.Avg && !IsNumber(property))
        {
            fields.Refuse($"{name}.property", "must be a property of a session that is a number, a time or true or false, such as $session_duration");
        }

        IReadOnlyList<Filter> own = one.Find("filters") is { } list
            ? AskedFilters.Read(fields, $"{name}.filters", list, calendar, api)
            : [];
        return new Series(happened, math, math >= SeriesMath.Avg ? property : null, [.. own, .. filters]);
    }

    private static Breakdown? BreakdownOf(AskedFields fields, JsonElement item, QueryOptions options)
    {
        JsonFields breakdown = new(fields, "breakdown", item, KnownOfBreakdown);
        SessionProperty? property = breakdown.Text("property") is { } name ? SessionProperties.Find(name) : null;
        if (property is null)
        {
            fields.Refuse("breakdown.property", "must be a property of a session, such as $entry_pathname");
            return null;
        }

        int? bins = breakdown.Whole("bins", 1, options.MaxBins);
        if (bins is not null && property.Type is not (PropertyType.Number or PropertyType.Seconds))
        {
            fields.Refuse("breakdown.bins", "must be null unless the property is a number");
        }

        return new Breakdown(property, bins, breakdown.Whole("limit", 1, options.MaxBreakdown) ?? DefaultLimit);
    }

    private static Interval? IntervalOf(AskedFields fields, string? text)
    {
        if (!Intervals.TryGetValue(text ?? "null", out Interval? interval))
        {
            fields.Refuse("interval", "must be one of minute, hour, day, week, month, or null");
        }

        return interval;
    }

    private static Formula? FormulaOf(AskedFields fields, string? text, int series)
    {
        if (text is null)
        {
            return null;
        }

        if (!Formula.TryParse(text, series, out Formula? formula, out string? fault))
        {
            fields.Refuse("formula", fault);
        }

        return formula;
    }

    private static bool IsNumber(SessionProperty? property) =>
        property?.Type is PropertyType.Number or PropertyType.Seconds or PropertyType.Time or PropertyType.Boolean;
}
