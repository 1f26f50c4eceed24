using Npgsql;
using Sessions.Postgres.Queries;

namespace Sessions.Host.Telemetry;

/// <summary>Whether a silo can take calls: it is an active member of its cluster, and Postgres answers.</summary>
internal sealed class SiloReady(IClusterMembershipService members, ILocalSiloDetails self, PingQuery ping)
{
    public async Task<bool> IsReady(CancellationToken cancel)
    {
        if (members.CurrentSnapshot.GetSiloStatus(self.SiloAddress) != SiloStatus.Active)
        {
            return false;
        }

        try
        {
            await ping.Run(cancel);
            return true;
        }
        catch (Exception away) when (away is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }
}
