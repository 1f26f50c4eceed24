using Sessions.Host.Configuration;

namespace Sessions.Host.Roles;

/// <summary>
/// Looks for a silo until it finds one: gateways and silos start at the same time, and a stopped cluster starts again.
/// Until then the gateway answers 503 and reports that it is not ready.
/// </summary>
internal sealed partial class PatientConnect(TimeProvider time, ILogger<PatientConnect> log) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private bool _hasSaid;

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (!_hasSaid)
        {
            _hasSaid = true;
            LogWaiting(RoleConfiguration.FirstLine(exception));
        }

        await Task.Delay(Pause, time, cancellationToken);
        return true;
    }

    [LoggerMessage(5020, LogLevel.Warning, "No silo can be reached yet ({Reason}). The gateway tries again every half second and answers 503 "
        + "until then. Check that a silo runs with the same cluster settings and certificates.")]
    private partial void LogWaiting(string reason);
}
