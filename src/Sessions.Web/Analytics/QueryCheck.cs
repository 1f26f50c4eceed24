using System.Collections.Frozen;
using Sessions.Database.Properties;
using Sessions.Domain.Querying;
using Sessions.Queries.Aggregates;
using Sessions.Web.Api;

namespace Sessions.Web.Analytics;

/// <summary>
/// Checks the values of a query, from JSON or from the address of a page. Faults are added to the errors, under their
/// JSON names.
/// </summary>
/// <param name="Errors">Collects the faults.</param>
/// <param name="Calendar">The time zone and the first day of weeks.</param>
/// <param name="Now">The present.</param>
/// <param name="Api">The limits of filters.</param>
/// <param name="Options">The limits of queries.</param>
internal sealed record QueryCheck(RequestErrors Errors, LocalCalendar Calendar, DateTimeOffset Now, ApiOptions Api, QueryOptions Options)
{
    /// <summary>The default number of values of a breakdown that have a series of their own.</summary>
    public const int DefaultLimit = 25;

    /// <summary>The type of properties of events.</summary>
    public const string OfEvent = "event";

    private static readonly (string Name, SeriesMath Math)[] AllMaths =
    [
        ("total", SeriesMath.Total),
        ("unique_sessions", SeriesMath.UniqueSessions),
        ("unique_users", SeriesMath.UniqueUsers),
        ("avg", SeriesMath.Avg),
        ("sum", SeriesMath.Sum),
        ("min", SeriesMath.Min),
        ("max", SeriesMath.Max),
        ("median", SeriesMath.Median),
        ("p75", SeriesMath.P75),
        ("p90", SeriesMath.P90),
        ("p95", SeriesMath.P95),
        ("p99", SeriesMath.P99),
    ];

    private static readonly (string Name, Interval Interval)[] AllIntervals =
    [
        ("minute", Sessions.Domain.Querying.Interval.Minute),
        ("hour", Sessions.Domain.Querying.Interval.Hour),
        ("day", Sessions.Domain.Querying.Interval.Day),
        ("week", Sessions.Domain.Querying.Interval.Week),
        ("month", Sessions.Domain.Querying.Interval.Month),
    ];

    private static readonly FrozenDictionary<string, SeriesMath> Maths = AllMaths.ToFrozenDictionary(one => one.Name, one => one.Math);
    private static readonly FrozenDictionary<string, Interval> Intervals = AllIntervals.ToFrozenDictionary(one => one.Name, one => one.Interval);

    /// <summary>The names of the calculations.</summary>
    public static IReadOnlyList<string> MathNames { get; } = [.. AllMaths.Select(one => one.Name)];

    /// <summary>The names of the lengths of a point.</summary>
    public static IReadOnlyList<string> IntervalNames { get; } = [.. AllIntervals.Select(one => one.Name)];

    /// <summary>The check of filters.</summary>
    public FilterCheck Filters => new(Errors, Calendar, Api);

    /// <summary>The start of the range; null for the start of the project's data.</summary>
    public DateTimeOffset? From(string? text) => Errors.Time("date_from", text, isEnd: false, Now, Calendar);

    /// <summary>The end of the range, exclusive; null for now.</summary>
    public DateTimeOffset? To(string? text) => Errors.Time("date_to", text, isEnd: true, Now, Calendar);

    /// <summary>Whether the query also covers the previous period.</summary>
    public bool Compare(bool compare, DateTimeOffset? from)
    {
        if (compare && from is null)
        {
            Errors.Refuse("compare", "needs a date_from, because all time has no previous period");
        }

        return compare;
    }

    /// <summary>Whether this number of series is allowed.</summary>
    public bool CountOfSeries(int count)
    {
        if (count >= 1 && count <= Options.MaxSeries)
        {
            return true;
        }

        Errors.Refuse("series", $"must be a list of 1 to {Options.MaxSeries} series");
        return false;
    }

