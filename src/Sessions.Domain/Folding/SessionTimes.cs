namespace Sessions.Domain.Folding;

/// <summary>
/// How an event changes a session's times, status and claim. Both sides use this rule: the session's fold for the
/// events that it stores, and a device for the events that it is about to send.
/// </summary>
/// <param name="Start">The time of the session's earliest event.</param>
/// <param name="End">The time of its latest event.</param>
/// <param name="LastActivityAt">Server time of its last timely event.</param>
/// <param name="ClientTimeout">The longest idle timeout that its clients sent; null when there is none.</param>
/// <param name="Status">Live or ended.</param>
/// <param name="EndReason">Why it ended; null while live.</param>
/// <param name="ClientMade">Whether a client named the session. If not, the server made it.</param>
/// <param name="Claim">The owner's claim.</param>
public readonly record struct SessionTimes(
    DateTimeOffset Start,
    DateTimeOffset End,
    DateTimeOffset LastActivityAt,
    TimeSpan? ClientTimeout,
    SessionStatus Status,
    EndReason? EndReason,
    bool ClientMade,
    Claim Claim)
{
    /// <summary>The times of a folded session.</summary>
    public static SessionTimes Of(SessionState state) => new(
        state.Start, state.End, state.LastActivityAt, state.IdleTimeout, state.Status, state.EndReason, state.ClientMade, state.Claim);

    /// <summary>
    /// The times of a session after its first event. If that event is not timely, the session has already ended.
    /// </summary>
    public static SessionTimes Opened(Arrival first, TimeSpan projectTimeout)
    {
        DateTimeOffset time = first.At.Time;
        bool timely = SessionFold.IsTimely(time, first.ReceivedAt, first.IdleTimeout ?? projectTimeout);
        return new SessionTimes(
            time,
            time,
            timely ? first.ReceivedAt : time,
            first.IdleTimeout,
            timely ? SessionStatus.Live : SessionStatus.Ended,
            timely ? null : Sessions.EndReason.Idle,
            first.Named,
            first.Claim);
    }

    /// <summary>The times with one more event.</summary>
    public SessionTimes With(Arrival arrival, TimeSpan projectTimeout)
    {
        DateTimeOffset time = arrival.At.Time;
        TimeSpan? clientTimeout = SessionFold.Longer(ClientTimeout, arrival.IdleTimeout);
        bool timely = SessionFold.IsTimely(time, arrival.ReceivedAt, clientTimeout ?? projectTimeout);
        // A timely event makes a session live again that ended as idle. All other ends are final.
        bool revives = timely && EndReason == Sessions.EndReason.Idle;
        return new SessionTimes(
            time < Start ? time : Start,
            time > End ? time : End,
            timely && arrival.ReceivedAt > LastActivityAt ? arrival.ReceivedAt : LastActivityAt,
            clientTimeout,
            revives ? SessionStatus.Live : Status,
            revives ? null : EndReason,
            ClientMade || arrival.Named,
            arrival.Claim > Claim ? arrival.Claim : Claim);
    }
}
