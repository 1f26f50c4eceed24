using Sessions.Domain.Folding;

namespace Sessions.Domain.Devices;

/// <summary>
/// Decides the session of an event without a session id: an existing session of its device, or a new one.
/// </summary>
public static class Placement
{
    /// <summary>Returns the session that the event joins; null when the event begins a new one.</summary>
    /// <param name="sessions">The device's own sessions around the event's time, ordered by start.</param>
    /// <param name="time">The event's time.</param>
    /// <param name="identifiedAs">The person an identified event names; null for an anonymous event.</param>
    public static SessionStanding? Decide(IReadOnlyList<SessionStanding> sessions, DateTimeOffset time, string? identifiedAs)
    {
        SessionStanding? covering = null;
        SessionStanding? near = null;
        for (int i = 0; i < sessions.Count; i++)
        {
            SessionStanding session = sessions[i];
            if (!MayJoin(sessions, i, time, identifiedAs))
            {
                continue;
            }

            if (Covers(session, time))
            {
                // A session that the client named has priority over one that the server made.
                covering = covering is null || (session.ClientMade && !covering.ClientMade) ? session : covering;
            }

            // A late event between two sessions joins the earlier one. The two sessions are never merged, because their
            // ids are already in use.
            near ??= session;
        }

        return covering ?? near;
    }

    private static bool Covers(SessionStanding session, DateTimeOffset time) => session.Start <= time && time <= session.End;

    private static bool MayJoin(IReadOnlyList<SessionStanding> sessions, int index, DateTimeOffset time, string? identifiedAs)
    {
        SessionStanding session = sessions[index];
        return (Covers(session, time) || MayGrowTo(sessions, index, time))
            && (session.ClosedAt is null || time <= session.ClosedAt)
            && !IsAnotherUser(sessions, index, identifiedAs);
    }

    /// <summary>Whether the session may begin earlier or end later, so that it covers that time.</summary>
    private static bool MayGrowTo(IReadOnlyList<SessionStanding> sessions, int index, DateTimeOffset time)
    {
        SessionStanding session = sessions[index];
        TimeSpan gap = time < session.Start ? session.Start - time : time - session.End;
        TimeSpan length = time < session.Start ? session.End - time : time - session.Start;
        return gap <= session.IdleTimeout
            && length <= SessionRules.MaxLength
            && !IsBeyondAnEarlierClose(sessions, index, time)
            && !IsOver(sessions, index, time);
    }

    /// <summary>
    /// Whether the session is over at that time: the client, or another user, has begun a later session that lasted
    /// longer. The session's status and end reason don't matter, so that an event finds the same session however late
    /// it arrives.
    /// </summary>
    private static bool IsOver(IReadOnlyList<SessionStanding> sessions, int index, DateTimeOffset time)
    {
        SessionStanding session = sessions[index];
        for (int i = index + 1; i < sessions.Count && sessions[i].Start < time; i++)
        {
            SessionStanding later = sessions[i];
            if (time > session.End
                && later.End >= session.End
                && (later.ClientMade || IsAnotherUser(sessions, index, later.IdentifiedAs?.DistinctId)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether a reset lies between the time and the session's start: a session that began after a reset can't begin
    /// earlier than the reset.
    /// </summary>
    private static bool IsBeyondAnEarlierClose(IReadOnlyList<SessionStanding> sessions, int index, DateTimeOffset time)
    {
        SessionStanding session = sessions[index];
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
    private static bool IsAnotherUser(IReadOnlyList<SessionStanding> sessions, int index, string? identifiedAs) =>
        identifiedAs is not null
        && PersonIn(sessions, index) is { } person
        && person != identifiedAs;

    /// <summary>
    /// The identified person of a session, or of the device's sessions before it, back to the last reset.
    /// </summary>
    private static string? PersonIn(IReadOnlyList<SessionStanding> sessions, int index)
    {
        for (int i = index; i >= 0; i--)
        {
            if (sessions[i].IdentifiedAs?.DistinctId is { } person)
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
    public static EndReason WhyEnded(IReadOnlyList<SessionStanding> sessions, SessionStanding older, SessionStanding newer)
    {
        if (older.IsProvisional || newer.Start - older.End > older.IdleTimeout)
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

        // Otherwise a late event has made the older session live again and extended it towards the newer one.
        return IsAnotherUser(sessions, IndexOf(sessions, older), newer.IdentifiedAs?.DistinctId)
            ? EndReason.UserChanged
            : EndReason.Idle;
    }

    private static int IndexOf(IReadOnlyList<SessionStanding> sessions, SessionStanding session)
    {
        int index = 0;
        while (sessions[index].SessionId != session.SessionId)
        {
            index++;
        }

        return index;
    }
}
