namespace Sessions.Grains;

/// <summary>A device whose sessions were changed behind its back: a person was deleted.</summary>
[Alias("sessions.IDeviceRecall")]
internal interface IDeviceRecall : IGrainWithStringKey
{
    /// <summary>
    /// Reads anew what it has. With a live session it looks after that one, else it stands down, durably: nothing of it
    /// is left that could wake up.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    [Alias("Recall")]
    Task Recall();
}

internal sealed partial class UserDeviceGrain
{
    public async Task Recall()
    {
        _open = null;
        OpenDevice device = await Open();
        await EndIdle(device);
        if (device.Timeline.Live is not null)
        {
            await ArmReminder();
            await HastenReminder(device);
            ArmTimer(device);
        }
        else
        {
            await UnregisterReminder();
            // Its row is about to go too: what comes before it is deactivated must not go on with what it knew.
            _open = null;
            CountLive(false);
            DeactivateOnIdle();
        }
    }
}
