using Sessions.Domain.Querying;
using Sessions.Queries.Aggregates;

namespace Sessions.Web.Analytics;

/// <summary>The ranges of time of a query.</summary>
/// <param name="All">The range itself and, for a comparison, the range of the same length just before it.</param>
/// <param name="IsCut">
/// Whether the range is only the latest part of all time, because all time has too many points.
/// </param>
internal sealed record QueryPeriods(IReadOnlyList<Period> All, bool IsCut = false)
{
    // An event's time may be ahead of the server's clock: by at most 23 hours over HTTP.
    private static readonly TimeSpan Ahead = TimeSpan.FromHours(24);

    /// <summary>The ranges of a query; null when it names a start and has too many points.</summary>
    /// <param name="request">The query.</param>
    /// <param name="first">The start of a range that names none.</param>
    /// <param name="now">The present.</param>
    /// <param name="maxBuckets">The most points of a series.</param>
    public static QueryPeriods? Of(QueryRequest request, DateTimeOffset first, DateTimeOffset now, int maxBuckets)
    {
        // Empty points in the future are not shown.
        DateTimeOffset end = request.To ?? EndOf(now);
        if (Cut(first, end) is not { } starts)
        {
            return request.From is null ? Latest(first, end) : null;
        }

        Period current = new(first, end, starts);
        if (!request.Compare)
        {
            return new QueryPeriods([current]);
        }

        if (request.Before is { } compared)
        {
            return Cut(compared.From, compared.To) is { } startsThen
                ? new QueryPeriods([current, new Period(compared.From, compared.To, startsThen)])
                : null;
        }

        TimeSpan length = (request.To ?? now) - first;
        DateTimeOffset before = length <= TimeSpan.Zero ? first
            : first.UtcTicks > length.Ticks ? first - length : DateTimeOffset.MinValue;
        return Cut(before, first) is { } startsBefore ? new QueryPeriods([current, new Period(before, first, startsBefore)]) : null;

        QueryPeriods Latest(DateTimeOffset from, DateTimeOffset to)
        {
            // Ends with the present data. Otherwise the latest points could be empty ones in the future alone.
            to = to > EndOf(now) && from < EndOf(now) ? EndOf(now) : to;
            IReadOnlyList<DateTimeOffset> latest = Buckets.CutLatest(from, to, request.Interval!.Value, request.Calendar, maxBuckets);
            return new QueryPeriods([new Period(latest[0], to, latest)], IsCut: true);
        }

        IReadOnlyList<DateTimeOffset>? Cut(DateTimeOffset from, DateTimeOffset to) => request.Interval is { } interval
            ? Buckets.Cut(from, to, interval, request.Calendar, maxBuckets)
            : from < to ? [from] : [];
    }

    /// <summary>
    /// The end of a range that names none. It covers all events except those with a time later than any sender may
    /// state; a range with dates covers these too.
    /// </summary>
    public static DateTimeOffset EndOf(DateTimeOffset now) => Later(now, Ahead);

    /// <summary>The number of points to show: those that have begun, and future ones that have a value.</summary>
    public static int Shown(QueryRequest request, Period period, IEnumerable<(Series Series, Measured Measured)> all, DateTimeOffset now)
    {
        int shown = period.Starts.Count;
        if (request.To is not null)
        {
            return shown;
        }

        (Series Series, Measured Measured)[] measured = [.. all];
        while (shown > 1 && period.Starts[shown - 1] > now
            && measured.All(one => one.Measured.Points[shown - 1] == AggregateQueries.OfNothing(one.Series)))
        {
            shown--;
        }

        return shown;
    }

    private static DateTimeOffset Later(DateTimeOffset time, TimeSpan span) =>
        time.UtcTicks > DateTimeOffset.MaxValue.Ticks - span.Ticks ? DateTimeOffset.MaxValue : time + span;
}
