using Sessions.Domain.Folding;
using Sessions.Silo.PersonData;

namespace Sessions.Silo.Sessions;

/// <summary>
/// How the silo changes a session: devices append events and end it, and the deletion of a person erases them from it.
/// </summary>
[Alias("sessions.ISessionIntake")]
internal interface ISessionWriter : IGrainWithStringKey
{
    /// <summary>Appends events; completes when all valid ones are durable.</summary>
    /// <exception cref="SessionsUnavailableException">They can't be made durable now.</exception>
    [Alias("Append")]
    Task<AppendResult> Append(DeviceEpoch caller, DateTimeOffset receivedAt, [Immutable] IReadOnlyList<PlacedEvent> events);

    /// <summary>
    /// Appends events when the session's owner is another device, which has been told to expect that the session goes
    /// on.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">They can't be made durable now.</exception>
    [Alias("AppendExpected")]
    Task<AppendResult> AppendExpected(DeviceEpoch caller, DateTimeOffset receivedAt, [Immutable] IReadOnlyList<PlacedEvent> events);

    /// <summary>Ends the session, unless it has a reason to go on; completes when the end is durable.</summary>
    /// <param name="caller">The device that asks.</param>
    /// <param name="reason">The reason.</param>
    /// <param name="closedAt">
    /// The time from which the device's events belong to another session. Null ends the session only when it is idle: it
    /// may have activity that the device does not know of.
    /// </param>
    /// <exception cref="SessionsUnavailableException">The end can't be made durable now.</exception>
    [Alias("End")]
    Task<EndResult> End(DeviceEpoch caller, EndReason reason, DateTimeOffset? closedAt);

    /// <summary>The session's times and status with all events that it has taken; null when there is no session.</summary>
    [Alias("GetStanding")]
    Task<SessionStanding?> GetStanding();

    /// <summary>
    /// Like <see cref="GetStanding"/>, but an activation whose last entry is older than this number loads the session
    /// again first.
    /// </summary>
    /// <param name="number">The number of an entry, which the caller has read in the session's row.</param>
    [Alias("GetStandingSince")]
    Task<SessionStanding?> GetStandingSince(int number);

    /// <summary>Whether the session has taken an event of the device with this id.</summary>
    [Alias("HasTaken")]
    Task<bool> HasTaken(UserDeviceKey device, Guid eventId);

    /// <summary>
    /// Whether the session has taken exactly this event of the device. Another event may have the same id.
    /// </summary>
    [Alias("HasTakenSame")]
    Task<bool> HasTakenSame(UserDeviceKey device, PlacedEvent sent);

    /// <summary>
    /// Erases a person from the session, in memory and in Postgres, and the session too when nothing else is left of
    /// it. Waits for appends in flight first. Calls that arrive meanwhile wait until the session is loaded again
    /// without the person.
    /// </summary>
    [Alias("Forget")]
    Task Forget(PersonDeletion deletion);

    /// <summary>
    /// Sets the rage and dead clicks that were found in the recording; completes when they are durable. The order of calls
    /// does not matter: the search that looked at the most blocks counts.
    /// </summary>
    /// <param name="found">A <see cref="Domain.Replay.Clicks.ReplayClicks"/>, as journals store it.</param>
    /// <returns>Whether the session did not have them yet.</returns>
    /// <exception cref="SessionsUnavailableException">They can't be made durable now.</exception>
    [Alias("SetReplayClicks")]
    Task<bool> SetReplayClicks([Immutable] byte[] found);
}

/// <summary>What a session did with the events of a call.</summary>
/// <param name="IsStale">
/// True when the session took nothing, because a newer activation has replaced the caller, or because the session was
/// closed without the caller knowing.
/// </param>
/// <param name="Receipts">One for each event, in order; empty when nothing was taken.</param>
/// <param name="Standing">The session afterwards; null when it doesn't exist because all events were invalid.</param>
/// <param name="Revives">
/// The device that owns the session, when the events would make the session live again. Then nothing was taken: the
/// caller must announce the session to that device first.
/// </param>
[GenerateSerializer, Immutable, Alias("sessions.append-result")]
internal sealed record AppendResult(
    [property: Id(0)] bool IsStale,
    [property: Id(1)] IReadOnlyList<EventReceipt> Receipts,
    [property: Id(2)] SessionStanding? Standing,
    [property: Id(3)] string? Revives = null)
{
    /// <summary>Calls the session without a message; null when it is on another silo.</summary>
    [field: NonSerialized]
    public NearSession? Near { get; init; }
}

/// <summary>The result of a request to end a session.</summary>
/// <param name="Verdict">Whether the session has ended.</param>
/// <param name="Standing">The session afterwards; null when there is none, or when the caller is stale.</param>
[GenerateSerializer, Immutable, Alias("sessions.end-result")]
internal sealed record EndResult([property: Id(0)] EndVerdict Verdict, [property: Id(1)] SessionStanding? Standing);
