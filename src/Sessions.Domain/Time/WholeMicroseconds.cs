namespace Sessions.Domain.Time;

/// <summary>Rounds times to the precision of Postgres.</summary>
public static class WholeMicroseconds
{
    /// <summary>
    /// Converts a time to UTC in whole microseconds, as Postgres stores it. If rules compared more precise times, they
    /// could decide differently after a restart.
    /// </summary>
    public static DateTimeOffset Of(DateTimeOffset time)
    {
        long ticks = time.UtcTicks;
        return new DateTimeOffset(ticks - (ticks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
    }
}
