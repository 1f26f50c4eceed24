using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Sessions.Grains;

/// <summary>
/// When a silo is declared dead it may only be frozen, in the middle of a transaction whose locks the sessions' new
/// activations will wait for. So its writers are cut off before anybody has to.
/// </summary>
internal sealed class DeadSiloWatch(
    IClusterMembershipService membership, IStuckWriters writers, ILogger<DeadSiloWatch> log) : BackgroundService
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
            // Whoever waits in vain for a lock tries again.
            log.LogWarning(failure, "A dead silo's writers could not be cut off");
        }
    }
}
