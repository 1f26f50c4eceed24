namespace Sessions.Domain;

/// <summary>Where an event without a session id goes: into a session that its device has, or into a new one.</summary>
public static class Placement
{
    /// <summary>The session the event joins; null when it opens a new one.</summary>
    /// <param name="sessions">The device's own sessions around the event's time, ordered by start.</param>
    /// <param name="time">The event's time.</param>
    /// <param name="identifiedAs">The person an identified event names; null for an anonymous event.</param>
    public static KnownSession? Decide(IReadOnlyList<KnownSession> sessions, DateTimeOffset time, string? identifiedAs)
    {
        KnownSession? covering = null;
        KnownSession? near = null;
        for (int i = 0; i < sessions.Count; i++)
        {
            KnownSession session = sessions[i];
            if (!MayJoin(sessions, i, time, identifiedAs))
            {
                continue;
            }

            if (Covers(session, time))
            {
                // The client's own session goes before one that the server made.
                covering = covering is null || (session.ClientMade && !covering.ClientMade) ? session : covering;
            }

            // A late event between two sessions joins the earlier one. It never merges them: their ids are out in
            // the world.
            near ??= session;
        }

        return covering ?? near;
    }

    private static bool Covers(KnownSession session, DateTimeOffset time) => session.Start <= time && time <= session.End;

    private static bool MayJoin(IReadOnlyList<KnownSession> sessions, int index, DateTimeOffset time, string? identifiedAs)
    {
        KnownSession session = sessions[index];
        return (Covers(session, time) || MayGrowTo(sessions, index, time))
            && (session.ClosedAt is null || time <= session.ClosedAt)
            && !IsAnotherUser(sessions, index, identifiedAs);
    }

    /// <summary>Whether the session may begin earlier or end later, so that it covers that time.</summary>
    private static bool MayGrowTo(IReadOnlyList<KnownSession> sessions, int index, DateTimeOffset time)
    {
        KnownSession session = sessions[index];
        TimeSpan gap = time < session.Start ? session.Start - time : time - session.End;
        TimeSpan length = time < session.Start ? session.End - time : time - session.Start;
        return gap <= session.IdleTimeout
            && length <= SessionRules.MaxLength
            && !IsBeyondAnEarlierClose(sessions, index, time)
            && !IsOver(sessions, index, time);
    }

    /// <summary>
    /// A session is over at the time when the client began a later one, or another user did, and that one outlasted
    /// it. This holds whether the session has ended, and why: an event finds the same session however late it comes.
    /// </summary>
    private static bool IsOver(IReadOnlyList<KnownSession> sessions, int index, DateTimeOffset time)
    {
        KnownSession session = sessions[index];
        for (int i = index + 1; i < sessions.Count && sessions[i].Start < time; i++)
        {
            KnownSession later = sessions[i];
            if (time > session.End
                && later.End >= session.End
                && (later.ClientMade || IsAnotherUser(sessions, index, later.IdentifiedAs?.Value)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A session that began after a reset doesn't reach back over it.</summary>
    private static bool IsBeyondAnEarlierClose(IReadOnlyList<KnownSession> sessions, int index, DateTimeOffset time)
    {
        KnownSession session = sessions[index];
        for (int i = 0; i < index; i++)
        {
            if (sessions[i].ClosedAt is { } closed && time <= closed && closed <= session.Start && time < session.Start)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the event names another person than the device had in that session.</summary>
    private static bool IsAnotherUser(IReadOnlyList<KnownSession> sessions, int index, string? identifiedAs) =>
        identifiedAs is not null
        && PersonIn(sessions, index) is { } person
        && person != identifiedAs;

    /// <summary>The identified person of a session, or who the device had before it; a reset forgets.</summary>
    private static string? PersonIn(IReadOnlyList<KnownSession> sessions, int index)
    {
        for (int i = index; i >= 0; i--)
        {
            if (sessions[i].IdentifiedAs?.Value is { } person)
            {
                return person;
            }

            if (i > 0 && sessions[i - 1].EndReason == EndReason.Reset)
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>Why a live session ends when its device has a later one.</summary>
    /// <param name="sessions">The device's sessions, ordered by start.</param>
    /// <param name="older">The session that ends, one of them.</param>
    /// <param name="newer">The device's latest session.</param>
    public static EndReason WhyEnded(IReadOnlyList<KnownSession> sessions, KnownSession older, KnownSession newer)
    {
        if (older.IsInTrust || newer.Start - older.End > older.IdleTimeout)
        {
            return EndReason.Idle;
        }

        if (newer.ClientMade)
        {
            return EndReason.NewClientSession;
        }

        if (newer.Start - older.Start > SessionRules.MaxLength)
        {
            return EndReason.MaxLength;
        }

        // Otherwise a late event has made the older one live once more and brought it near the newer one.
        return IsAnotherUser(sessions, IndexOf(sessions, older), newer.IdentifiedAs?.Value)
            ? EndReason.UserChanged
            : EndReason.Idle;
    }

    private static int IndexOf(IReadOnlyList<KnownSession> sessions, KnownSession session)
    {
        int index = 0;
        while (sessions[index].SessionId != session.SessionId)
        {
            index++;
        }

        return index;
    }
}
