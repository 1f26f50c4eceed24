using System.Collections.Concurrent;
using Sessions.Client.Tracking;
using Sessions.Silo.Near;

namespace Sessions.Silo.Devices;

/// <summary>The devices that are active on this silo, for callers in the same process.</summary>
internal sealed class NearDevices
{
    private readonly ConcurrentDictionary<UserDeviceKey, NearDevice> _active = new();

    /// <summary>Adds a device, or replaces an earlier activation of it.</summary>
    public void Add(NearDevice device) => _active[device.Key] = device;

    /// <summary>Removes a device that is being deactivated.</summary>
    public void Remove(NearDevice device) => _active.TryRemove(new(device.Key, device));

    /// <summary>Tracks events of a device without a message; see <see cref="TrackNear"/>.</summary>
    public Task<TrackReceipt?>? Track(UserDeviceKey device, IReadOnlyList<SessionEvent> events) =>
        _active.TryGetValue(device, out NearDevice? near) && near.IsOpen ? near.Track(events) : null;
}

/// <summary>Calls a device on the same silo without a message.</summary>
internal sealed class NearDevice
{
    private readonly NearCalls _calls;
    private readonly Turns _turns;
    private DeviceActivation? _device;

    /// <summary>Made on the device's scheduler.</summary>
    /// <param name="key">The device.</param>
    /// <param name="device">Its activation.</param>
    /// <param name="turns">The activation's turns.</param>
    /// <param name="clock">The clock.</param>
    public NearDevice(UserDeviceKey key, DeviceActivation device, Turns turns, TimeProvider clock)
    {
        Key = key;
        _device = device;
        _turns = turns;
        _calls = new NearCalls(clock);
    }

    /// <summary>The device.</summary>
    public UserDeviceKey Key { get; }

    /// <summary>Whether the device takes calls this way now.</summary>
    public bool IsOpen => _calls.IsOpen;

    /// <summary>A message has arrived.</summary>
    public void Messaged() => _calls.Messaged();

    /// <summary>The device's grain is being deactivated.</summary>
    public void Close()
    {
        _calls.Close();
        _device = null;
    }

    /// <summary>Tracks events; null when the device is busy or has been deactivated meanwhile, and did nothing.</summary>
    public Task<TrackReceipt?> Track(IReadOnlyList<SessionEvent> events) =>
        _calls.Run(static call => ((Call)call!).Run(), new Call(this, events));

    private sealed class Call(NearDevice near, IReadOnlyList<SessionEvent> events)
    {
        public async Task<TrackReceipt?> Run()
        {
            if (near._device is not { } device || !near._turns.TryBeginNear())
            {
                return null;
            }

            try
            {
                return await device.Track(events);
            }
            finally
            {
                near._turns.EndNear();
            }
        }
    }
}
