namespace Sessions;

/// <summary>
/// A backend's client for the sessions of one project. It retries calls that fail for a passing reason (a silo died,
/// the database is away) within <see cref="SessionsClientOptions.Patience"/>. Retries are safe, because an event with
/// the same id counts once. Thread-safe; a process needs only one.
/// </summary>
public interface ISessionsClient
{
    /// <summary>
    /// Tracks events of any number of devices. Completes when all valid events are durable. The events of one device
    /// are processed in the order of the list. An event without a time gets the time of the first attempt. Events with
    /// the same time are in the order of the list; if any event has a <see cref="SessionEvent.SenderOrder"/>, they are
    /// in that order.
    /// </summary>
    /// <param name="events">The events.</param>
    /// <param name="cancellation">Stops waiting. Events that were already sent may still be tracked.</param>
    /// <returns>A receipt for each event, in order.</returns>
    /// <exception cref="SessionsUnavailableException">
    /// Not all events could be made durable within the patience. It is safe to send all of them again: an event counts
    /// once.
    /// </exception>
    Task<TrackReceipt> Track(IReadOnlyList<SessionEvent> events, CancellationToken cancellation = default);

    /// <summary>
    /// Tracks one event. Completes when it is durable. Events that a client tracks or enqueues one by one, with the
    /// same time and without a <see cref="SessionEvent.SenderOrder"/>, are in the order of these calls.
    /// </summary>
    /// <param name="happened">The event.</param>
    /// <param name="cancellation">Stops waiting. An event that was already sent may still be tracked.</param>
    /// <exception cref="SessionsUnavailableException">
    /// The event could not be made durable within the patience. It is safe to send it again: an event counts once.
    /// </exception>
    async Task<EventReceipt> Track(SessionEvent happened, CancellationToken cancellation = default) =>
        (await Track([happened], cancellation)).Events[0];

    /// <summary>
    /// Puts an event into the queue. The client sends the queue in batches every
    /// <see cref="SessionsClientOptions.FlushInterval"/> and when the host stops. Completes at once, or, if the queue
    /// is full, when it has room. Queued events are lost if this process is killed; use
    /// <see cref="Track(IReadOnlyList{SessionEvent}, CancellationToken)"/> for events that must not be lost. Events
    /// with the same time keep the order in which they were enqueued.
    /// </summary>
    /// <param name="happened">The event. An event without a time gets the current time.</param>
    /// <param name="cancellation">Stops waiting for room.</param>
    /// <exception cref="InvalidOperationException">The host has stopped.</exception>
    ValueTask Enqueue(SessionEvent happened, CancellationToken cancellation = default);

    /// <summary>
    /// Sends the queue now. Completes when all events that were enqueued before are durable or refused as invalid.
    /// </summary>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="InvalidOperationException">The host stopped before all events were sent.</exception>
    Task Flush(CancellationToken cancellation = default);

    /// <summary>Gets a device's live session with all acknowledged events; null when the device has none.</summary>
    /// <param name="distinctId">The person's id; used when there is no device id.</param>
    /// <param name="deviceId">The device's id, when its events have one.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="SessionsUnavailableException">The session can't be read within the patience.</exception>
    Task<Session?> GetLiveSession(string distinctId, string? deviceId = null, CancellationToken cancellation = default);

    /// <summary>
    /// Ends a device's live session with reason <c>reset</c> and returns it; null when there is none. A retry never
    /// ends a session that began after the first attempt.
    /// </summary>
    /// <param name="distinctId">The person's id; used when there is no device id.</param>
    /// <param name="deviceId">The device's id, when its events have one.</param>
    /// <param name="cancellation">Stops waiting. The session may still end.</param>
    /// <exception cref="SessionsUnavailableException">The end can't be made durable within the patience.</exception>
    Task<Session?> Reset(string distinctId, string? deviceId = null, CancellationToken cancellation = default);

    /// <summary>Gets a session, live or ended; null when there is no such session.</summary>
    /// <param name="sessionId">The session's id.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="SessionsUnavailableException">The session can't be read within the patience.</exception>
    Task<Session?> GetSession(Guid sessionId, CancellationToken cancellation = default);

    /// <summary>
    /// Watches the project's sessions: yields an item when a session starts, changes or ends, from the moment this
    /// method completes. Delivery is at most once; webhooks deliver at least once. The watch reconnects by itself when
    /// silos die and start.
    /// </summary>
    /// <param name="cancellation">Stops waiting for the silos. Does not end a watch that was returned.</param>
    /// <returns>The watch. Enumerate it once and dispose it.</returns>
    /// <exception cref="SessionsUnavailableException">
    /// Not every silo accepted the subscription within the patience.
    /// </exception>
    /// <exception cref="InvalidOperationException">The host has stopped.</exception>
    Task<SessionWatch> Watch(CancellationToken cancellation = default);
}
