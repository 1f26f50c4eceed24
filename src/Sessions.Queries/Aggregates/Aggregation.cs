namespace Sessions.Queries.Aggregates;

/// <summary>How a series aggregates the sessions or events in a bucket.</summary>
public enum SeriesMath
{
    /// <summary>The number of sessions or events.</summary>
    Total,

    /// <summary>The number of distinct sessions.</summary>
    UniqueSessions,

    /// <summary>The number of distinct persons.</summary>
    UniqueUsers,

    /// <summary>The average of a property.</summary>
    Avg,

    /// <summary>The sum of a property.</summary>
    Sum,

    /// <summary>The minimum of a property.</summary>
    Min,

    /// <summary>The maximum of a property.</summary>
    Max,

    /// <summary>The median of a property.</summary>
    Median,

    /// <summary>The 75th percentile of a property.</summary>
    P75,

    /// <summary>The 90th percentile of a property.</summary>
    P90,

    /// <summary>The 95th percentile of a property.</summary>
    P95,

    /// <summary>The 99th percentile of a property.</summary>
    P99,
}

/// <summary>One series.</summary>
/// <param name="Event">
/// The event whose occurrences, or whose sessions, are aggregated by its time; null to aggregate sessions by their
/// start.
/// </param>
/// <param name="Math">The kind of aggregation.</param>
/// <param name="Property">
/// The property for a math on a property; else null. With one of events, each occurrence has its own value.
/// </param>
/// <param name="Filters">The conditions, global filters included.</param>
public sealed record Series(string? Event, SeriesMath Math, RequestedProperty? Property, IReadOnlyList<Filter> Filters)
{
    /// <summary>A second event whose occurrences are counted too.</summary>
    public string? OrEvent { get; init; }

    /// <summary>Whether the occurrences of all events count, recordings left out, whatever <see cref="Event"/> is.</summary>
    public bool IsOfAnyEvent { get; init; }

    /// <summary>
    /// Whether the series aggregates sessions by their start. If not, it aggregates events by their time.
    /// </summary>
    internal bool IsOfSessions => Event is null;

    /// <summary>
    /// Whether the series aggregates the sessions that have the event: each session once in a bucket, however often it
    /// has the event there.
    /// </summary>
    internal bool IsOfSessionsWithEvent => Event is not null && Math >= SeriesMath.Avg && Property?.OfEvent is null;

    /// <summary>Whether another series aggregates the same rows, each by itself.</summary>
    internal bool HasSameRows(Series other) =>
        !IsOfSessionsWithEvent && !other.IsOfSessionsWithEvent
        && (Event, OrEvent, IsOfAnyEvent) == (other.Event, other.OrEvent, other.IsOfAnyEvent)
        && Filters.SequenceEqual(other.Filters);
}

/// <summary>A range of time and its buckets.</summary>
/// <param name="From">The start of the range.</param>
/// <param name="To">The end of the range, exclusive.</param>
/// <param name="Starts">The start of each bucket. The first bucket may start before the range.</param>
public sealed record Period(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<DateTimeOffset> Starts);

/// <summary>How each series is divided into groups.</summary>
/// <param name="Property">The property whose values are the groups; one of events is only for series with an event.</param>
/// <param name="Bins">The number of bins of equal width for a number; null for one group for each value.</param>
/// <param name="Limit">The most values with a group of their own, when there are no bins.</param>
public sealed record Breakdown(RequestedProperty Property, int? Bins, int Limit)
{
    /// <summary>Whether the first series alone decides which values have the most rows. If not, all series together do.</summary>
    public bool IsRankedByFirst { get; init; }
}

/// <summary>An aggregation query.</summary>
/// <param name="Project">The project.</param>
/// <param name="Periods">The requested range, and then the range to compare with if there is one.</param>
/// <param name="Series">The series.</param>
/// <param name="Breakdown">The groups; null for none.</param>
public sealed record Aggregation(string Project, IReadOnlyList<Period> Periods, IReadOnlyList<Series> Series, Breakdown? Breakdown)
{
    /// <summary>
    /// The places of the series whose points are asked. The others only have their values over the whole range, which takes less time.
    /// Null for all.
    /// </summary>
    public IReadOnlyList<int>? PointsOf { get; init; }
}

/// <summary>
/// A group of sessions: those with one value of the breakdown, in one bin, without a value, or all others.
/// </summary>
/// <param name="Place">The group's number in the statements.</param>
/// <param name="Value">The value; null for the sessions without one, for bins and for the others.</param>
/// <param name="Low">The lower end of a bin.</param>
/// <param name="High">The upper end of a bin.</param>
public sealed record Group(int Place, object? Value = null, decimal? Low = null, decimal? High = null)
{
    /// <summary>The number of the group of all others, and of the only group when there is no breakdown.</summary>
    public const int Others = 0;
}

/// <summary>The values of one series in one group and one period.</summary>
/// <param name="Value">The value over the whole period.</param>
/// <param name="Points">The value in each bucket.</param>
public sealed record Measured(double? Value, double?[] Points);

/// <summary>The answer to an aggregation query.</summary>
/// <param name="Groups">
/// The groups, in the order in which to show them; <see cref="Group.Others"/> last, if there are any.
/// </param>
/// <param name="Measured">The values by period, series and group number. Combinations without rows are missing.</param>
public sealed record AggregationResult(
    IReadOnlyList<Group> Groups, IReadOnlyDictionary<(int Period, int Series, int Place), Measured> Measured);
