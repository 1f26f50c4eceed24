using Sessions.Database;
using Sessions.Database.Time;
using Sessions.Queries;

namespace Sessions.Host.Telemetry;

/// <summary>
/// Checks whether a silo can take calls: it is an active member of its cluster, Postgres answers, and the clocks of
/// both agree.
/// </summary>
internal sealed class SiloReady(
    IClusterMembershipService members, ILocalSiloDetails self, PingQuery ping, ClockWatch clock, IEnumerable<Concern> concerns)
{
    /// <summary>What an operator should know while the silo takes calls.</summary>
    public IReadOnlyList<string> Concerns => [.. concerns.Select(concern => concern.Now()).OfType<string>()];

    /// <summary>Returns the reason why it can't; null when it can.</summary>
    public async Task<string?> FindFault(CancellationToken cancel)
    {
        if (members.CurrentSnapshot.GetSiloStatus(self.SiloAddress) != SiloStatus.Active)
        {
            return "The silo is not an active member of its cluster.";
        }

        try
        {
            await ping.Run(cancel);
            return clock.Trouble;
        }
        catch (Exception away) when (away is OperationCanceledException || PostgresAway.Is(away))
        {
            return "Postgres does not answer.";
        }
    }
}
