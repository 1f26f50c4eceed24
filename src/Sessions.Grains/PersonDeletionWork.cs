using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Sessions.Grains;

/// <summary>
/// Deletes persons. Each step may be done twice, so what a dead silo left half-way another goes on with; sessions are
/// told one by one, and each goes in one transaction.
/// </summary>
/// <remarks>
/// In this order: the person is on the list of the refused already when a deletion is found. Once all that was being
/// written then is decided, nothing new can come of the time before. Then the sessions go, then the devices hear of it,
/// and at last the names go by which all of that was found.
/// </remarks>
internal sealed class PersonDeletionWork(
    IPersonDeletions deletions,
    IGrainFactory grains,
    IOptions<PersonOptions> options,
    TimeProvider clock,
    ILogger<PersonDeletionWork> log) : BackgroundService
{
    private const int GrainsAtOnce = 8;

    private static readonly TimeSpan PruneEvery = TimeSpan.FromHours(1);

    private long _prunedAt = clock.GetTimestamp();
    private bool _isFailing;

    /// <summary>Brings to an end what waits.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away; it goes on later.</exception>
    public async Task Round(CancellationToken stopping)
    {
        while (await deletions.Take() is { } deletion)
        {
            while (!await TryDelete(deletion, stopping))
            {
                // Something came that the journal had not shown yet: from the beginning.
            }

            log.LogInformation("Deleted a person of {Project}: {Deletion}", deletion.Project, deletion.Id);
        }

        if (clock.GetElapsedTime(_prunedAt) > PruneEvery)
        {
            _prunedAt = clock.GetTimestamp();
            await deletions.Prune();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Round(stoppingToken);
                _isFailing = false;
            }
            catch (Exception failure) when (failure is SessionsUnavailableException or TimeoutException or OrleansException)
            {
                if (!_isFailing)
                {
                    _isFailing = true;
                    log.LogWarning("A person can't be deleted now; it goes on when that can be: {Reason}", failure.Message);
                }
            }
            catch (Exception failure) when (failure is not (OperationCanceledException or OutOfMemoryException))
            {
                // A fault of ours with one person must not take the silo down.
                log.LogError(failure, "A person can't be deleted; it is tried again");
            }
        }
    }

    private async Task<bool> TryDelete(PersonDeletion deletion, CancellationToken stopping)
    {
        do
        {
            await deletions.WaitForWriters(stopping);
            if (await deletions.AddIds(deletion) is not { } larger)
            {
                break;
            }

            deletion = larger;
        }
        while (true);

        // By their rows first: what is live goes within moments. Rows may be behind, the journal never is.
        var after = Guid.Empty;
        while (await deletions.FindSessions(deletion, after) is [.., { } last] sessions)
        {
            await TakeOut(deletion, sessions, stopping);
            after = last.SessionId;
        }

        while (await Holding(deletion, deletions.ReadNextDay(deletion), stopping) is { } day)
        {
            await TakeOut(deletion, day.Sessions, stopping);
            await deletions.PassDay(deletion, day.Day);
        }

        PersonTraces traces = await deletions.FindTraces(deletion);
        // Once more: a crash may have come between what they lost and their rows.
        await TakeOut(deletion, traces.Shared, stopping);
        await ForAll(deletion, traces.Devices, device => grains.GetGrain<IDeviceRecall>(device).Recall(), stopping);
        await deletions.RemoveNames(deletion);
        return await deletions.TryFinish(deletion);
    }

    /// <summary>Keeps others from the deletion while something goes on that may take long.</summary>
    private async Task<T> Holding<T>(PersonDeletion deletion, Task<T> reading, CancellationToken stopping)
    {
        while (await Task.WhenAny(reading, Task.Delay(options.Value.Lease / 3, clock, stopping)) != reading)
        {
            stopping.ThrowIfCancellationRequested();
            await deletions.Hold(deletion.Id);
        }

        return await reading;
    }

    private Task TakeOut(PersonDeletion deletion, IReadOnlyList<SessionKey> sessions, CancellationToken stopping) =>
        ForAll(deletion, sessions, session => grains.GetGrain<ISessionIntake>(session).Forget(deletion), stopping);

    private async Task ForAll<T>(PersonDeletion deletion, IReadOnlyList<T> all, Func<T, Task> each, CancellationToken stopping)
    {
        await deletions.Hold(deletion.Id);
        long heldAt = clock.GetTimestamp();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = GrainsAtOnce, CancellationToken = stopping };
        foreach (T[] some in all.Chunk(GrainsAtOnce * 4))
        {
            if (clock.GetElapsedTime(heldAt) > options.Value.Lease / 3)
            {
                await deletions.Hold(deletion.Id);
                heldAt = clock.GetTimestamp();
            }

            await Parallel.ForEachAsync(some, parallel, async (one, _) => await each(one));
        }
    }
}
