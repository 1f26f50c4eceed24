using Orleans.Concurrency;

namespace Sessions.Grains;

/// <summary>
/// A device that gets a session from another: the person of an anonymous device was identified, or what the other
/// brought makes a session live again that had idled.
/// </summary>
[Alias("sessions.IDeviceHeir")]
internal interface IDeviceHeir : IGrainWithStringKey
{
    /// <summary>
    /// A session is about to come: the reminder is registered before anything says so, hence no live session lacks
    /// one whatever dies in between. It interleaves, for two devices may hand over to each other.
    /// </summary>
    /// <param name="welcomeAt">By which generation of <see cref="IForgottenPersons"/> the events were found welcome that bring it.</param>
    /// <returns>False when persons have been forgotten since: nothing is expected, and whose events they are is to be looked at again.</returns>
    [AlwaysInterleave, Alias("Expect")]
    Task<bool> Expect(long welcomeAt);

    /// <summary>The session is yours.</summary>
    [AlwaysInterleave, Alias("Inherit")]
    Task Inherit(SessionStanding standing);
}

internal sealed partial class UserDeviceGrain
{
    public async Task<bool> Expect(long welcomeAt)
    {
        if (await Open(reminderDue: null, welcomeAt) is null)
        {
            return false;
        }

        await ArmReminder();
        return true;
    }

    public async Task Inherit(SessionStanding standing)
    {
        OpenDevice device = await Open();
        // A session of its own may have ended since it was told to expect this one, and the reminder with it.
        await ArmReminder();
        Learn(device, standing.SessionId, standing);
        await HastenReminder(device);
        ArmTimer(device);
    }

    /// <summary>
    /// Makes another device's session live again. That device has stood down: it is told before, so that its reminder
    /// is there whatever dies in between.
    /// </summary>
    private async Task<AppendResult> Revive(
        string owner, DeviceCall caller, SessionBatch batch, DateTimeOffset receivedAt, long welcomeAt)
    {
        IDeviceHeir heir = GrainFactory.GetGrain<IDeviceHeir>(UserDeviceKey.OfDevice(Key.Project, owner));
        if (!await heir.Expect(welcomeAt))
        {
            return new AppendResult(IsStale: true, [], null);
        }

        AppendResult result = await Intake(batch.SessionId).AppendExpected(caller, receivedAt, batch.Events);
        if (result.Standing is { Status: SessionStatus.Live } standing && standing.Owner == owner)
        {
            await heir.Inherit(standing);
        }

        return result;
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
