using Sessions.Domain.Devices;
using Sessions.Domain.Folding;
using Sessions.Silo.Sessions;

namespace Sessions.Silo.Devices;

/// <summary>What a device calls of its sessions.</summary>
internal sealed class DeviceSessions(UserDeviceKey key, IDeviceHost host, SessionOpenings openings)
{
    /// <summary>Appends events to their session.</summary>
    /// <param name="epoch">The device's epoch.</param>
    /// <param name="opening">What the session's transaction has to write of the device; null when the store knows it.</param>
    /// <param name="append">The step.</param>
    /// <param name="batch">Its events for the session.</param>
    public Task<AppendResult> Append(long epoch, DeviceOpening? opening, AppendEvents append, SessionBatch batch)
    {
        var caller = new DeviceEpoch(key, epoch);
        return batch.IsNew || opening is not null
            ? Begin(new SessionOpening(SessionKey.Create(key.Project, batch.SessionId), caller, opening, batch.IsNew), append, batch)
            : host.Append(batch.SessionId, caller, append.ReceivedAt, batch.Events, append.IsExpected);
    }

    /// <summary>Ends a session.</summary>
    public async Task End(long epoch, SessionEnd end)
    {
        var caller = new DeviceEpoch(key, epoch, end.Reminder);
        EndResult result = await host.Session(end.SessionId).End(caller, end.Reason, end.ClosedAt);
        end.Take(result.Verdict, result.Standing);
    }

    /// <summary>Reads the standings of sessions.</summary>
    public async Task Read(ReadStandings request) => request.Answer = await Task.WhenAll(
        request.Sessions.Select(one => host.Session(one.SessionId).GetStandingSince(one.Number)));

    /// <summary>Appends the first events of a session or of a device. If the session is on this silo, it learns what the device knows.</summary>
    private async Task<AppendResult> Begin(SessionOpening opening, AppendEvents append, SessionBatch batch)
    {
        openings.Add(opening);
        try
        {
            return await host.Append(batch.SessionId, opening.Caller, append.ReceivedAt, batch.Events, append.IsExpected);
        }
        finally
        {
            openings.Remove(opening);
        }
    }
}
