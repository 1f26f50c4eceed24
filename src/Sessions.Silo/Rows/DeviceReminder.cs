namespace Sessions.Silo.Rows;

/// <summary>The names and times with which Orleans knows a device's only reminder.</summary>
public static class DeviceReminder
{
    /// <summary>The reminder's name.</summary>
    public const string Name = "idle";

    /// <summary>The type of the grains that the reminder wakes.</summary>
    public const string GrainType = "device";

    /// <summary>
    /// The reminder's period, Orleans' minimum. The reminder ticks in this period, or a shorter one, until it is
    /// removed.
    /// </summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>A device's reminder, as the reminder table stores it.</summary>
    public static ReminderEntry Entry(UserDeviceKey device, DateTimeOffset due) => new()
    {
        GrainId = GrainOf(device),
        ReminderName = Name,
        StartAt = due.UtcDateTime,
        Period = Period,
    };

    /// <summary>The grain of a device.</summary>
    public static GrainId GrainOf(UserDeviceKey device) => GrainId.Create(GrainType, device.ToString());
}
