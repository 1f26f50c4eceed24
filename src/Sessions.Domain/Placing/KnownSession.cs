namespace Sessions.Domain;

/// <summary>A session as its device knows it: enough to place the next event.</summary>
/// <param name="SessionId">The session's id.</param>
/// <param name="ClientMade">Whether a client named it; else the server made it.</param>
/// <param name="Start">The time of its earliest event.</param>
/// <param name="End">The time of its latest event.</param>
/// <param name="Status">Live or ended.</param>
/// <param name="EndReason">Why it ended; null while live.</param>
/// <param name="ClosedAt">After a final end: no later event joins without naming the session.</param>
/// <param name="IdentifiedAs">The identified person, once there is one.</param>
/// <param name="IdleTimeout">The idle timeout that holds for it.</param>
/// <param name="LastActivityAt">Server time of its last timely event.</param>
public sealed record KnownSession(
    Guid SessionId,
    bool ClientMade,
    DateTimeOffset Start,
    DateTimeOffset End,
    SessionStatus Status,
    EndReason? EndReason,
    DateTimeOffset? ClosedAt,
    string? IdentifiedAs,
    TimeSpan IdleTimeout,
    DateTimeOffset LastActivityAt)
{
    public static KnownSession Of(Guid sessionId, SessionState state, SessionRules rules) => new(
        sessionId,
        state.ClientMade,
        state.Start,
        state.End,
        state.Status,
        state.EndReason,
        state.ClosedAt,
        state.IdentifiedAs?.Value,
        SessionFold.IdleTimeoutOf(state, rules),
        state.LastActivityAt);

    public bool IsLive => Status == SessionStatus.Live;

    /// <summary>The same session with one more event in it.</summary>
    public KnownSession With(DateTimeOffset time, string? identifiedAs) => this with
    {
        Start = time < Start ? time : Start,
        End = time > End ? time : End,
        IdentifiedAs = IdentifiedAs ?? identifiedAs,
    };
}
