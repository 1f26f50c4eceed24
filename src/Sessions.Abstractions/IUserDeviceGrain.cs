using Orleans.Concurrency;

namespace Sessions;

/// <summary>One user-device: it decides which session an event belongs to. Its key is a <see cref="UserDeviceKey"/>.</summary>
[Alias("sessions.IUserDeviceGrain")]
public interface IUserDeviceGrain : IGrainWithStringKey
{
    /// <summary>Takes events, in the order they are given, and completes when all that are valid are durable.</summary>
    /// <remarks>
    /// Events of one time are in the order of <see cref="SessionEvent.SenderOrder"/>. When it is 0 for all events of the
    /// call, each gets its place in the list; otherwise all keep what they have. Send the same list again after a
    /// failure. A caller that splits a list into several calls sets the numbers itself.
    /// </remarks>
    /// <exception cref="SessionsUnavailableException">
    /// They can't be made durable now. Sending them again is safe: an event counts once.
    /// </exception>
    [Alias("Track")]
    Task<TrackReceipt> Track([Immutable] IReadOnlyList<SessionEvent> events);

    /// <summary>The device's live session, up to the last event acknowledged; null when it has none.</summary>
    /// <exception cref="SessionsUnavailableException">The session can't be read now.</exception>
    [AlwaysInterleave, Alias("GetLiveSession")]
    Task<Session?> GetLiveSession();

    /// <summary>
    /// Ends the live session with reason <c>reset</c> and returns it; null when there is none. Made again, or delivered
    /// late, it may end a session that has begun since: <see cref="IDeviceReset"/> does not.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">The end can't be made durable now.</exception>
    [Alias("Reset")]
    Task<Session?> Reset();
}
