namespace Sessions.Domain.Querying;

/// <summary>How somebody reads time: a time zone, with its daylight saving, and the day on which weeks begin.</summary>
/// <param name="Zone">The zone.</param>
/// <param name="WeekStart">The first day of a week.</param>
public sealed record LocalCalendar(TimeZoneInfo Zone, DayOfWeek WeekStart)
{
    /// <summary>UTC, with weeks from Monday.</summary>
    public static LocalCalendar Utc { get; } = new(TimeZoneInfo.Utc, DayOfWeek.Monday);

    /// <summary>What the clocks show.</summary>
    public DateTime Local(DateTimeOffset time) => new(WithinRange(time.UtcTicks + Zone.GetUtcOffset(time).Ticks));

    /// <summary>How far the clocks are into the present minute, or whatever else is cut by this length.</summary>
    public long TicksInto(DateTimeOffset time, long length) =>
        (((time.UtcTicks + Zone.GetUtcOffset(time).Ticks) % length) + length) % length;

    /// <summary>
    /// The instant at which the clocks show this time for the first time; when they leap over it, the instant at which
    /// they do.
    /// </summary>
    public DateTimeOffset Instant(DateTime local)
    {
        local = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        if (Zone.IsInvalidTime(local))
        {
            return AfterLeap(local);
        }

        TimeSpan offset = Zone.IsAmbiguousTime(local) ? Zone.GetAmbiguousTimeOffsets(local).Max() : Zone.GetUtcOffset(local);
        return Utc0(local.Ticks - offset.Ticks);
    }

    /// <summary>The first instant of a day.</summary>
    public DateTimeOffset StartOf(DateOnly day) => Instant(day.ToDateTime(TimeOnly.MinValue));

    /// <summary>The day that the clocks show.</summary>
    public DateOnly Day(DateTimeOffset time) => DateOnly.FromDateTime(Local(time));

    /// <summary>The first day of a day's week.</summary>
    public DateOnly WeekOf(DateOnly day)
    {
        int into = (day.DayOfWeek - WeekStart + 7) % 7;
        return day.DayNumber < into ? DateOnly.MinValue : day.AddDays(-into);
    }

    /// <summary>The first day of a day's month.</summary>
    public static DateOnly MonthOf(DateOnly day) => new(day.Year, day.Month, 1);

    private DateTimeOffset AfterLeap(DateTime local)
    {
        // Clocks leap forward once within these three days, so what they show only grows.
        long low = WithinRange(local.Ticks - (TimeSpan.TicksPerHour * 36));
        long high = WithinRange(local.Ticks + (TimeSpan.TicksPerHour * 36));
        while (low < high)
        {
            long middle = low + ((high - low) / 2);
            if (Local(Utc0(middle)) < local)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return Utc0(low);
    }

    private static DateTimeOffset Utc0(long ticks) => new(WithinRange(ticks), TimeSpan.Zero);

    private static long WithinRange(long ticks) => Math.Clamp(ticks, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks);
}
