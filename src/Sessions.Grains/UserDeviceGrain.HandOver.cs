using Orleans.Concurrency;

namespace Sessions.Grains;

/// <summary>A device that gets another's session: the person of an anonymous device was identified.</summary>
[Alias("sessions.IDeviceHeir")]
internal interface IDeviceHeir : IGrainWithStringKey
{
    /// <summary>
    /// A session is about to come: the reminder is registered before anything says so, hence no live session lacks
    /// one whatever dies in between. It interleaves, for two devices may hand over to each other.
    /// </summary>
    [AlwaysInterleave, Alias("Expect")]
    Task Expect();

    /// <summary>The session is yours.</summary>
    [AlwaysInterleave, Alias("Inherit")]
    Task Inherit(SessionStanding standing);
}

internal sealed partial class UserDeviceGrain
{
    public async Task Expect()
    {
        await Open();
        await ArmReminder();
    }

    public async Task Inherit(SessionStanding standing)
    {
        OpenDevice device = await Open();
        Learn(device, standing.SessionId, standing);
        ArmTimer(device);
    }

    private async Task HandOver(OpenDevice device, UserDeviceKey[] heirs, AppendResult[] results)
    {
        foreach (UserDeviceKey heir in heirs)
        {
            foreach (SessionStanding standing in results.Select(result => result.Standing).OfType<SessionStanding>())
            {
                if (standing.Owner == heir.Device)
                {
                    device.HandedTo = heir.Device;
                    await GrainFactory.GetGrain<IDeviceHeir>(heir).Inherit(standing);
                }
            }
        }
    }
}
