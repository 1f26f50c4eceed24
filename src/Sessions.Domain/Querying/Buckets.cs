namespace Sessions.Domain.Querying;

/// <summary>How long one point of a series is.</summary>
public enum Interval
{
    Minute,
    Hour,
    Day,
    Week,
    Month,
}

/// <summary>Cuts a range of time into what a calendar calls minutes, hours, days, weeks or months.</summary>
public static class Buckets
{
    /// <summary>
    /// The beginning of each bucket that the range touches. The first one may begin before the range does. Days, weeks
    /// and months are as long as daylight saving makes them; hours are whole by the local clock, and one that the clocks
    /// show twice is two.
    /// </summary>
    /// <returns>Null when there are more than <paramref name="most"/>.</returns>
    public static IReadOnlyList<DateTimeOffset>? Cut(
        DateTimeOffset from, DateTimeOffset to, Interval interval, LocalCalendar calendar, int most)
    {
        List<DateTimeOffset> starts = [];
        if (from >= to)
        {
            return starts;
        }

        DateTimeOffset start = Floor(from, interval, calendar);
        while (start < to)
        {
            if (starts.Count == most)
            {
                return null;
            }

            starts.Add(start);
            DateTimeOffset next = Next(start, interval, calendar);
            if (next <= start)
            {
                // The end of what a time can hold.
                break;
            }

            start = next;
        }

        return starts;
    }

    /// <summary>The same for the end of the range alone, from the first of the last buckets on that are at most so many.</summary>
    public static IReadOnlyList<DateTimeOffset> CutLatest(
        DateTimeOffset from, DateTimeOffset to, Interval interval, LocalCalendar calendar, int most)
    {
        // However the clocks go, there are at least so many in this time, and hardly more than twice as many.
        long reach = Longest(interval) * (most + 1L);
        DateTimeOffset since = to.UtcTicks - from.UtcTicks <= reach ? from : Earlier(to, reach);
        IReadOnlyList<DateTimeOffset> starts = Cut(since, to, interval, calendar, int.MaxValue)!;
        return starts.Count <= most ? starts : [.. starts.TakeLast(most)];
    }

    /// <summary>The beginning of the bucket that a time lies in.</summary>
    public static DateTimeOffset Floor(DateTimeOffset time, Interval interval, LocalCalendar calendar)
    {
        switch (interval)
        {
            case Interval.Minute:
                return Earlier(time, calendar.TicksInto(time, TimeSpan.TicksPerMinute));
            case Interval.Hour:
                return Earlier(time, calendar.TicksInto(time, TimeSpan.TicksPerHour));
            case Interval.Day:
                return calendar.StartOf(calendar.Day(time));
            case Interval.Week:
                return calendar.StartOf(calendar.WeekOf(calendar.Day(time)));
            case Interval.Month:
                return calendar.StartOf(LocalCalendar.MonthOf(calendar.Day(time)));
            default:
                throw new ArgumentOutOfRangeException(nameof(interval), interval, null);
        }
    }

    private static DateTimeOffset Next(DateTimeOffset start, Interval interval, LocalCalendar calendar)
    {
        switch (interval)
        {
            case Interval.Minute:
                return Later(start, TimeSpan.TicksPerMinute - calendar.TicksInto(start, TimeSpan.TicksPerMinute));
            case Interval.Hour:
                return Later(start, TimeSpan.TicksPerHour - calendar.TicksInto(start, TimeSpan.TicksPerHour));
            case Interval.Day:
                return DayAfter(calendar, calendar.Day(start), 1);
            case Interval.Week:
                return DayAfter(calendar, calendar.WeekOf(calendar.Day(start)), 7);
            case Interval.Month:
                DateOnly month = LocalCalendar.MonthOf(calendar.Day(start));
                return DayAfter(calendar, month, DateTime.DaysInMonth(month.Year, month.Month));
            default:
                throw new ArgumentOutOfRangeException(nameof(interval), interval, null);
        }
    }

    private static long Longest(Interval interval) => interval switch
    {
        Interval.Minute => TimeSpan.TicksPerMinute,
        Interval.Hour => TimeSpan.TicksPerHour,
        // A day has an hour more where daylight saving ends.
        Interval.Day => 25 * TimeSpan.TicksPerHour,
        Interval.Week => 8 * TimeSpan.TicksPerDay,
        Interval.Month => 32 * TimeSpan.TicksPerDay,
        _ => throw new ArgumentOutOfRangeException(nameof(interval), interval, null),
    };

    private static DateTimeOffset DayAfter(LocalCalendar calendar, DateOnly day, int days) =>
        day.DayNumber + days > DateOnly.MaxValue.DayNumber ? DateTimeOffset.MaxValue : calendar.StartOf(day.AddDays(days));

    private static DateTimeOffset Earlier(DateTimeOffset time, long ticks) =>
        new(Math.Max(time.UtcTicks - ticks, DateTimeOffset.MinValue.Ticks), TimeSpan.Zero);

    private static DateTimeOffset Later(DateTimeOffset time, long ticks) =>
        new(Math.Min(time.UtcTicks + ticks, DateTimeOffset.MaxValue.Ticks), TimeSpan.Zero);
}
