namespace Sessions.Domain.Querying;

/// <summary>The length of one bucket of a series.</summary>
public enum Interval
{
    Minute,
    Hour,
    Day,
    Week,
    Month,
}

/// <summary>Divides a range of time into the minutes, hours, days, weeks or months of a calendar.</summary>
public static class Buckets
{
    /// <summary>
    /// Returns the start of each bucket that overlaps the range. The first bucket may start before the range. Days,
    /// weeks and months are longer or shorter when daylight saving changes. Hours are full hours of the local clock; an
    /// hour that the clocks show twice becomes two buckets.
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
                // The end of the range of DateTimeOffset.
                break;
            }

            start = next;
        }

        return starts;
    }

    /// <summary>Returns the starts of only the last buckets of the range, at most that many.</summary>
    public static IReadOnlyList<DateTimeOffset> CutLatest(
        DateTimeOffset from, DateTimeOffset to, Interval interval, LocalCalendar calendar, int most)
    {
        // Whatever daylight saving does, this time contains at least that many buckets, and rarely more than twice as
        // many.
        long reach = Longest(interval) * (most + 1L);
        DateTimeOffset since = to.UtcTicks - from.UtcTicks <= reach ? from : Earlier(to, reach);
        return [.. Cut(since, to, interval, calendar, int.MaxValue)!.TakeLast(most)];
    }

    /// <summary>The start of the bucket that contains a time.</summary>
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

    /// <summary>The end of the bucket that starts at a time: the start of the next one.</summary>
    public static DateTimeOffset Next(DateTimeOffset start, Interval interval, LocalCalendar calendar)
    {
        switch (interval)
        {
            case Interval.Minute:
                // Offsets of time zones, and their changes, are whole minutes.
                return Later(start, TimeSpan.TicksPerMinute);
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
        // A day is an hour longer when daylight saving ends.
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
