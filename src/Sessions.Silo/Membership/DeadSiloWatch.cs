using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sessions.Silo.Journal;

namespace Sessions.Silo.Membership;

/// <summary>
/// Ends stuck writer connections when a silo is declared dead. The silo may only be frozen, in the middle of a
/// transaction whose locks would block the sessions' new activations.
/// </summary>
internal sealed partial class DeadSiloWatch(
    IClusterMembershipService membership, StuckWriters writers, ILogger<DeadSiloWatch> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        HashSet<SiloAddress>? known = null;
        await foreach (ClusterMembershipSnapshot snapshot in membership.MembershipUpdates.WithCancellation(stoppingToken))
        {
            HashSet<SiloAddress> dead = [.. snapshot.Members.Values
                .Where(member => member.Status == SiloStatus.Dead)
                .Select(member => member.SiloAddress)];
            if (known is not null && !dead.IsSubsetOf(known))
            {
                await CutOff();
            }

            known = dead;
        }
    }

    private async Task CutOff()
    {
        try
        {
            await writers.CutOff();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // A journal writer that times out on a lock does the same later.
            LogNotCutOff(failure);
        }
    }

    [LoggerMessage(1050, LogLevel.Warning, "The connections of a dead silo could not be closed. Statements that wait for its locks close them after two seconds. "
        + "Check that Postgres runs; the silo's user must be allowed to call pg_terminate_backend.")]
    private partial void LogNotCutOff(Exception failure);
}
