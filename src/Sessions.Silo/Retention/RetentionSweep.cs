using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Database;
using Sessions.Database.Time;
using Sessions.Domain.Projects;

namespace Sessions.Silo.Retention;

/// <summary>
/// Removes data whose retention is over. A day of the journal is removed as a whole if it has expired for every project
/// in it; otherwise only the expired projects' parts are removed. Events that old are refused, so nothing can arrive
/// for such a day. The current day comes from Postgres' clock. Data is deleted in steps over more than a day, so that
/// an operator can correct a wrong clock or setting in time.
/// </summary>
internal sealed partial class RetentionSweep(
    JournalDays days, IStoreClock store, IGrainFactory grains, TimeProvider clock, IOptions<RetentionOptions> options, ILogger<RetentionSweep> log)
    : PeriodicWork(options.Value.Every, clock)
{
    /// <summary>Makes one round.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public async Task Sweep()
    {
        if (await store.Today() is not { } today)
        {
            return;
        }

        var kept = new Dictionary<string, int>();
        HashSet<LeavingDay> due = [];
        foreach (DateOnly day in await days.All())
        {
            // Whatever the projects' retention is, a day this young stays.
            if (RetentionRule.HasPassed(day, today, retentionDays: 1))
            {
                due.UnionWith(await DueOf(day, today, kept));
            }
        }

        foreach (LeavingDay back in (await days.Leaving()).Where(leaving => !due.Contains(leaving)))
        {
            if (await days.Keep(back))
            {
                LogKept(back.Day);
            }
        }

        foreach (LeavingDay leaving in due)
        {
            await Take(leaving);
        }
    }

    private async Task<IEnumerable<LeavingDay>> DueOf(DateOnly day, DateOnly today, Dictionary<string, int> kept)
    {
        if (await days.ProjectsOf(day) is not { } projects)
        {
            return [];
        }

        var passed = new List<string>();
        foreach (string project in projects)
        {
            if (RetentionRule.HasPassed(day, today, await RetentionOf(project, kept)))
            {
                passed.Add(project);
            }
        }

        if (passed.Count > 0)
        {
            await days.Note(passed);
        }

        return passed.Count == projects.Count ? [new LeavingDay(day, null)] : passed.Select(project => new LeavingDay(day, project));
    }

    private async Task Take(LeavingDay leaving)
    {
        if (leaving.Project is string project)
        {
            if (await days.TryForget(leaving.Day, project) == DayStep.Gone)
            {
                LogRemoved(project, leaving.Day);
            }

            return;
        }

        switch (await days.TryDrop(leaving.Day))
        {
            case DayStep.Detached:
                LogDetached(leaving.Day);
                break;
            case DayStep.Gone:
                LogDropped(leaving.Day);
                break;
            default:
                break;
        }
    }

    protected override Task Step(CancellationToken stopping) => Sweep();

    protected override bool IsOutage(Exception failure) => failure is OrleansException || base.IsOutage(failure);

    private async Task<int> RetentionOf(string project, Dictionary<string, int> kept)
    {
        if (!kept.TryGetValue(project, out int retention))
        {
            ProjectSettings settings = await grains.GetGrain<IProjectGrain>(ProjectKey.Create(project)).Get();
            kept[project] = retention = settings.RetentionDays;
        }

        return retention;
    }

    [LoggerMessage(1070, LogLevel.Warning, "Days that are past their retention can't be removed now ({Reason}). The silo tries again at its next turn, and nothing "
        + "is lost. Check that Postgres and the cluster run.")]
    protected override partial void LogFailing(string reason, Exception? fault);

    [LoggerMessage(1071, LogLevel.Information, "Days that are past their retention can be removed again.")]
    protected override partial void LogWorking();

    [LoggerMessage(1072, LogLevel.Warning, "The sessions and events of {Day} were about to be removed, and are kept. A project's retention or the clock has "
        + "changed. Check the retention of the projects if nobody changed it.")]
    private partial void LogKept(DateOnly day);

    [LoggerMessage(1073, LogLevel.Information, "The sessions and events of project {Project} of {Day} were removed. Their retention is over.")]
    private partial void LogRemoved(string project, DateOnly day);

    [LoggerMessage(1074, LogLevel.Information, "The sessions and events of {Day} were detached. Their retention is over in every project. They are dropped in a "
        + "day. Until then a longer retention brings them back.")]
    private partial void LogDetached(DateOnly day);

    [LoggerMessage(1075, LogLevel.Information, "The sessions and events of {Day} were dropped.")]
    private partial void LogDropped(DateOnly day);
}
