using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Database;
using Sessions.Silo.Sessions;

namespace Sessions.Silo.Replay.Clicks;

/// <summary>
/// Searches recordings for rage and dead clicks, and gives them to their sessions. Several silos may search at the same time,
/// each another recording. A search looks at the whole recording, and its result replaces that of an earlier one: so a late
/// block, a repeated search or a dead silo never counts a click twice.
/// </summary>
internal sealed partial class ClickSearchWork(
    ClickSearchStore store,
    IGrainFactory grains,
    IOptions<ClickSearchOptions> options,
    TimeProvider clock,
    ILogger<ClickSearchWork> log) : PeriodicWork(options.Value.Every, clock)
{
    // After that the silo rests for one interval, so that searches take half of one core at most.
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(2);

    /// <summary>Searches recordings that are due, one after the other, until none is or the turn is over.</summary>
    public async Task Round(CancellationToken stopping)
    {
        ClickSearchOptions limits = options.Value;
        long begun = Time.GetTimestamp();
        while (Time.GetElapsedTime(begun) < Turn && await store.Claim(limits.Lease, stopping) is { } session)
        {
            int upTo = 0;
            if (await store.Search(session, limits.MaxInflatedPartBytes, stopping) is { } found)
            {
                upTo = found.UpTo;
                await grains.GetGrain<ISessionWriter>(session).SetReplayClicks(found.Write());
            }

            await store.Done(session, upTo, limits.Pause, stopping);
        }
    }

    /// <inheritdoc/>
    protected override Task Step(CancellationToken stopping) => Round(stopping);

    /// <inheritdoc/>
    protected override bool IsOutage(Exception failure) => failure is OrleansException || base.IsOutage(failure);

    [LoggerMessage(1170, LogLevel.Warning, "Recordings can't be searched for rage and dead clicks now ({Reason}). The silo tries again at its next turn, and "
        + "nothing is lost. Check that Postgres and the cluster run.")]
    protected override partial void LogFailing(string reason, Exception? fault);

    [LoggerMessage(1171, LogLevel.Information, "Recordings can be searched for rage and dead clicks again.")]
    protected override partial void LogWorking();
}
