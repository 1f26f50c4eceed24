using Npgsql;
using Sessions.Postgres.Queries;
using Sessions.Postgres.Time;

namespace Sessions.Host.Telemetry;

/// <summary>
/// Whether a silo can take calls: it is an active member of its cluster, Postgres answers, and the two have the same time.
/// </summary>
internal sealed class SiloReady(IClusterMembershipService members, ILocalSiloDetails self, PingQuery ping, ClockWatch clock)
{
    /// <summary>Why it can't; null when it can.</summary>
    public async Task<string?> WhyNot(CancellationToken cancel)
    {
        if (members.CurrentSnapshot.GetSiloStatus(self.SiloAddress) != SiloStatus.Active)
        {
            return "The silo is no active member of its cluster.";
        }

        try
        {
            await ping.Run(cancel);
            return clock.Trouble;
        }
        catch (Exception away) when (away is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            return "Postgres does not answer.";
        }
    }
}
