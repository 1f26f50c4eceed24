namespace Sessions.Domain.Folding;

/// <summary>The events of a session that webhooks are sent.</summary>
public enum SessionHappening
{
    /// <summary>The session is live for the first time.</summary>
    Started,

    /// <summary>The session had ended as idle and is live again.</summary>
    Resumed,

    /// <summary>The session has ended, or all of its events came late and it was never live.</summary>
    Ended,

    /// <summary>A late event has changed the session after its end.</summary>
    Amended,
}

/// <summary>Finds what happened between two states of a session, and has the public names.</summary>
public static class SessionHappenings
{
    /// <summary>All names, in the order of the enum.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<SessionHappening>().Select(ToName)];

    /// <summary>
    /// What happened between two states of a session; null when it only got more events. For one session, the sequence
    /// is <c>started (ended (amended | resumed ended)*)?</c>, or the same from <c>ended</c> on.
    /// </summary>
    /// <param name="before">The state before; null when there was none.</param>
    /// <param name="after">The state after, which differs.</param>
    public static SessionHappening? Between(SessionState? before, SessionState after) => (before?.Status, after.Status) switch
    {
        (null, SessionStatus.Live) => SessionHappening.Started,
        (SessionStatus.Ended, SessionStatus.Live) => SessionHappening.Resumed,
        (SessionStatus.Ended, SessionStatus.Ended) => SessionHappening.Amended,
        (_, SessionStatus.Ended) => SessionHappening.Ended,
        _ => null,
    };

    /// <summary>The name in webhook messages.</summary>
    public static string ToName(this SessionHappening happening) => happening switch
    {
        SessionHappening.Started => "session.started",
        SessionHappening.Resumed => "session.resumed",
        SessionHappening.Ended => "session.ended",
        SessionHappening.Amended => "session.amended",
        _ => throw new ArgumentOutOfRangeException(nameof(happening), happening, null),
    };
}
