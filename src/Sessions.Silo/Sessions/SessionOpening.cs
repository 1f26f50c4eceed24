using System.Collections.Concurrent;
using Sessions.Domain.Folding;

namespace Sessions.Silo.Sessions;

/// <summary>What a device knows of a session to which it sends the first events: it spares reads and transactions.</summary>
/// <param name="session">The session.</param>
/// <param name="caller">The device that sends the events.</param>
/// <param name="device">The device, when the store does not know it; else null.</param>
/// <param name="isNew">Whether the session has no row, as far as the device can tell.</param>
internal sealed class SessionOpening(SessionKey session, DeviceEpoch caller, DeviceOpening? device, bool isNew)
{
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The session.</summary>
    public SessionKey Session => session;

    /// <summary>The device that sends the events.</summary>
    public DeviceEpoch Caller => caller;

    /// <summary>The device, when the store does not know it; else null.</summary>
    public DeviceOpening? Device => device;

    /// <summary>Whether the session has no row, as far as the device can tell. The transaction proves it, or fails.</summary>
    public bool IsNew => isNew;

    /// <summary>Completes when the session has answered, and so knows whether it was new.</summary>
    public Task Settled => _settled.Task;

    /// <summary>Completes <see cref="Settled"/>.</summary>
    public void Settle() => _settled.TrySetResult();
}

/// <summary>
/// The sessions that devices of this silo begin at this moment. A new session is placed on its device's silo and finds here
/// what the device knows. On another silo it finds nothing, and reads the store.
/// </summary>
internal sealed class SessionOpenings
{
    private readonly ConcurrentDictionary<SessionKey, SessionOpening> _expected = new();

    /// <summary>Says that the events of a session follow.</summary>
    public void Add(SessionOpening opening) => _expected[opening.Session] = opening;

    /// <summary>Says that nothing follows any more.</summary>
    public void Remove(SessionOpening opening) => _expected.TryRemove(new(opening.Session, opening));

    /// <summary>Takes what the device knows, for the call that it has made; null when there is nothing.</summary>
    public SessionOpening? Take(SessionKey session, DeviceEpoch caller) =>
        _expected.TryGetValue(session, out SessionOpening? opening) && opening.Caller == caller && _expected.TryRemove(new(session, opening))
            ? opening
            : null;
}
