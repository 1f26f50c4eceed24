namespace Sessions.Domain.Time;

/// <summary>Times as Postgres keeps them.</summary>
public static class WholeMicroseconds
{
    /// <summary>
    /// UTC in whole microseconds: what Postgres would make of it. Rules that compared finer times would decide
    /// otherwise after a restart than before.
    /// </summary>
    public static DateTimeOffset Of(DateTimeOffset time)
    {
        long ticks = time.UtcTicks;
        return new DateTimeOffset(ticks - (ticks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
    }
}
