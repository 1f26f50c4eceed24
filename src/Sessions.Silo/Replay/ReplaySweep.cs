using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Database;
using Sessions.Database.Time;

namespace Sessions.Silo.Replay;

/// <summary>
/// Removes expired recordings and orphaned blocks. First the session durably forgets its replay, then the sweep deletes
/// the blocks: a crash in between leaves blocks that the next sweep finds. Several silos may sweep at the same time.
/// The day comes from Postgres' clock, and recordings are deleted a day after they were first found expired.
/// </summary>
internal sealed partial class ReplaySweep(
    ReplayStore store,
    IStoreClock storeClock,
    IGrainFactory grains,
    IOptions<ReplaySweepOptions> options,
    TimeProvider clock,
    ILogger<ReplaySweep> log) : PeriodicWork(options.Value.Every, clock)
{
    private const int GrainsAtOnce = 16;

    // Blocks may still be written to partitions that are younger than this.
    private const int WrittenDays = 2;

    // How far back this sweep looks for orphans. Only the first sweep of a process looks back the whole way.
    private TimeSpan? _reach;

    /// <summary>Makes one sweep.</summary>
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
            LogOrphans(orphans);
        }

        await store.DropEmptyDays(today.AddDays(-WrittenDays));
    }

    protected override Task Step(CancellationToken stopping) => Sweep(stopping);

    protected override bool IsOutage(Exception failure) => failure is OrleansException || base.IsOutage(failure);

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
                LogExpired(found, project);
            }
        }
    }

    [LoggerMessage(1130, LogLevel.Warning, "Recordings that are past their retention can't be removed now ({Reason}). The silo tries again at its next turn, and "
        + "nothing is lost. Check that Postgres and the cluster run.")]
    protected override partial void LogFailing(string reason, Exception? fault);

    [LoggerMessage(1131, LogLevel.Information, "Recordings that are past their retention can be removed again.")]
    protected override partial void LogWorking();

    [LoggerMessage(1132, LogLevel.Information, "{Count} replay blocks that belong to no session were removed.")]
    private partial void LogOrphans(int count);

    [LoggerMessage(1133, LogLevel.Information, "The recordings of {Count} sessions of project {Project} were removed. Their retention is over.")]
    private partial void LogExpired(int count, string project);
}
