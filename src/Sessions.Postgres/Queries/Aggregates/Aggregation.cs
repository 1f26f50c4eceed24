namespace Sessions.Postgres.Queries.Aggregates;

/// <summary>What is made of the sessions or occurrences in a bucket.</summary>
public enum SeriesMath
{
    Total,
    UniqueSessions,
    UniqueUsers,
    Avg,
    Sum,
    Min,
    Max,
    Median,
    P75,
    P90,
    P95,
    P99,
}

/// <summary>One series.</summary>
/// <param name="Event">The event whose occurrences count, or the sessions that have it, by its time; null for sessions by their start.</param>
/// <param name="Math">What is made of them.</param>
/// <param name="Property">The session's property that a math on a property takes; else null.</param>
/// <param name="Filters">What else must hold, global filters included.</param>
public sealed record Series(string? Event, SeriesMath Math, SessionProperty? Property, IReadOnlyList<Filter> Filters)
{
    /// <summary>Another event whose occurrences count as well.</summary>
    internal string? OrEvent { get; init; }

    /// <summary>Whether each session counts once, by its start; else each occurrence of the event counts, by its time.</summary>
    internal bool IsOfSessions => Event is null;

    /// <summary>Whether the sessions of the occurrences count: each once a bucket, however often it has the event there.</summary>
    internal bool IsOfSessionsWithEvent => Event is not null && Math >= SeriesMath.Avg;
}

/// <summary>A range of time and its points.</summary>
/// <param name="From">Its beginning.</param>
/// <param name="To">Its end, exclusive.</param>
/// <param name="Starts">Where each bucket begins; the first may begin before the range.</param>
public sealed record Period(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<DateTimeOffset> Starts);

/// <summary>Which groups each series falls into.</summary>
/// <param name="Property">The session's property whose values are the groups.</param>
/// <param name="Bins">Into how many bins of equal width its numbers go; null for a group each value.</param>
/// <param name="Limit">How many values have a group of their own, when there are no bins.</param>
public sealed record Breakdown(SessionProperty Property, int? Bins, int Limit);

/// <summary>What is asked for.</summary>
/// <param name="Project">The project.</param>
/// <param name="Periods">The range asked for, and then the one to compare with if there is one.</param>
/// <param name="Series">The series.</param>
/// <param name="Breakdown">The groups; null for none.</param>
public sealed record Aggregation(string Project, IReadOnlyList<Period> Periods, IReadOnlyList<Series> Series, Breakdown? Breakdown);

/// <summary>A group of sessions: one value of the breakdown, one bin, those without a value, or all others.</summary>
/// <param name="Place">Its number in the statements.</param>
/// <param name="Value">The value; null for the sessions without one, for bins and for the others.</param>
/// <param name="Low">The lower end of a bin.</param>
/// <param name="High">The upper end of a bin.</param>
public sealed record Group(int Place, object? Value = null, decimal? Low = null, decimal? High = null)
{
    /// <summary>The place of what has no group of its own, and of everything when there are no groups.</summary>
    public const int Others = 0;
}

/// <summary>One series in one group and one period.</summary>
/// <param name="Value">The math over the whole period.</param>
/// <param name="Points">The math in each bucket.</param>
public sealed record Measured(double? Value, double?[] Points);

/// <summary>The answer.</summary>
/// <param name="Groups">The groups, in the order in which to show them; <see cref="Group.Others"/> last, if there are any.</param>
/// <param name="Measured">By period, series and group's place. What is not there has no rows.</param>
public sealed record AggregationResult(
    IReadOnlyList<Group> Groups, IReadOnlyDictionary<(int Period, int Series, int Place), Measured> Measured);
