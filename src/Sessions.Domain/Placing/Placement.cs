namespace Sessions.Domain;

/// <summary>Where an event without a session id goes: into a session that its device has, or into a new one.</summary>
public static class Placement
{
    /// <summary>The session the event joins; null when it opens a new one.</summary>
    /// <param name="sessions">The sessions of the device around the event's time, ordered by start.</param>
    /// <param name="time">The event's time.</param>
    /// <param name="identifiedAs">The person an identified event names; null for an anonymous event.</param>
    /// <param name="rules">The project's rules.</param>
    public static KnownSession? Decide(
        IReadOnlyList<KnownSession> sessions, DateTimeOffset time, string? identifiedAs, SessionRules rules)
    {
        KnownSession? near = null;
        for (int i = 0; i < sessions.Count; i++)
        {
            KnownSession session = sessions[i];
            if (!MayJoin(sessions, i, time, identifiedAs, rules))
            {
                continue;
            }

            if (session.Start <= time && time <= session.End)
            {
                return session;
            }

            // A late event between two sessions joins the earlier one. It never merges them: their ids are out in
            // the world.
            near ??= session;
        }

        return near;
    }

    private static bool MayJoin(
        IReadOnlyList<KnownSession> sessions, int index, DateTimeOffset time, string? identifiedAs, SessionRules rules)
    {
        KnownSession session = sessions[index];
        DateTimeOffset start = time < session.Start ? time : session.Start;
        DateTimeOffset end = time > session.End ? time : session.End;
        bool withinTimeout = session.Start - time <= session.IdleTimeout && time - session.End <= session.IdleTimeout;
        return withinTimeout
            && end - start <= SessionRules.MaxLength
            && (session.ClosedAt is null || time <= session.ClosedAt)
            && !IsBeyondAnEarlierClose(sessions, index, time)
            && !IsAnotherUser(sessions, index, identifiedAs);
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
            if (sessions[i].IdentifiedAs is { } person)
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
    /// <param name="older">The session that ends.</param>
    /// <param name="newer">The device's latest session.</param>
    public static EndReason WhyEnded(KnownSession older, KnownSession newer)
    {
        if (newer.Start - older.End > older.IdleTimeout)
        {
            return EndReason.Idle;
        }

        if (newer.ClientMade)
        {
            return EndReason.NewClientSession;
        }

        return newer.Start - older.Start > SessionRules.MaxLength ? EndReason.MaxLength : EndReason.UserChanged;
    }
}
