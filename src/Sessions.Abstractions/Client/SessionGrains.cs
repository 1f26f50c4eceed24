namespace Sessions;

/// <summary>Where the client finds grains.</summary>
/// <param name="Device">A user-device's grain.</param>
/// <param name="Reset">The same grain, for resets.</param>
/// <param name="Session">A session's grain.</param>
internal sealed record SessionGrains(
    Func<UserDeviceKey, IUserDeviceGrain> Device, Func<UserDeviceKey, IDeviceReset> Reset, Func<SessionKey, ISessionGrain> Session)
{
    public static SessionGrains Of(IGrainFactory grains) => new(
        key => grains.GetGrain<IUserDeviceGrain>(key),
        key => grains.GetGrain<IDeviceReset>(key),
        key => grains.GetGrain<ISessionGrain>(key));
}
