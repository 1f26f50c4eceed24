using Sessions.Host.Configuration;

namespace Sessions.Host.Roles;

/// <summary>
/// Looks for a silo until there is one: gateways and silos start at the same time, and a cluster that is stopped comes
/// back. Until then the gateway answers 503, and says that it is not ready.
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

    [LoggerMessage(LogLevel.Warning, "No silo can be reached yet, it is tried again: {Reason}")]
    private partial void LogWaiting(string reason);
}
