using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Database;
using Sessions.Silo.Erasure;
using Sessions.Silo.Projects;

namespace Sessions.Silo.ProjectDeletion;

/// <summary>
/// Deletes projects. One silo at a time works on a project, and each step may be repeated, so another silo continues the work
/// of a dead one.
/// </summary>
/// <remarks>
/// The order matters. The request raises the generation of forgotten persons, so the journal refuses whatever began before.
/// First this service waits for journal transactions that began even earlier: after them, no event of the project can be
/// written. Then it removes the rows, in batches, until none is left. It ends only when all processes have learned of the
/// deletion, because what is not an event is written without asking the journal.
/// </remarks>
internal sealed partial class ProjectDeletionWork(
    ProjectDeletions deletions,
    PersonDeletions writers,
    IGrainFactory grains,
    IOptions<ProjectDeletionOptions> options,
    TimeProvider clock,
    ILogger<ProjectDeletionWork> log) : PeriodicWork(options.Value.Every, clock)
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(30);

    // Rows that were removed by this silo, of projects that are not gone yet.
    private readonly Dictionary<string, long> _removed = [];

    /// <summary>Goes on with all deletions, each until it is done or has to wait.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away; a later round continues.</exception>
    public async Task Round(CancellationToken stopping)
    {
        HashSet<string> seen = [];
        while (await deletions.Take(seen) is { } deletion)
        {
            seen.Add(deletion.Project);
            if (await TryDelete(deletion, stopping))
            {
                LogDeleted(deletion.Project, _removed.GetValueOrDefault(deletion.Project));
                _removed.Remove(deletion.Project);
            }
            else
            {
                await deletions.Release(deletion.Project);
            }
        }
    }

    /// <inheritdoc/>
    protected override Task Step(CancellationToken stopping) => Round(stopping);

    /// <inheritdoc/>
    protected override bool IsOutage(Exception failure) =>
        failure is OrleansException or PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable }
        || base.IsOutage(failure);

    private async Task<bool> TryDelete(LeasedDeletion deletion, CancellationToken stopping)
    {
        string project = deletion.Project;
        if (_removed.TryAdd(project, 0))
        {
            LogBegun(project);
        }

        await writers.WaitForWriters(stopping);
        IProjectErasure settings = grains.GetGrain<IProjectErasure>(ProjectKey.Create(project));
        await settings.Erase();
        await RemoveAll(project, stopping);
        if (!deletion.MayEnd)
        {
            return false;
        }

        if (await deletions.RemoveReaders(project) is { } stays)
        {
            LogReaderStays(project, stays);
        }

        return await deletions.TryFinish(project);
    }

    private async Task RemoveAll(string project, CancellationToken stopping)
    {
        long heldAt = Time.GetTimestamp(), reportedAt = heldAt;
        while (await deletions.Remove(project) is > 0 and int some)
        {
            stopping.ThrowIfCancellationRequested();
            _removed[project] += some;
            if (Time.GetElapsedTime(heldAt) > options.Value.Lease / 3)
            {
                await deletions.Hold(project);
                heldAt = Time.GetTimestamp();
            }

            if (Time.GetElapsedTime(reportedAt) > ReportEvery)
            {
                LogProgress(project, _removed[project]);
                reportedAt = Time.GetTimestamp();
            }
        }
    }

    [LoggerMessage(1160, LogLevel.Warning, "A project can't be deleted now ({Reason}). The silo tries again at its next turn and continues where it stopped. "
        + "Check that Postgres and the cluster run.")]
    protected override partial void LogFailing(string reason, Exception? fault);

    [LoggerMessage(1161, LogLevel.Information, "Projects can be deleted again.")]
    protected override partial void LogWorking();

    [LoggerMessage(1162, LogLevel.Information, "Project {Project} is being deleted.")]
    private partial void LogBegun(string project);

    [LoggerMessage(1163, LogLevel.Information, "Project {Project} is being deleted. {Rows} rows were removed so far.")]
    private partial void LogProgress(string project, long rows);

    [LoggerMessage(1164, LogLevel.Information, "Project {Project} was deleted, with {Rows} rows. Its id is free.")]
    private partial void LogDeleted(string project, long rows);

    [LoggerMessage(1165, LogLevel.Warning, "The login role {Role} of the deleted project {Project} stays on the server, because it has rights in another database or "
        + "because the program may not remove it. It has no rights in this database. Remove it with 'drop role' if no other program uses it.")]
    private partial void LogReaderStays(string project, string role);
}
