namespace Sessions.Domain;

/// <summary>A session as its device knows it: enough to place the next event.</summary>
/// <param name="SessionId">The session's id.</param>
/// <param name="ClientMade">Whether a client named it; else the server made it.</param>
/// <param name="Start">The time of its earliest event.</param>
/// <param name="End">The time of its latest event.</param>
/// <param name="Status">Live or ended.</param>
/// <param name="EndReason">Why it ended; null while live.</param>
/// <param name="ClosedAt">After a reset: no later event joins without naming the session.</param>
/// <param name="IdentifiedAs">The identified person, once there is one, with the earliest event that says so.</param>
/// <param name="ClientTimeout">The client's own idle timeout, when it says one.</param>
/// <param name="ProjectTimeout">The project's idle timeout, which holds else.</param>
/// <param name="LastActivityAt">Server time of its last timely event.</param>
/// <param name="Claim">What the device's ownership rests on.</param>
public sealed record KnownSession(
    Guid SessionId,
    bool ClientMade,
    DateTimeOffset Start,
    DateTimeOffset End,
    SessionStatus Status,
    EndReason? EndReason,
    DateTimeOffset? ClosedAt,
    Dated<string>? IdentifiedAs,
    TimeSpan? ClientTimeout,
    TimeSpan ProjectTimeout,
    DateTimeOffset LastActivityAt,
    Claim Claim)
{
    public static KnownSession Of(Guid sessionId, SessionState state, SessionRules rules) => new(
        sessionId,
        state.ClientMade,
        state.Start,
        state.End,
        state.Status,
        state.EndReason,
        state.ClosedAt,
        state.IdentifiedAs,
        state.IdleTimeout,
        rules.IdleTimeout,
        state.LastActivityAt,
        state.Claim);

    /// <summary>The idle timeout that holds for it.</summary>
    public TimeSpan IdleTimeout => ClientTimeout ?? ProjectTimeout;

    public bool IsLive => Status == SessionStatus.Live;

    /// <summary>
    /// Whether nothing is known but what was recorded. It may be any of the person's devices', so it neither ends
    /// another session nor is ended by one, and takes no event that doesn't name it. When it idles, it ends.
    /// </summary>
    public bool IsInTrust => Claim == Claim.Recorded;

    /// <summary>When a live session ends if nothing more comes.</summary>
    public DateTimeOffset IdlesAt => LastActivityAt + IdleTimeout;

    /// <summary>Whether a live session has been without activity for its idle timeout, and is to end.</summary>
    public bool IsIdle(DateTimeOffset now) => IsLive && now - LastActivityAt >= IdleTimeout;

    /// <summary>A session as its first event makes it.</summary>
    public static KnownSession Opened(Guid sessionId, Arrival arrival, SessionRules rules) =>
        new KnownSession(
            sessionId,
            arrival.Named,
            arrival.At.Time,
            arrival.At.Time,
            SessionStatus.Ended,
            Sessions.EndReason.Idle,
            null,
            null,
            arrival.IdleTimeout,
            rules.IdleTimeout,
            arrival.At.Time,
            arrival.Claim).With(arrival);

    /// <summary>
    /// The same session with one more event in it. It foretells what the fold will make of the event, so that the
    /// next event of a call is placed as if it came in a call of its own.
    /// </summary>
    public KnownSession With(Arrival arrival)
    {
        DateTimeOffset time = arrival.At.Time;
        TimeSpan? clientTimeout = SessionFold.Longer(ClientTimeout, arrival.IdleTimeout);
        bool timely = SessionFold.IsTimely(time, arrival.ReceivedAt, clientTimeout ?? ProjectTimeout);
        bool isLive = IsLive || (timely && EndReason == Sessions.EndReason.Idle);
        return this with
        {
            ClientMade = ClientMade || arrival.Named,
            Start = time < Start ? time : Start,
            End = time > End ? time : End,
            Status = isLive ? SessionStatus.Live : SessionStatus.Ended,
            EndReason = isLive ? null : EndReason,
            IdentifiedAs = arrival.IdentifiedAs is { } person && !(IdentifiedAs?.At <= arrival.At)
                ? new Dated<string>(person, arrival.At)
                : IdentifiedAs,
            ClientTimeout = clientTimeout,
            LastActivityAt = timely && arrival.ReceivedAt > LastActivityAt ? arrival.ReceivedAt : LastActivityAt,
            Claim = arrival.Claim > Claim ? arrival.Claim : Claim,
        };
    }
}
