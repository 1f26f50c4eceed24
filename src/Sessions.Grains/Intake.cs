using Sessions.Domain;

namespace Sessions.Grains;

/// <summary>
/// The device's side of a session: only a <see cref="UserDeviceGrain"/> calls it, and who takes a person out.
/// </summary>
[Alias("sessions.ISessionIntake")]
internal interface ISessionIntake : IGrainWithStringKey
{
    /// <summary>Takes events; completes when all that are valid are durable.</summary>
    [Alias("Append")]
    Task<AppendResult> Append(DeviceCall caller, DateTimeOffset receivedAt, [Immutable] IReadOnlyList<PlacedEvent> events);

    /// <summary>The same once the owner, another device, expects that its session goes on.</summary>
    [Alias("AppendExpected")]
    Task<AppendResult> AppendExpected(DeviceCall caller, DateTimeOffset receivedAt, [Immutable] IReadOnlyList<PlacedEvent> events);

    /// <summary>Ends the session, unless it has reason to go on.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="reason">Why.</param>
    /// <param name="closedAt">
    /// From when on the device's events belong elsewhere. Null asks for an idle session only: one with newer
    /// activity of its own goes on.
    /// </param>
    [Alias("End")]
    Task<EndResult> End(DeviceCall caller, EndReason reason, DateTimeOffset? closedAt);

    /// <summary>The session's bounds and status with all that it has taken; null when there is none.</summary>
    [Alias("GetStanding")]
    Task<SessionStanding?> GetStanding();

    /// <summary>The same for one who knows something of the session.</summary>
    /// <param name="number">
    /// The journal's number that the caller has seen in the session's row: who knows of less is out of date, and reads
    /// again.
    /// </param>
    [Alias("GetStandingSince")]
    Task<SessionStanding?> GetStandingSince(int number);

    /// <summary>Whether the session has an event of that device with that id.</summary>
    [Alias("HasTaken")]
    Task<bool> HasTaken(UserDeviceKey device, Guid eventId);

    /// <summary>Whether the session has that very event of that device: another one may have its id.</summary>
    [Alias("HasTakenSame")]
    Task<bool> HasTakenSame(UserDeviceKey device, PlacedEvent sent);

    /// <summary>
    /// Takes a person out of the session, in memory and in Postgres, and the session away when nothing else is left of it.
    /// What is on its way is written before; what comes meanwhile waits, and is then taken as if the session had never
    /// had what is gone.
    /// </summary>
    [Alias("Forget")]
    Task Forget(PersonDeletion deletion);
}

/// <summary>Who asks: an activation of a device.</summary>
/// <param name="Device">The device.</param>
/// <param name="Epoch">The activation's epoch.</param>
/// <param name="Reminder">
/// With the end of its last live session: the version of its reminder, which goes in the same commit. Null leaves it.
/// </param>
[GenerateSerializer, Immutable, Alias("sessions.device-call")]
public readonly record struct DeviceCall(
    [property: Id(0)] UserDeviceKey Device, [property: Id(1)] long Epoch, [property: Id(2)] int? Reminder = null);

/// <summary>An event on its way into a session.</summary>
/// <param name="Event">The event, its timestamp settled.</param>
/// <param name="Named">Whether the event names this session; else the server placed it here.</param>
/// <param name="ClientTime">
/// When it happened by its client's own clock; null when the client named no time, and from a device of an earlier build.
/// </param>
[GenerateSerializer, Immutable, Alias("sessions.placed-event")]
internal readonly record struct PlacedEvent(
    [property: Id(0)] SessionEvent Event,
    [property: Id(1)] bool Named,
    [property: Id(2)] DateTimeOffset? ClientTime = null);

/// <summary>What a session made of an append.</summary>
/// <param name="IsStale">The caller has been replaced by a newer activation, or the session has ended for it: nothing was taken.</param>
/// <param name="Receipts">One for each event, in order; empty when nothing was taken.</param>
/// <param name="Standing">The session afterwards; null when it doesn't exist, for all events were invalid.</param>
/// <param name="Revives">
/// The device whose session the events would make live again. Nothing was taken: that device is to expect it first.
/// </param>
[GenerateSerializer, Immutable, Alias("sessions.append-result")]
internal sealed record AppendResult(
    [property: Id(0)] bool IsStale,
    [property: Id(1)] IReadOnlyList<EventReceipt> Receipts,
    [property: Id(2)] SessionStanding? Standing,
    [property: Id(3)] string? Revives = null);

