using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sessions.Domain;

namespace Sessions.Grains;

/// <summary>
/// Takes away what projects have kept for long enough: a day of the journal as a whole once every project with anything
/// in it has, else what is of those that have. By then nothing can come for them: events that old are refused.
/// </summary>
internal sealed class RetentionSweep(
    IJournalDays days, IGrainFactory grains, TimeProvider clock, ILogger<RetentionSweep> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <summary>One round.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public async Task Sweep()
    {
        DateOnly today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var kept = new Dictionary<string, int>();
        foreach (DateOnly day in await days.All())
        {
            // Whatever a project's retention, a day that young is nobody's to take.
            if (Retention.HasPassed(day, today, retentionDays: 1))
            {
                await Sweep(day, today, kept);
            }
        }
    }

    private async Task Sweep(DateOnly day, DateOnly today, Dictionary<string, int> kept)
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

        if (passed.Count == projects.Count)
        {
            if (await days.TryDrop(day))
            {
                log.LogInformation("Dropped the sessions and events of {Day}: every project has kept them for long enough", day);
            }

            return;
        }

        foreach (string project in passed)
        {
            if (await days.TryForget(day, project))
            {
                log.LogInformation("Removed the sessions and events of {Project} of {Day}: it has kept them for long enough", project, day);
            }
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
