namespace Sessions.Domain.Querying;

/// <summary>A calendar: a time zone with its daylight saving, and the day on which weeks begin.</summary>
/// <param name="Zone">The zone.</param>
/// <param name="WeekStart">The first day of a week.</param>
public sealed record LocalCalendar(TimeZoneInfo Zone, DayOfWeek WeekStart)
{
    /// <summary>UTC, with weeks that begin on Monday.</summary>
    public static LocalCalendar Utc { get; } = new(TimeZoneInfo.Utc, DayOfWeek.Monday);

    /// <summary>The local time at an instant.</summary>
    public DateTime Local(DateTimeOffset time) => new(WithinRange(time.UtcTicks + Zone.GetUtcOffset(time).Ticks));

    /// <summary>
    /// The local time since the start of the current period of this length (a minute, for example), in ticks.
    /// </summary>
    public long TicksInto(DateTimeOffset time, long length) =>
        (((time.UtcTicks + Zone.GetUtcOffset(time).Ticks) % length) + length) % length;

    /// <summary>
    /// The first instant at which the local clocks show this time. When the clocks skip it, the instant of the skip.
    /// </summary>
    public DateTimeOffset Instant(DateTime local)
    {
        local = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        TimeSpan offset = Zone.IsAmbiguousTime(local) ? Zone.GetAmbiguousTimeOffsets(local).Max() : Zone.GetUtcOffset(local);
        DateTimeOffset time = Utc0(local.Ticks - offset.Ticks);
        return Local(time) == local ? time : AfterLeap(local);
    }

    /// <summary>The first instant of a day.</summary>
    public DateTimeOffset StartOf(DateOnly day) => Instant(day.ToDateTime(TimeOnly.MinValue));

    /// <summary>The local day at an instant.</summary>
    public DateOnly Day(DateTimeOffset time) => DateOnly.FromDateTime(Local(time));

    /// <summary>The first day of a day's week.</summary>
    public DateOnly WeekOf(DateOnly day)
    {
        int into = (day.DayOfWeek - WeekStart + 7) % 7;
        return DateOnly.FromDayNumber(Math.Max(0, day.DayNumber - into));
    }

    /// <summary>The first day of a day's month.</summary>
    public static DateOnly MonthOf(DateOnly day) => new(day.Year, day.Month, 1);

    private DateTimeOffset AfterLeap(DateTime local)
    {
        // Within these three days the clocks change at most once, so a binary search finds the instant.
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
