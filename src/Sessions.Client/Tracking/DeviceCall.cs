namespace Sessions.Client.Tracking;

/// <summary>The limits of calls to devices.</summary>
/// <param name="Devices">The most devices that are called at the same time.</param>
/// <param name="Events">The most events in one call.</param>
/// <param name="Bytes">The most bytes of properties in one call. A larger event gets a call of its own.</param>
internal sealed record DeviceCallLimits(int Devices, int Events = int.MaxValue, long Bytes = long.MaxValue);

/// <summary>One call to a device: its events, and their indexes in the caller's list.</summary>
internal sealed class DeviceCall(UserDeviceKey device)
{
    public UserDeviceKey Device { get; } = device;

    public List<SessionEvent> Events { get; init; } = [];

    public List<int> Places { get; } = [];

    public long Bytes { get; private set; }

    /// <summary>
    /// Whether the call hands a session over from an anonymous device to the device of the identified person.
    /// </summary>
    public bool HandsOver { get; private set; }

    /// <summary>Whether the call was made at least once.</summary>
    public bool WasMade { get; set; }

    /// <summary>Whether the event would make the call too large.</summary>
    public bool HasNoRoomFor(SessionEvent next, DeviceCallLimits limits) =>
        Events.Count >= limits.Events || (Events.Count > 0 && Bytes + next.Properties.Length > limits.Bytes);

    public void Add(DeviceEvent next, int place)
    {
        Events.Add(next.Event);
        Places.Add(place);
        Bytes += next.Event.Properties.Length;
        HandsOver |= next.HandsOver;
    }
}
