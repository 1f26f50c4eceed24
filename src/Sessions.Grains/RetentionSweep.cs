using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sessions.Domain;

namespace Sessions.Grains;

/// <summary>
/// Drops the journal's days that every project with anything in them has kept for long enough. By then nothing can
/// come for them: events that old are refused.
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
            if (Retention.HasPassed(day, today, retentionDays: 1) && await HasPassedForAll(day, today, kept) && await days.TryDrop(day))
            {
                log.LogInformation("Dropped the sessions and events of {Day}: every project has kept them for long enough", day);
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

    private async Task<bool> HasPassedForAll(DateOnly day, DateOnly today, Dictionary<string, int> kept)
    {
        foreach (string project in await days.ProjectsOf(day))
        {
            if (!kept.TryGetValue(project, out int retention))
            {
                ProjectSettings settings = await grains.GetGrain<IProjectGrain>(ProjectKey.Create(project)).Get();
                kept[project] = retention = settings.RetentionDays;
            }

            if (!Retention.HasPassed(day, today, retention))
            {
                return false;
            }
        }

        return true;
    }
}
