namespace Sessions.Domain.Replay;

/// <summary>Computes how long a person was active in a block.</summary>
public static class ReplayActivity
{
    /// <summary>How long a person counts as active after their last action, in milliseconds.</summary>
    public const long ThresholdMs = 5_000;

    /// <summary>
    /// The total length of all active segments, in milliseconds. A segment begins with an action of the person,
    /// includes every event up to the threshold after the last action, and lasts at least a millisecond.
    /// </summary>
    /// <param name="events">Events in the order of their times.</param>
    public static long ActiveMs(IEnumerable<ReplayFacts> events)
    {
        long total = 0;
        long begun = 0;
        long last = 0;
        long lastActive = 0;
        bool isIn = false;
        foreach (ReplayFacts happened in events)
        {
            if (isIn && happened.TimeMs > lastActive + ThresholdMs)
            {
                total += Math.Max(1, last - begun);
                isIn = false;
            }

            if (!isIn && happened.IsActive)
            {
                isIn = true;
                begun = happened.TimeMs;
            }

            if (isIn)
            {
                last = happened.TimeMs;
                lastActive = happened.IsActive ? happened.TimeMs : lastActive;
            }
        }

        return isIn ? total + Math.Max(1, last - begun) : total;
    }
}
