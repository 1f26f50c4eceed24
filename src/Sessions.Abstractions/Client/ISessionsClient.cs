namespace Sessions;

/// <summary>
/// A backend's way to sessions: calls the grains of one project. Calls that fail for a passing reason (a silo that
/// died, a database that is away) are made again within <see cref="SessionsClientOptions.Patience"/>, which is safe
/// because an event's id makes it count once. Safe for use by many threads; one for a process is enough.
/// </summary>
public interface ISessionsClient
{
    /// <summary>
    /// Takes events, of any number of devices, and completes when all that are valid are durable. Those of one device
    /// are taken in the order given. An event without a time gets the one at which it is first sent. Events of one time
    /// are in the order of the list, unless any of them has a <see cref="SessionEvent.SenderOrder"/>: then in that order.
    /// </summary>
    /// <param name="events">The events.</param>
    /// <param name="cancellation">Stops waiting; what is on its way may still be taken.</param>
    /// <returns>A receipt for each event, in order.</returns>
    /// <exception cref="SessionsUnavailableException">
    /// Not all could be made durable within the patience. Sending all of them again is safe: an event counts once.
    /// </exception>
    Task<TrackReceipt> Track(IReadOnlyList<SessionEvent> events, CancellationToken cancellation = default);

    /// <summary>
    /// Takes one event and completes when it is durable. Events that one client tracks or enqueues one by one, and that
    /// have one time and no <see cref="SessionEvent.SenderOrder"/>, are in the order of these calls.
    /// </summary>
    /// <param name="happened">The event.</param>
    /// <param name="cancellation">Stops waiting; what is on its way may still be taken.</param>
    /// <exception cref="SessionsUnavailableException">As for several events.</exception>
    async Task<EventReceipt> Track(SessionEvent happened, CancellationToken cancellation = default) =>
        (await Track([happened], cancellation)).Events[0];

    /// <summary>
    /// Puts an event into the queue, which is sent in batches every <see cref="SessionsClientOptions.FlushInterval"/>
    /// and when the host stops. Completes at once, or when the queue has room. For events that may be lost when this
    /// process is killed; <see cref="Track(IReadOnlyList{SessionEvent}, CancellationToken)"/> is for the others. Events of
    /// one time keep the order in which they were enqueued.
    /// </summary>
    /// <param name="happened">The event. Without a time it gets the present one.</param>
    /// <param name="cancellation">Stops waiting for room.</param>
    /// <exception cref="InvalidOperationException">The host has stopped.</exception>
    ValueTask Enqueue(SessionEvent happened, CancellationToken cancellation = default);

    /// <summary>Sends what is in the queue and completes when all that was put there before is durable, or refused as invalid.</summary>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="InvalidOperationException">The host has stopped before all was sent.</exception>
    Task Flush(CancellationToken cancellation = default);

    /// <summary>A device's live session, up to the last event acknowledged; null when it has none.</summary>
    /// <param name="distinctId">The person's id; used when there is no device id.</param>
    /// <param name="deviceId">The device's id, when its events have one.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="SessionsUnavailableException">It can't be read within the patience.</exception>
    Task<Session?> GetLiveSession(string distinctId, string? deviceId = null, CancellationToken cancellation = default);

    /// <summary>
    /// Ends a device's live session with reason <c>reset</c> and returns it; null when there is none. A call that is
    /// made again never ends a session that began after the first.
    /// </summary>
    /// <param name="distinctId">The person's id; used when there is no device id.</param>
    /// <param name="deviceId">The device's id, when its events have one.</param>
    /// <param name="cancellation">Stops waiting; the session may end all the same.</param>
    /// <exception cref="SessionsUnavailableException">The end can't be made durable within the patience.</exception>
    Task<Session?> Reset(string distinctId, string? deviceId = null, CancellationToken cancellation = default);

    /// <summary>A session, live or ended; null when there is none.</summary>
    /// <param name="sessionId">The session's id.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="SessionsUnavailableException">It can't be read within the patience.</exception>
    Task<Session?> GetSession(Guid sessionId, CancellationToken cancellation = default);

    /// <summary>
    /// Tells what happens to the project's sessions from when this completes: that they start, go on and end. At most once;
    /// webhooks tell at least once. It goes on by itself when silos die and come.
    /// </summary>
    /// <param name="cancellation">Stops waiting for the silos.</param>
    /// <returns>What happens, to be enumerated and disposed.</returns>
    /// <exception cref="SessionsUnavailableException">Not every silo could be followed within the patience.</exception>
    /// <exception cref="InvalidOperationException">The host has stopped.</exception>
    Task<SessionWatch> Watch(CancellationToken cancellation = default);
}