    /// <summary>The event of a series; null for sessions.</summary>
    public string? Event(string series, string? text)
    {
        if (text is not null && (text.Length == 0 || !PropertyText.TryParse(PropertyType.Text, text, out _)))
        {
            Errors.Refuse($"{series}.event", "must be an event's name, or null for sessions");
        }

        return text;
    }

    /// <summary>The math of a series; null means <c>total</c>.</summary>
    public SeriesMath Math(string series, string? text)
    {
        if (!Maths.TryGetValue(text ?? "total", out SeriesMath math))
        {
            Errors.Refuse($"{series}.math", $"must be one of {string.Join(", ", MathNames)}");
        }

        return math;
    }

    /// <summary>The property of a series' math; null when the math has none.</summary>
    public RequestedProperty? Property(string series, SeriesJson asked, SeriesMath math)
    {
        bool isOfEvents = IsOfEvents($"{series}.property_type", asked.PropertyType);
        if (isOfEvents && asked.Event is null)
        {
            Errors.Refuse($"{series}.property_type", "must be session, because the series has no event");
        }

        RequestedProperty? property = PropertyOf($"{series}.property", asked.Property, isOfEvents, "$session_duration", isRequired: math >= SeriesMath.Avg);
        if (math >= SeriesMath.Avg && property?.OfSession is { } its && !IsNumber(its))
        {
            Errors.Refuse($"{series}.property", "must be a property of a session that is a number, a time or true or false, such as $session_duration");
        }

        return math >= SeriesMath.Avg ? property : null;
    }

    /// <summary>The property whose values are the groups; null when there is no such property.</summary>
    public RequestedProperty? BreakdownProperty(BreakdownJson asked, IReadOnlyList<Series> series)
    {
        bool isOfEvents = IsOfEvents("breakdown.property_type", asked.PropertyType);
        if (isOfEvents && series.Any(one => one.Event is null))
        {
            Errors.Refuse("breakdown.property_type", "must be session, because a series has no event");
        }

        return PropertyOf("breakdown.property", asked.Property, isOfEvents, "$entry_pathname", isRequired: true);
    }

    /// <summary>The number of bins for the numbers of a property; null for a group for each value.</summary>
    public int? Bins(int? bins, RequestedProperty property)
    {
        // A property of events may have any type. What is no number has no value then.
        if (bins is not null && !property.IsKeyOfEvents && property.Type is not (PropertyType.Number or PropertyType.Seconds))
        {
            Errors.Refuse("breakdown.bins", "must be null unless the property is a number");
        }

        return bins;
    }

    /// <summary>The length of a point; null for one point.</summary>
    public Interval? Interval(string? text)
    {
        // The word null means the same as JSON's null.
        if (text is null or "null")
        {
            return null;
        }

        if (!Intervals.TryGetValue(text, out Interval interval))
        {
            Errors.Refuse("interval", $"must be one of {string.Join(", ", IntervalNames)}, or null");
        }

        return interval;
    }

    /// <summary>The formula over the series; null for none.</summary>
    public Formula? Formula(string? text, int series)
    {
        if (text is null)
        {
            return null;
        }

        if (!Sessions.Domain.Querying.Formula.TryParse(text, series, out Formula? formula, out string? fault))
        {
            Errors.Refuse("formula", fault);
        }

        return formula;
    }

    private bool IsOfEvents(string field, string? type)
    {
        if (type is not (null or "session" or OfEvent))
        {
            Errors.Refuse(field, "must be session or event");
        }

        return type == OfEvent;
    }

    private RequestedProperty? PropertyOf(string field, string? name, bool isOfEvents, string example, bool isRequired)
    {
        if (name is null && !isRequired)
        {
            return null;
        }

        RequestedProperty? property = isOfEvents ? OneFilterCheck.FieldOf(name) : SessionProperties.Find(name ?? "");
        if (property is null)
        {
            Errors.Refuse(field, isOfEvents ? "must be a column or a property of events, such as price" : $"must be a property of a session, such as {example}");
        }

        return property;
    }

    private static bool IsNumber(SessionProperty property) =>
        property.Type is PropertyType.Number or PropertyType.Seconds or PropertyType.Time or PropertyType.Boolean;
}
