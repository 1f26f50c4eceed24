using Microsoft.Extensions.Logging;
using Sessions.Database;

namespace Sessions.Capture.Cookieless;

/// <summary>Deletes old salts at start and every hour, with or without traffic.</summary>
internal sealed partial class CookielessSaltSweep(CookielessSalts salts, TimeProvider time, ILogger<CookielessSaltSweep> log)
    : PeriodicWork(Period, time, FirstStep.AtOnce)
{
    /// <summary>A salt is deleted at most this long after its time, while Postgres is available.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromHours(1);

    protected override Task Step(CancellationToken stopping) => salts.DeleteOld(stopping);

    [LoggerMessage(3030, LogLevel.Warning, "The old salts of cookieless visitors can't be deleted now ({Reason}). The gateway tries again in an hour. "
        + "Check that Postgres runs: until the salts are gone, old visits could still be linked to a visitor.")]
    protected override partial void LogFailing(string reason, Exception? fault);

    [LoggerMessage(3031, LogLevel.Information, "The old salts of cookieless visitors are deleted again.")]
    protected override partial void LogWorking();
}
