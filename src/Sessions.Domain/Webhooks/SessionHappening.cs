namespace Sessions.Domain.Webhooks;

/// <summary>What happened to a session that others are told of.</summary>
public enum SessionHappening
{
    /// <summary>It is live for the first time.</summary>
    Started,

    /// <summary>It had ended for being idle and is live again.</summary>
    Resumed,

    /// <summary>It has ended, or began in the past and was never live.</summary>
    Ended,

    /// <summary>It had ended, and something that came late has changed it since.</summary>
    Amended,
}

/// <summary>Tells happenings by what a session was and is, and has their names outside.</summary>
public static class SessionHappenings
{
    /// <summary>The names of all, in the order of the enum.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<SessionHappening>().Select(ToName)];

    /// <summary>
    /// What happened between two states of a session; null when it only went on. Of one session this gives
    /// <c>started (ended (amended | resumed ended)*)?</c>, or the same from <c>ended</c> on.
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

    /// <summary>The name that webhooks have for it.</summary>
    public static string ToName(this SessionHappening happening) => happening switch
    {
        SessionHappening.Started => "session.started",
        SessionHappening.Resumed => "session.resumed",
        SessionHappening.Ended => "session.ended",
        SessionHappening.Amended => "session.amended",
        _ => throw new ArgumentOutOfRangeException(nameof(happening), happening, null),
    };
}
