using Sessions.Domain.Events;

namespace Sessions.Web.Grains;

/// <summary>A grain of a project.</summary>
/// <param name="Type">The grain's type, as Orleans' dashboard has it.</param>
/// <param name="Key">Its key.</param>
/// <param name="Silo">The silo that holds it; null when it is in no silo's memory.</param>
/// <param name="Session">The session that it is, or the live session of the device; null when there is none.</param>
public sealed record FoundGrain(string Type, string Key, string? Silo, Guid? Session);

/// <summary>Finds the grains of a project by the ids that people know: a session's, a device's or a person's.</summary>
internal sealed class GrainSearch(IGrainFactory grains)
{
    private const string SessionType = "SessionGrain";
    private const string DeviceType = "UserDeviceGrain";

    /// <summary>The grains that an id may name. Finding a grain does not load it.</summary>
    public async Task<IReadOnlyList<FoundGrain>> Find(string project, string id, CancellationToken cancellation)
    {
        List<FoundGrain> found = [];
        if (Guid.TryParseExact(id.Trim(), "D", out Guid session))
        {
            var key = SessionKey.Create(project, session);
            found.Add(new FoundGrain(SessionType, key, await SiloOf(grains.GetGrain<ISessionGrain>(key), cancellation), session));
        }

        foreach (string name in RequestedId.Of(id) is { } asked ? asked.Forms.Distinct() : [])
        {
            var key = UserDeviceKey.OfDevice(project, UserDeviceKey.DeviceOf(name));
            IUserDeviceGrain device = grains.GetGrain<IUserDeviceGrain>(key);
            string? silo = await SiloOf(device, cancellation);
            Session? live = silo is null ? null : await device.GetLiveSession().WaitAsync(cancellation);
            found.Add(new FoundGrain(DeviceType, key, silo, live?.SessionId));
        }

        return found;
    }

    private async Task<string?> SiloOf(IAddressable grain, CancellationToken cancellation) =>
        (await grains.GetGrain<IManagementGrain>(0).GetActivationAddress(grain, cancellation))?.ToParsableString();
}
