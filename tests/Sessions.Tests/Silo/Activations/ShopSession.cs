using Microsoft.Extensions.Time.Testing;
using Sessions.Domain;
using Sessions.Domain.Folding;
using Sessions.Tests.Simulation.Store;

namespace Sessions.Tests.Silo.Activations;

/// <summary>What tests of one session's activations share: the session, its devices, a store in memory, and requests.</summary>
public abstract class ShopSession
{
    private protected static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private protected static readonly SessionRules Rules = new();
    private protected static readonly SessionKey Key = SessionKey.Create("shop", new Guid(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
    private protected static readonly UserDeviceKey Phone = UserDeviceKey.Create("shop", "ann", "phone");
    private protected static readonly UserDeviceKey Backend = UserDeviceKey.Create("shop", "ann-backend");

    private protected readonly FakeTimeProvider _clock = new(Noon);
    private protected readonly MemoryTables _tables;

    private protected ShopSession() => _tables = new MemoryTables(_clock);

    /// <summary>A new activation of a device.</summary>
    private protected DeviceEpoch Opened(UserDeviceKey device) => new(device, _tables.Open(device, reminderDue: null).Epoch);

    private protected AppendRequest Request(DeviceEpoch caller, params SessionEvent[] events) =>
        new(caller, _clock.GetUtcNow(), [.. events.Select(sent => new PlacedEvent(sent, Named: true, sent.Timestamp))]);

    /// <summary>An event of the session that happens now; from Ann's phone if nothing else is said.</summary>
    private protected SessionEvent Event(string name, string distinctId = "ann", string? deviceId = "phone") => new()
    {
        Id = Guid.CreateVersion7(),
        Name = name,
        DistinctId = distinctId,
        DeviceId = deviceId,
        SessionId = Key.SessionId.ToString(),
        Timestamp = _clock.GetUtcNow(),
    };
}
