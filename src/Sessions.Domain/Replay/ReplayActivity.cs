namespace Sessions.Domain.Replay;

/// <summary>How long a person was active in a block.</summary>
public static class ReplayActivity
{
    /// <summary>So long after what a person did last they still count as active.</summary>
    public const long ThresholdMs = 5_000;

    /// <summary>
    /// The milliseconds of all active segments. One begins with something that a person does, takes in every event up
    /// to the threshold after the last such thing, and lasts at least a millisecond.
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
