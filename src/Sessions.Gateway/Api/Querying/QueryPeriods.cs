using Sessions.Domain.Querying;
using Sessions.Postgres.Queries.Aggregates;

namespace Sessions.Gateway.Api.Querying;

/// <summary>The ranges of time that a query asks for.</summary>
/// <param name="All">The range itself and, to compare with, one of the same length just before.</param>
/// <param name="IsCut">Whether the range is only the latest part of all time, which has more points than may be.</param>
internal sealed record QueryPeriods(IReadOnlyList<Period> All, bool IsCut = false)
{
    // An event's time may be ahead of the server's clock: by 23 hours at most, where it comes over HTTP.
    private static readonly TimeSpan Ahead = TimeSpan.FromHours(24);

    /// <summary>The ranges of a query; null where it names a beginning and has too many points.</summary>
    /// <param name="asked">The query.</param>
    /// <param name="first">Where a range without a beginning begins.</param>
    /// <param name="now">The present.</param>
    /// <param name="maxBuckets">The most points of a series.</param>
    public static QueryPeriods? Of(AskedQuery asked, DateTimeOffset first, DateTimeOffset now, int maxBuckets)
    {
        // Points that lie ahead and are empty are not shown.
        DateTimeOffset end = asked.To ?? EndOf(now);
        if (Cut(first, end) is not { } starts)
        {
            return asked.From is null ? Latest(first, end) : null;
        }

        Period current = new(first, end, starts);
        if (!asked.Compare)
        {
            return new QueryPeriods([current]);
        }

        TimeSpan length = (asked.To ?? now) - first;
        DateTimeOffset before = length <= TimeSpan.Zero ? first
            : first.UtcTicks > length.Ticks ? first - length : DateTimeOffset.MinValue;
        return Cut(before, first) is { } startsBefore ? new QueryPeriods([current, new Period(before, first, startsBefore)]) : null;

        QueryPeriods Latest(DateTimeOffset from, DateTimeOffset to)
        {
            // Nothing of what is to come would leave nothing of what has.
            to = to > EndOf(now) && from < EndOf(now) ? EndOf(now) : to;
            IReadOnlyList<DateTimeOffset> latest = Buckets.CutLatest(from, to, asked.Interval!.Value, asked.Calendar, maxBuckets);
            return new QueryPeriods([new Period(latest[0], to, latest)], IsCut: true);
        }

        IReadOnlyList<DateTimeOffset>? Cut(DateTimeOffset from, DateTimeOffset to) => asked.Interval is { } interval
            ? Buckets.Cut(from, to, interval, asked.Calendar, maxBuckets)
            : from < to ? [from] : [];
    }

    /// <summary>
    /// Where a range without an end ends: with everything that has come. What says that it is of a later time than any
    /// sender may say is not of it; dates reach it.
    /// </summary>
    public static DateTimeOffset EndOf(DateTimeOffset now) => Later(now, Ahead);

    /// <summary>How many of the points are shown: those that have begun, and those ahead that have something.</summary>
    public static int Shown(AskedQuery asked, Period period, IEnumerable<(Series Series, Measured Measured)> all, DateTimeOffset now)
    {
        int shown = period.Starts.Count;
        if (asked.To is not null)
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
