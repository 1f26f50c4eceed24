namespace Sessions.Domain.Time;

/// <summary>
/// A point in UTC that a client named. Unlike a <see cref="DateTimeOffset"/> it may lie before year 1 or after
/// year 9999, so sums of what clients send can't overflow.
/// </summary>
/// <param name="Ticks">Units of 100 ns since the start of year 1; within 29,000 years of it.</param>
public readonly record struct Moment(long Ticks)
{
    // 12,000 years in milliseconds: further than any two moments that can be named lie apart.
    private const long FarMs = 12_000L * 366 * 24 * 3600 * 1000;

    private static readonly long YearZeroTicks = -366 * TimeSpan.TicksPerDay;

    public static Moment From(DateTimeOffset instant) => new(instant.UtcTicks);

    /// <summary>This moment and a number of milliseconds, which may be any.</summary>
    public Moment AddMilliseconds(long ms) => new(Ticks + (Math.Clamp(ms, -FarMs, FarMs) * TimeSpan.TicksPerMillisecond));

    /// <summary>
    /// The nearest instant of whole microseconds, as Postgres keeps them. Year 0, which a time zone or a wrong clock
    /// makes of year 1, is the start of year 1; what lies before it or after year 9999 is no date: the Unix epoch.
    /// </summary>
    public DateTimeOffset ToInstant()
    {
        if (Ticks < YearZeroTicks || Ticks > DateTime.MaxValue.Ticks)
        {
            return DateTimeOffset.UnixEpoch;
        }

        long whole = Math.Max(0, Ticks);
        return new DateTimeOffset(whole - (whole % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
    }
}
