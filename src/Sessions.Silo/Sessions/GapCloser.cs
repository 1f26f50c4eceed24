using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Sessions.Database;
using Sessions.Silo.Checkpoints;

namespace Sessions.Silo.Sessions;

/// <summary>
/// Completes session rows that a dead silo left out of date. No data is lost when a silo dies before it writes its
/// checkpoints, but the row of a session that gets no more calls would stay outdated for ever. So this service calls
/// each such session once: the session loads itself from its journal and writes its row. The call names the last entry,
/// because this or another silo may still have an activation from before the dead silo's entries.
/// </summary>
internal sealed partial class GapCloser(
    CheckpointGaps gaps, IGrainFactory grains, TimeProvider clock, ILogger<GapCloser> log) : PeriodicWork(Period, clock)
{
    private const int SessionsAtOnce = 32;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(3);

    protected override async Task Step(CancellationToken stopping)
    {
        if (await gaps.Find() is { } gap)
        {
            await Close(gap, stopping);
        }
    }

    protected override bool IsOutage(Exception failure) => failure is OrleansException || base.IsOutage(failure);

    // Failing calls are usual here, because a silo has just died.
    protected override void LogFailing(string reason, Exception? fault) =>
        LogNotClosed(fault is null ? LogLevel.Debug : LogLevel.Warning, reason, fault);

    private async Task Close(CheckpointGap gap, CancellationToken stopping)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = SessionsAtOnce, CancellationToken = stopping };
        Exception? failed = null;
        await Parallel.ForEachAsync(gap.Rows, options, async (row, _) =>
        {
            try
            {
                await grains.GetGrain<ISessionWriter>(row.Session).GetStandingSince(row.Number);
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                // The other sessions' rows are still completed.
                failed = failure;
            }
        });
        if (failed is not null)
        {
            ExceptionDispatchInfo.Throw(failed);
        }

        await gaps.Close(gap);
        if (gap.Rows.Count > 0)
        {
            LogClosed(gap.Rows.Count, string.Join(", ", gap.Silos));
        }
    }

    [LoggerMessage(EventId = 1140, Message = "The rows of sessions that a dead silo left behind can't be brought up to date now ({Reason}). This silo "
        + "tries again at its next turn, and no event is lost. Check that Postgres and the cluster run if rows stay behind.")]
    private partial void LogNotClosed(LogLevel level, string reason, Exception? fault);

    [LoggerMessage(1141, LogLevel.Debug, "The rows that dead silos left behind can be brought up to date again.")]
    protected override partial void LogWorking();

    [LoggerMessage(1142, LogLevel.Information, "The rows of {Count} sessions were brought up to date. These silos had left them behind: {Silos}.")]
    private partial void LogClosed(int count, string silos);
}
