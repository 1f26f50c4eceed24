using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sessions.Domain;

namespace Sessions.Grains;

/// <summary>
/// Takes away what projects have kept for long enough: a day of the journal as a whole once every project with anything
/// in it has, else what is of those that have. By then nothing can come for them: events that old are refused. What the
/// day is says the store, and nothing goes at once: a wrong clock or setting can be put right before anything is gone.
/// </summary>
internal sealed class RetentionSweep(
    IJournalDays days, IStoreClock store, IGrainFactory grains, TimeProvider clock, ILogger<RetentionSweep> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <summary>One round.</summary>
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
            // Whatever a project's retention, a day that young is nobody's to take.
            if (Retention.HasPassed(day, today, retentionDays: 1))
            {
                due.UnionWith(await DueOf(day, today, kept));
            }
        }

        foreach (LeavingDay back in (await days.Leaving()).Where(leaving => !due.Contains(leaving)))
        {
            if (await days.Keep(back))
            {
                log.LogWarning("The sessions and events of {Day} are kept after all", back.Day);
            }
        }

        foreach (LeavingDay leaving in due)
        {
            await Take(leaving);
        }
    }

    private async Task<IEnumerable<LeavingDay>> DueOf(DateOnly day, DateOnly today, Dictionary<string, int> kept)
    {
        IReadOnlyList<string> projects = await days.ProjectsOf(day);
        var passed = new List<string>();
        foreach (string project in projects)
        {
            if (Retention.HasPassed(day, today, await RetentionOf(project, kept)))
            {
                passed.Add(project);
            }
        }

        return passed.Count == projects.Count ? [new LeavingDay(day, null)] : passed.Select(project => new LeavingDay(day, project));
    }

    private async Task Take(LeavingDay leaving)
    {
        if (leaving.Project is string project)
        {
            if (await days.TryForget(leaving.Day, project) == DayStep.Gone)
            {
                log.LogInformation(
                    "Removed the sessions and events of {Project} of {Day}: it has kept them for long enough", project, leaving.Day);
            }

            return;
        }

        switch (await days.TryDrop(leaving.Day))
        {
            case DayStep.Detached:
                log.LogInformation(
                    "Detached the sessions and events of {Day}: every project has kept them for long enough. They are dropped in a day; "
                    + "until then a longer retention brings them back", leaving.Day);
                break;
            case DayStep.Gone:
                log.LogInformation("Dropped the sessions and events of {Day}", leaving.Day);
                break;
            default:
                break;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Sweep();
            }
            catch (Exception failure) when (failure is SessionsUnavailableException or TimeoutException or OrleansException)
            {
                log.LogWarning("Old days can't be dropped now; it is tried again: {Reason}", failure.Message);
            }
        }
    }

    private async Task<int> RetentionOf(string project, Dictionary<string, int> kept)
    {
        if (!kept.TryGetValue(project, out int retention))
        {
            ProjectSettings settings = await grains.GetGrain<IProjectGrain>(ProjectKey.Create(project)).Get();
            kept[project] = retention = settings.RetentionDays;
        }

        return retention;
    }
}
