using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Sessions.Grains;

/// <summary>
/// A silo that dies takes the checkpoints with it that it had not written. Nothing is lost by that, but the rows of
/// sessions that nobody touches again would stay behind for good. So each such session is woken once: it loads itself
/// from its journal and has its row written.
/// </summary>
internal sealed class GapCloser(
    ICheckpointGaps gaps, IGrainFactory grains, TimeProvider clock, ILogger<GapCloser> log) : BackgroundService
{
    private const int SessionsAtOnce = 32;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (await gaps.Find() is { } gap)
                {
                    await Close(gap, stoppingToken);
                }
            }
            catch (Exception failure) when (failure is SessionsUnavailableException or TimeoutException or OrleansException)
            {
                log.LogDebug(failure, "Rows that a dead silo left behind can't be mended now");
            }
        }
    }

    private async Task Close(CheckpointGap gap, CancellationToken stopping)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = SessionsAtOnce, CancellationToken = stopping };
        await Parallel.ForEachAsync(gap.Sessions, options, async (session, _) =>
            await grains.GetGrain<ISessionIntake>(session).GetStanding());
        await gaps.Close(gap);
        if (gap.Sessions.Count > 0)
        {
            log.LogInformation(
                "Brought {Count} sessions' rows up to date that {Silos} had left behind", gap.Sessions.Count, string.Join(", ", gap.Silos));
        }
    }
}
