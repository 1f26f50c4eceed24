using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Database;
using Sessions.Database.Persons;
using Sessions.Silo.Devices;
using Sessions.Silo.PersonData;
using Sessions.Silo.Sessions;

namespace Sessions.Silo.Erasure;

/// <summary>
/// Deletes persons. Each step may be repeated, so another silo can continue the work of a dead one. Sessions are called
/// one by one, and each one's part of the deletion is one transaction.
/// </summary>
/// <remarks>
/// The order matters. When this service finds a deletion, the list of forgotten persons already has the person, so new
/// events of theirs are refused. First it waits for journal transactions that began before: after them, no older event
/// can be written. Then it erases the person from the sessions, then it calls the devices, and finally it deletes the
/// ids by which it found all of that.
/// </remarks>
internal sealed partial class PersonDeletionWork(
    PersonDeletions deletions,
    IGrainFactory grains,
    IOptions<PersonOptions> options,
    TimeProvider clock,
    ILogger<PersonDeletionWork> log) : PeriodicWork(options.Value.Every, clock)
{
    private const int GrainsAtOnce = 8;

    private static readonly TimeSpan PruneEvery = TimeSpan.FromHours(1);

    private long _prunedAt = clock.GetTimestamp();

    /// <summary>Finishes all deletions that are pending.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away; a later round continues.</exception>
    public async Task Round(CancellationToken stopping)
    {
        while (await deletions.Take() is { } deletion)
        {
            bool? isDone = false;
            bool isOpen = true;
            while (isDone == false && isOpen)
            {
                isDone = await TryDelete(deletion, stopping);
                // If it is not done, an entry of the person appeared after the search: start again.
                isOpen = isDone != false || await deletions.Hold(deletion.Id);
            }

            if (isDone == true)
            {
                LogDeleted(deletion.Project, deletion.Id);
            }
        }

        if (Time.GetElapsedTime(_prunedAt) > PruneEvery)
        {
            _prunedAt = Time.GetTimestamp();
            await deletions.Prune();
        }
    }

    protected override Task Step(CancellationToken stopping) => Round(stopping);

    protected override bool IsOutage(Exception failure) => failure is OrleansException || base.IsOutage(failure);

    private async Task<bool?> TryDelete(PersonDeletion deletion, CancellationToken stopping)
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

        // First by the sessions' rows, which finds live sessions within moments. Then by the journal, because rows may
        // be behind and the journal never is.
        var after = Guid.Empty;
        while (await deletions.FindSessions(deletion, after) is [.., { } last] sessions)
        {
            await EraseFrom(deletion, sessions, stopping);
            after = last.SessionId;
        }

        while (await Holding(deletion, deletions.ReadNextDay(deletion), stopping) is { } day)
        {
            await EraseFrom(deletion, day.Sessions, stopping);
            await deletions.PassDay(deletion, day.Day);
        }

        PersonTraces traces = await deletions.FindTraces(deletion);
        // Again, because a crash may have come between the erasure and the write of the sessions' rows.
        await EraseFrom(deletion, traces.Shared, stopping);
        await ForAll(deletion, traces.Devices, device => grains.GetGrain<IDeviceRecall>(device).Recall(), stopping);
        await deletions.RemoveNames(deletion);
        return await deletions.TryFinish(deletion);
    }

    /// <summary>Renews the lease of the deletion while a long read runs.</summary>
    private async Task<T> Holding<T>(PersonDeletion deletion, Task<T> reading, CancellationToken stopping)
    {
        while (await Task.WhenAny(reading, Task.Delay(options.Value.Lease / 3, Time, stopping)) != reading)
        {
            stopping.ThrowIfCancellationRequested();
            await deletions.Hold(deletion.Id);
        }

        return await reading;
    }

    private Task EraseFrom(PersonDeletion deletion, IReadOnlyList<SessionKey> sessions, CancellationToken stopping) =>
        ForAll(deletion, sessions, session => grains.GetGrain<ISessionWriter>(session).Forget(deletion), stopping);

    private async Task ForAll<T>(PersonDeletion deletion, IReadOnlyList<T> all, Func<T, Task> each, CancellationToken stopping)
    {
        await deletions.Hold(deletion.Id);
        long heldAt = Time.GetTimestamp();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = GrainsAtOnce, CancellationToken = stopping };
        foreach (T[] some in all.Chunk(GrainsAtOnce * 4))
        {
            if (Time.GetElapsedTime(heldAt) > options.Value.Lease / 3)
            {
                await deletions.Hold(deletion.Id);
                heldAt = Time.GetTimestamp();
            }

            await Parallel.ForEachAsync(some, parallel, async (one, _) => await each(one));
        }
    }

    [LoggerMessage(1100, LogLevel.Warning, "A person can't be deleted now ({Reason}). The silo tries again at its next turn and continues where it stopped. "
        + "Check that Postgres and the cluster run, and look at /api/persons/deletions if this goes on.")]
    protected override partial void LogFailing(string reason, Exception? fault);

    [LoggerMessage(1101, LogLevel.Information, "Persons can be deleted again.")]
    protected override partial void LogWorking();

    [LoggerMessage(1102, LogLevel.Information, "A person of project {Project} was deleted. The deletion's id is {Deletion}.")]
    private partial void LogDeleted(string project, Guid deletion);
}
