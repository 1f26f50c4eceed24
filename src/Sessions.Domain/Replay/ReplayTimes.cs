using Sessions.Domain.Time;

namespace Sessions.Domain.Replay;

/// <summary>Decides which times of a recording are plausible.</summary>
public static class ReplayTimes
{
    /// <summary>
    /// An event that is further from the block's middle event than this does not belong to the block: its clock was
    /// never set, or its time is invalid.
    /// </summary>
    public static readonly TimeSpan MaxFromMiddle = TimeSpan.FromDays(7);

    /// <summary>
    /// A clock with a smaller offset counts as correct, because the network's delay may be the cause.
    /// </summary>
    public static readonly TimeSpan LeastSkew = TimeSpan.FromMinutes(1);

    /// <summary>Computes the milliseconds to add to the client's times.</summary>
    /// <param name="sentAt">When the client sent the request, by its clock; null when it did not say.</param>
    /// <param name="now">When the request arrived.</param>
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
    /// The latest valid time of an rrweb event, by the client's clock, in milliseconds since 1970. A later time would
    /// be further ahead than any event may be (<see cref="EventTime.MaxAhead"/>).
    /// </summary>
    public static long LatestMs(long skewMs, DateTimeOffset now) => (now + EventTime.MaxAhead).ToUnixTimeMilliseconds() - skewMs;

    /// <summary>Whether an event belongs to a block whose middle event is at that time.</summary>
    public static bool IsNear(long timeMs, long middleMs) => Math.Abs(timeMs - middleMs) < (long)MaxFromMiddle.TotalMilliseconds;
}
