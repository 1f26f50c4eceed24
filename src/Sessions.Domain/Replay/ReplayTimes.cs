using Sessions.Domain.Time;

namespace Sessions.Domain.Replay;

/// <summary>Which times of a recording are believed.</summary>
public static class ReplayTimes
{
    /// <summary>An event so far from the middle one of its block is none of it: its clock was never set, or it is garbage.</summary>
    public static readonly TimeSpan MaxFromMiddle = TimeSpan.FromDays(7);

    /// <summary>A clock that is less far off counts as right: that much may be the network's.</summary>
    public static readonly TimeSpan LeastSkew = TimeSpan.FromMinutes(1);

    /// <summary>What is to be added to the client's times.</summary>
    /// <param name="sentAt">When the client sent the request, by its clock; null when it doesn't say.</param>
    /// <param name="now">When it arrived.</param>
    public static long SkewMs(Moment? sentAt, DateTimeOffset now)
    {
        if (sentAt is not { } sent)
        {
            return 0;
        }

        long ticks = Moment.From(now).Ticks - sent.Ticks;
        return Math.Abs(ticks) < LeastSkew.Ticks ? 0 : ticks / TimeSpan.TicksPerMillisecond;
    }

    /// <summary>
    /// The latest time, by the client's clock, that an rrweb event may have: what is further ahead than any event may
    /// be (<see cref="EventTime.MaxAhead"/>) was not recorded then.
    /// </summary>
    public static long LatestMs(long skewMs, DateTimeOffset now) => (now + EventTime.MaxAhead).ToUnixTimeMilliseconds() - skewMs;

    /// <summary>Whether an event belongs to a block whose middle event is at that time.</summary>
    public static bool IsNear(long timeMs, long middleMs) => Math.Abs(timeMs - middleMs) < (long)MaxFromMiddle.TotalMilliseconds;
}
