using Orleans.Concurrency;

namespace Sessions;

/// <summary>
/// One user-device: it decides which session an event belongs to. The grain's key is a <see cref="UserDeviceKey"/>.
/// </summary>
[Alias("sessions.IUserDeviceGrain")]
public interface IUserDeviceGrain : IGrainWithStringKey
{
    /// <summary>Tracks events in the order of the list. Completes when all valid events are durable.</summary>
    /// <remarks>
    /// Events with the same time are in the order of <see cref="SessionEvent.SenderOrder"/>. If it is 0 for all events
    /// of the call, each event gets its index in the list; otherwise all events keep their numbers. After a failure,
    /// send the same list again. A caller that splits a list into several calls must set the numbers itself.
    /// </remarks>
    /// <exception cref="SessionsUnavailableException">
    /// The events can't be made durable now. It is safe to send them again: an event counts once.
    /// </exception>
    [Alias("Track")]
    Task<TrackReceipt> Track([Immutable] IReadOnlyList<SessionEvent> events);

    /// <summary>The device's live session with all acknowledged events; null when the device has none.</summary>
    /// <exception cref="SessionsUnavailableException">The session can't be read now.</exception>
    [AlwaysInterleave, Alias("GetLiveSession")]
    Task<Session?> GetLiveSession();

    /// <summary>
    /// Ends the live session with reason <c>reset</c> and returns it; null when there is none. A call that is repeated
    /// or delivered late may end a session that began later; <see cref="IDeviceReset"/> does not.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">The end can't be made durable now.</exception>
    [Alias("Reset")]
    Task<Session?> Reset();
}
