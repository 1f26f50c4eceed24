namespace Sessions.Grains;

/// <summary>A device's one reminder as Orleans knows it: whom it wakes, and what it is called.</summary>
public static class DeviceReminder
{
    /// <summary>The reminder's name.</summary>
    public const string Name = "idle";

    /// <summary>The type of the grains that it wakes.</summary>
    public const string GrainType = "device";

    /// <summary>Orleans' shortest. Ticks follow each other, at this or sooner, until the reminder is removed.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>The grain of a device.</summary>
    public static GrainId GrainOf(UserDeviceKey device) => GrainId.Create(GrainType, device.ToString());
}
