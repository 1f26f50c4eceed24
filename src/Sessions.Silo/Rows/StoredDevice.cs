using Sessions.Domain.Folding;

namespace Sessions.Silo.Rows;

/// <summary>
/// The journal's column with the device that took an event. Nearly always the event's ids name the device, and then the
/// column is null.
/// </summary>
internal static class StoredDevice
{
    /// <summary>
    /// The stored value. Null when the entry's ids name the device, or when no device took the entry (an end, for
    /// example).
    /// </summary>
    public static string? Write(JournalEntry entry) =>
        entry.Kind is EntryKind.End or EntryKind.ReplayForgotten or EntryKind.ReplayClicks
        || UserDeviceKey.DeviceOf(entry.DistinctId, entry.DeviceId) == entry.Device
            ? null
            : entry.Device;

    /// <summary>The device that took the entry; empty for an end.</summary>
    public static string Read(string? stored, string distinctId, string? deviceId) =>
        stored ?? (distinctId.Length == 0 ? "" : UserDeviceKey.DeviceOf(distinctId, deviceId));
}
