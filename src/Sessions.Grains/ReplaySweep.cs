using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Sessions.Grains;

/// <summary>
/// Removes recordings whose time is over, and blocks that count nowhere. A session first forgets its replay, durably,
/// and then its bytes go: a crash in between leaves bytes, which the next sweep finds. That several silos sweep does no
/// harm. What the day is says the store, and what is due goes a day after it was found to be.
/// </summary>
internal sealed class ReplaySweep(
    IReplayStore store,
    IStoreClock storeClock,
    IGrainFactory grains,
    IOptions<ReplaySweepOptions> options,
    TimeProvider clock,
    ILogger<ReplaySweep> log) : BackgroundService
{
    private const int GrainsAtOnce = 16;

    // A partition is younger than this as long as blocks may still be written to it.
    private const int WrittenDays = 2;

    // What was looked at once and counted need not be looked at again.
    private TimeSpan? _reach;

    /// <summary>One sweep.</summary>
    public async Task Sweep(CancellationToken stopping)
    {
        if (await storeClock.Today() is not { } today)
        {
            return;
        }

        foreach (string project in await store.Projects())
        {
            ProjectSettings settings = await grains.GetGrain<IProjectGrain>(ProjectKey.Create(project)).Get();
            DateOnly due = settings.Replay.RetentionDays > 0 ? today.AddDays(-settings.Replay.RetentionDays) : DateOnly.MinValue;
            if (await store.Agree(project, due) is { } agreed)
            {
                await Expire(project, agreed, stopping);
            }
        }

        ReplaySweepOptions limits = options.Value;
        int orphans = await store.RemoveOrphans(limits.OrphanAge, limits.OrphanAge + (_reach ?? limits.OrphanReach));
        // Twice the period, since sweeps are not punctual.
        _reach = limits.Every * 2 < limits.OrphanReach ? limits.Every * 2 : limits.OrphanReach;
        if (orphans > 0)
        {
            log.LogInformation("Removed {Count} replay blocks that counted nowhere", orphans);
        }

        await store.DropEmptyDays(today.AddDays(-WrittenDays));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Sweep(stoppingToken);
            }
            catch (Exception failure) when (failure is SessionsUnavailableException or TimeoutException or OrleansException)
            {
                log.LogWarning(failure, "Recordings can't be removed now; it is tried again");
            }
        }
    }

    private async Task Expire(string project, DateOnly before, CancellationToken stopping)
    {
        int limit = options.Value.SessionsAtOnce;
        for (int found = limit; found == limit;)
        {
            IReadOnlyList<SessionKey> sessions = await store.FindExpired(project, before, limit);
            found = sessions.Count;
            await Parallel.ForEachAsync(
                sessions,
                new ParallelOptions { MaxDegreeOfParallelism = GrainsAtOnce, CancellationToken = stopping },
                async (session, _) => await grains.GetGrain<ISessionGrain>(session).ForgetReplay());
            if (found > 0)
            {
                await store.Remove(sessions, before);
                log.LogInformation("Removed the replays of {Count} sessions of {Project}, whose time was over", found, project);
            }
        }
    }
}
