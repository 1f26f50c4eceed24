namespace Sessions.Client.Tracking;

/// <summary>Finds the client's grains.</summary>
/// <param name="Device">Finds a user-device's grain.</param>
/// <param name="Reset">Finds the same grain, for resets.</param>
/// <param name="Session">Finds a session's grain.</param>
internal sealed record SessionGrains(
    Func<UserDeviceKey, IUserDeviceGrain> Device, Func<UserDeviceKey, IDeviceReset> Reset, Func<SessionKey, ISessionGrain> Session)
{
    public static SessionGrains Of(IGrainFactory grains) => new(
        key => grains.GetGrain<IUserDeviceGrain>(key),
        key => grains.GetGrain<IDeviceReset>(key),
        key => grains.GetGrain<ISessionGrain>(key));
}
