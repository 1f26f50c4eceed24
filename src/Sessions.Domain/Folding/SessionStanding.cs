using Orleans;

namespace Sessions.Domain.Folding;

/// <summary>
/// What devices know of a session: enough to place the next event and to end the session. Sessions send it to devices,
/// and devices send it to each other.
/// </summary>
/// <remarks>
/// Immutable. The setters exist only for the serializer, which is generated in Sessions.Silo and can't call an init
/// accessor of another assembly.
/// </remarks>
[GenerateSerializer, Immutable, Alias("sessions.standing")]
public sealed record SessionStanding
{
    [Id(0)] public Guid SessionId { get; internal set; }

    /// <summary>The device that owns the session: <see cref="UserDeviceKey.Device"/>.</summary>
    [Id(1)] public string Owner { get; internal set; } = "";

    /// <summary>Whether a client named the session. If not, the server made it.</summary>
    [Id(2)] public bool ClientMade { get; internal set; }

    /// <summary>The time of its earliest event.</summary>
    [Id(3)] public DateTimeOffset Start { get; internal set; }

    /// <summary>The time of its latest event.</summary>
    [Id(4)] public DateTimeOffset End { get; internal set; }

    [Id(5)] public SessionStatus Status { get; internal set; }

    /// <summary>Why the session ended; null while it is live.</summary>
    [Id(6)] public EndReason? EndReason { get; internal set; }

    /// <summary>
    /// The time of a reset: later events don't join the session unless they name it. Null without a reset.
    /// </summary>
    [Id(7)] public DateTimeOffset? ClosedAt { get; internal set; }

    /// <summary>The identified person; null while there is none.</summary>
    [Id(8)] public IdentifiedPerson? IdentifiedAs { get; internal set; }

    /// <summary>The client's own idle timeout; null when it has none.</summary>
    [Id(9)] public TimeSpan? ClientTimeout { get; internal set; }

    /// <summary>The server time of the session's last timely event.</summary>
    [Id(10)] public DateTimeOffset LastActivityAt { get; internal set; }

    /// <summary>The project's idle timeout, which applies when the client has none.</summary>
    [Id(11)] public TimeSpan ProjectTimeout { get; internal set; }

    /// <summary>
    /// Whether the session has only recordings so far (<see cref="Claim.Recorded"/>). It may belong to any device of
    /// the person. Therefore it neither ends another session nor is ended by one, and only an event that names it joins
    /// it.
    /// </summary>
    [Id(12)] public bool IsProvisional { get; internal set; }

    /// <summary>Whether the owner is a client with a device id of its own (<see cref="Claim.Client"/>).</summary>
    [Id(13)] public bool OwnerIsClient { get; internal set; }

    /// <summary>The owner's claim.</summary>
    public Claim Claim => OwnerIsClient ? Claim.Client : IsProvisional ? Claim.Recorded : Claim.Named;

    /// <summary>The idle timeout that applies to the session.</summary>
    public TimeSpan IdleTimeout => ClientTimeout ?? ProjectTimeout;

    /// <summary>Whether the session is live.</summary>
    public bool IsLive => Status == SessionStatus.Live;

    /// <summary>When a live session becomes idle without further events.</summary>
    public DateTimeOffset IdlesAt => LastActivityAt + IdleTimeout;

    private SessionTimes Times => new(Start, End, LastActivityAt, ClientTimeout, Status, EndReason, ClientMade, Claim);

    /// <summary>Makes the standing of a folded session.</summary>
    public static SessionStanding Of(Guid sessionId, SessionState state, SessionRules rules) => new SessionStanding
    {
        SessionId = sessionId,
        Owner = state.Owner,
        ClosedAt = state.ClosedAt,
        IdentifiedAs = state.IdentifiedAs is { } person ? IdentifiedPerson.Of(person.Value, person.At) : null,
        ProjectTimeout = rules.IdleTimeout,
    }.Set(SessionTimes.Of(state));

    /// <summary>The session as it will be after its first event, which that device sends.</summary>
    public static SessionStanding Opened(Guid sessionId, string device, Arrival first, SessionRules rules) => new SessionStanding
    {
        SessionId = sessionId,
        Owner = device,
        IdentifiedAs = first.IdentifiedAs is { } person ? IdentifiedPerson.Of(person, first.At) : null,
        ProjectTimeout = rules.IdleTimeout,
    }.Set(SessionTimes.Opened(first, rules.IdleTimeout));

    /// <summary>
    /// The session as it will be after one more event, which that device sends. With this, the device places the next
    /// event of a call as if it came in a separate call.
    /// </summary>
    public SessionStanding With(string device, Arrival arrival) => (this with
    {
        Owner = arrival.Claim > Claim ? device : Owner,
        IdentifiedAs = arrival.IdentifiedAs is { } person && SessionFold.IsEarlier(arrival.At, IdentifiedAs?.At)
            ? IdentifiedPerson.Of(person, arrival.At)
            : IdentifiedAs,
    }).Set(Times.With(arrival, ProjectTimeout));

    /// <summary>Completes a record that was just made.</summary>
    private SessionStanding Set(in SessionTimes times)
    {
        (Start, End, LastActivityAt, ClientTimeout) = (times.Start, times.End, times.LastActivityAt, times.ClientTimeout);
        (Status, EndReason, ClientMade) = (times.Status, times.EndReason, times.ClientMade);
        (IsProvisional, OwnerIsClient) = (times.Claim == Claim.Recorded, times.Claim == Claim.Client);
        return this;
    }

    /// <summary>Whether a live session has been without activity for its idle timeout, and must end.</summary>
    public bool IsIdle(DateTimeOffset now) => IsLive && now - LastActivityAt >= IdleTimeout;

    /// <summary>Whether that time is at most the idle timeout before the session's start or after its end.</summary>
    public bool IsNear(DateTimeOffset time) => Start - time <= IdleTimeout && time - End <= IdleTimeout;
}

/// <summary>An identified person with the earliest event that names the person.</summary>
[GenerateSerializer, Immutable, Alias("sessions.identified-person")]
public sealed record IdentifiedPerson
{
    [Id(0)] public string DistinctId { get; internal set; } = "";
    [Id(1)] public DateTimeOffset Time { get; internal set; }
    [Id(2)] public Guid EventId { get; internal set; }
    [Id(3)] public long SenderOrder { get; internal set; }

    /// <summary>The event's place in the order of events.</summary>
    public EventOrder At => new(Time, SenderOrder, EventId);

    /// <summary>Makes an identified person from an event.</summary>
    public static IdentifiedPerson Of(string distinctId, EventOrder at) =>
        new() { DistinctId = distinctId, Time = at.Time, EventId = at.EventId, SenderOrder = at.SenderOrder };
}
