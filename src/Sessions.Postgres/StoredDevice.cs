using Sessions.Domain;

namespace Sessions.Postgres;

/// <summary>The device that took an event, in the journal: nearly always the one its ids name, and then not stored.</summary>
internal static class StoredDevice
{
    /// <summary>Null when the entry's ids name the device, or when it is nothing that a device took.</summary>
    public static string? Write(JournalEntry entry) =>
        entry.Kind is EntryKind.End or EntryKind.ReplayForgotten
        || UserDeviceKey.DeviceOf(entry.DistinctId, entry.DeviceId) == entry.Device
            ? null
            : entry.Device;

    /// <summary>The device that took the entry; empty for an end.</summary>
    public static string Read(string? stored, string distinctId, string? deviceId) =>
        stored ?? (distinctId.Length == 0 ? "" : UserDeviceKey.DeviceOf(distinctId, deviceId));
}