/// <summary>What became of the wish to end a session.</summary>
/// <param name="Verdict">Whether it has ended.</param>
/// <param name="Standing">The session afterwards; null when there is none.</param>
[GenerateSerializer, Immutable, Alias("sessions.end-result")]
internal sealed record EndResult([property: Id(0)] EndVerdict Verdict, [property: Id(1)] SessionStanding? Standing);

[GenerateSerializer, Alias("sessions.end-verdict")]
internal enum EndVerdict
{
    /// <summary>It has ended, now or before.</summary>
    Ended,

    /// <summary>It goes on: it had activity that the device doesn't know of.</summary>
    Active,

    /// <summary>Another device opened it; the asking device forgets it.</summary>
    NotYours,

    /// <summary>The asking activation has been replaced by a newer one.</summary>
    Stale,
}

/// <summary>A session's bounds and status on the wire between grains: <see cref="KnownSession"/> with its owner.</summary>
[GenerateSerializer, Immutable, Alias("sessions.standing")]
internal sealed record SessionStanding
{
    [Id(0)] public required Guid SessionId { get; init; }
    [Id(1)] public required string Owner { get; init; }
    [Id(2)] public required bool ClientMade { get; init; }
    [Id(3)] public required DateTimeOffset Start { get; init; }
    [Id(4)] public required DateTimeOffset End { get; init; }
    [Id(5)] public required SessionStatus Status { get; init; }
    [Id(6)] public EndReason? EndReason { get; init; }
    [Id(7)] public DateTimeOffset? ClosedAt { get; init; }
    [Id(8)] public IdentifiedPerson? IdentifiedAs { get; init; }
    [Id(9)] public TimeSpan? ClientTimeout { get; init; }
    [Id(10)] public required DateTimeOffset LastActivityAt { get; init; }
    [Id(11)] public required TimeSpan ProjectTimeout { get; init; }
    [Id(12)] public bool IsInTrust { get; init; }
    [Id(13)] public bool IsClients { get; init; }

    /// <summary>What the owner's ownership rests on.</summary>
    public Claim Claim => IsClients ? Claim.Client : IsInTrust ? Claim.Recorded : Claim.Spoken;

    public static SessionStanding Of(Guid sessionId, SessionState state, SessionRules rules)
    {
        KnownSession known = KnownSession.Of(sessionId, state, rules);
        return new SessionStanding
        {
            SessionId = sessionId,
            Owner = state.Owner,
            ClientMade = known.ClientMade,
            Start = known.Start,
            End = known.End,
            Status = known.Status,
            EndReason = known.EndReason,
            ClosedAt = known.ClosedAt,
            IdentifiedAs = known.IdentifiedAs is { } person
                ? new IdentifiedPerson(person.Value, person.At.Time, person.At.EventId, person.At.SenderOrder)
                : null,
            ClientTimeout = known.ClientTimeout,
            ProjectTimeout = known.ProjectTimeout,
            LastActivityAt = known.LastActivityAt,
            IsInTrust = known.Claim == Claim.Recorded,
            IsClients = known.Claim == Claim.Client,
        };
    }

    public KnownSession ToKnown() => new(
        SessionId,
        ClientMade,
        Start,
        End,
        Status,
        EndReason,
        ClosedAt,
        IdentifiedAs?.ToDated(),
        ClientTimeout,
        ProjectTimeout,
        LastActivityAt,
        Claim);
}

/// <summary>An identified person with the earliest event that says so.</summary>
[GenerateSerializer, Immutable, Alias("sessions.identified-person")]
internal sealed record IdentifiedPerson(
    [property: Id(0)] string DistinctId,
    [property: Id(1)] DateTimeOffset Time,
    [property: Id(2)] Guid EventId,
    [property: Id(3)] long SenderOrder = 0)
{
    public Dated<string> ToDated() => new(DistinctId, new EventOrder(Time, SenderOrder, EventId));
}
