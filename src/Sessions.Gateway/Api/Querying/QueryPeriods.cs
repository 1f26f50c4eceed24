using Sessions.Domain.Querying;
using Sessions.Postgres.Queries.Aggregates;

namespace Sessions.Gateway.Api.Querying;

/// <summary>The ranges of time that a query asks for.</summary>
internal static class QueryPeriods
{
    // An event's time may be ahead of the server's clock: by 23 hours at most, where it comes over HTTP.
    private static readonly TimeSpan Ahead = TimeSpan.FromHours(24);

    /// <summary>The range asked for and, to compare with, one of the same length just before. Null: too many points.</summary>
    /// <param name="asked">The query.</param>
    /// <param name="first">Where a range without a beginning begins.</param>
    /// <param name="now">The present.</param>
    /// <param name="maxBuckets">The most points of a series.</param>
    public static IReadOnlyList<Period>? Of(AskedQuery asked, DateTimeOffset first, DateTimeOffset now, int maxBuckets)
    {
        // Without an end everything counts that has come. Points that lie ahead and are empty are not shown.
        DateTimeOffset lastPoint = asked.To ?? Later(now, Ahead);
        if (Cut(first, lastPoint) is not { } starts)
        {
            return null;
        }

        Period current = new(first, asked.To ?? DateTimeOffset.MaxValue, starts);
        if (!asked.Compare)
        {
            return [current];
        }

        TimeSpan length = (asked.To ?? now) - first;
        DateTimeOffset before = length <= TimeSpan.Zero ? first
            : first.UtcTicks > length.Ticks ? first - length : DateTimeOffset.MinValue;
        return Cut(before, first) is { } startsBefore ? [current, new Period(before, first, startsBefore)] : null;

        IReadOnlyList<DateTimeOffset>? Cut(DateTimeOffset from, DateTimeOffset to) => asked.Interval is { } interval
            ? Buckets.Cut(from, to, interval, asked.Calendar, maxBuckets)
            : from < to ? [from] : [];
    }

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
