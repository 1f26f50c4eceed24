using Sessions.Domain.Querying;
using Sessions.Queries.Aggregates;

namespace Sessions.Web.Analytics;

/// <summary>A checked query. The API reads it from JSON, pages from their address.</summary>
/// <param name="From">The start of the range; null for the start of the project's data.</param>
/// <param name="To">Its end, exclusive; null for now.</param>
/// <param name="Interval">The length of a point; null for one point.</param>
/// <param name="Calendar">The time zone and the first day of weeks.</param>
/// <param name="Series">The series, with the global filters in each.</param>
/// <param name="Formula">The formula over the series; null to show the series themselves.</param>
/// <param name="Breakdown">The groups.</param>
/// <param name="Compare">Whether the query also covers the previous period.</param>
/// <param name="Before">The previous period; null for the one of the same length just before.</param>
internal sealed record QueryRequest(
    DateTimeOffset? From,
    DateTimeOffset? To,
    Interval? Interval,
    LocalCalendar Calendar,
    IReadOnlyList<Series> Series,
    Formula? Formula,
    Breakdown? Breakdown,
    bool Compare,
    (DateTimeOffset From, DateTimeOffset To)? Before = null)
{
    /// <summary>The query in the caller's words.</summary>
    public QueryJson? Asked { get; init; }

    /// <summary>The places of the series whose points are asked; null for all.</summary>
    public IReadOnlyList<int>? PointsOf { get; init; }
}
