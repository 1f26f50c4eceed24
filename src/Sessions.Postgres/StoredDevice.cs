using Sessions.Domain;

namespace Sessions.Postgres;

/// <summary>The device that took an event, in the journal: nearly always the one its ids name, and then not stored.</summary>
internal static class StoredDevice
{
    /// <summary>Null when the entry's ids name the device, or when it is an end, which no device took.</summary>
    public static string? Write(string project, JournalEntry entry) =>
        entry.Kind == EntryKind.End || Named(project, entry.DistinctId, entry.DeviceId) == entry.Device ? null : entry.Device;

    /// <summary>The device that took the entry; empty for an end.</summary>
    public static string Read(string project, string? stored, string distinctId, string? deviceId) =>
        stored ?? (distinctId.Length == 0 ? "" : Named(project, distinctId, deviceId));

    private static string Named(string project, string distinctId, string? deviceId) =>
        UserDeviceKey.Create(project, distinctId, deviceId).Device;
}
