namespace Sessions.Domain.Folding;

/// <summary>
/// The beginning of a device that the store does not know yet. The transaction of its first events writes its row and its
/// reminder, and fails when another activation has written the row meanwhile.
/// </summary>
/// <param name="device">The device, with the epoch that its row begins with.</param>
/// <param name="reminderDue">When its reminder is due; null when it needs none.</param>
public sealed class DeviceOpening(DeviceEpoch device, DateTimeOffset? reminderDue)
{
    /// <summary>The version of a reminder that was written once.</summary>
    public const int FirstReminder = 0;

    private volatile bool _isDurable;

    /// <summary>The device, with the epoch that its row begins with.</summary>
    public DeviceEpoch Device => device;

    /// <summary>When its reminder is due; null when it needs none.</summary>
    public DateTimeOffset? ReminderDue => reminderDue;

    /// <summary>Whether the row is written.</summary>
    public bool IsDurable => _isDurable;

    /// <summary>Records that the row is written.</summary>
    internal void Commit() => _isDurable = true;
}
