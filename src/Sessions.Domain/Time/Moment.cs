namespace Sessions.Domain.Time;

/// <summary>
/// A time in UTC that a client sent. Unlike a <see cref="DateTimeOffset"/> it may lie before year 1 or after year 9999,
/// so sums of what clients send can't overflow.
/// </summary>
/// <param name="Ticks">Units of 100 ns since the start of year 1; within 29,000 years of it.</param>
public readonly record struct Moment(long Ticks)
{
    // 12,000 years in milliseconds: longer than the distance between any two times that a client can send.
    private const long FarMs = 12_000L * 366 * 24 * 3600 * 1000;

    private static readonly long YearZeroTicks = -366 * TimeSpan.TicksPerDay;

    /// <summary>Converts an instant.</summary>
    public static Moment From(DateTimeOffset instant) => new(instant.UtcTicks);

    /// <summary>Adds any number of milliseconds.</summary>
    public Moment AddMilliseconds(long ms) => new(Ticks + (Math.Clamp(ms, -FarMs, FarMs) * TimeSpan.TicksPerMillisecond));

    /// <summary>
    /// The nearest time in whole microseconds, Postgres' precision. A time in year 0, which can result from year 1 with
    /// a time zone or a wrong clock, becomes the start of year 1. A time before that or after year 9999 is not a date
    /// and becomes the Unix epoch.
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
