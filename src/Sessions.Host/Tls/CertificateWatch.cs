using System.Diagnostics.Metrics;
using Sessions.Database;

namespace Sessions.Host.Tls;

/// <summary>
/// Tells the operator in time that the process' certificate ends, and when it has ended. Connections that are open then go on,
/// but no new one comes about.
/// </summary>
internal sealed partial class CertificateWatch : PeriodicWork
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Sessions.Tls";

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(5);

    private readonly ClusterCertificates _certificates;
    private readonly TlsSettings _settings;
    private readonly ILogger<CertificateWatch> _log;
    private readonly Outage _unusable = new();
    private DateTimeOffset _known;
    private State _state;

    public CertificateWatch(ClusterCertificates certificates, TlsSettings settings, IMeterFactory meters, ILogger<CertificateWatch> log)
        : base(Pace, TimeProvider.System, FirstStep.AtOnce)
    {
        (_certificates, _settings, _log) = (certificates, settings, log);
        _known = certificates.Until;
        meters.Create(MeterName).CreateObservableGauge(
            "sessions.certificate.left", () => Left.TotalSeconds, "s", "How long this process' certificate is still valid; negative when it has ended.");
    }

    private enum State
    {
        Good,
        EndsSoon,
        Ended,
    }

    /// <summary>A message when the certificate ends soon or has ended; null otherwise.</summary>
    public string? Trouble => Now switch
    {
        State.Ended => $"This process' certificate ended at {_certificates.Until:u}: no new connection to silos comes about.",
        State.EndsSoon => $"This process' certificate ends at {_certificates.Until:u}.",
        _ => null,
    };

    private TimeSpan Left => _certificates.Until - _certificates.Now;

    private State Now => Left switch
    {
        var left when left <= TimeSpan.Zero => State.Ended,
        var left when left <= _settings.WarnBefore => State.EndsSoon,
        _ => State.Good,
    };

    /// <inheritdoc/>
    protected override Task Step(CancellationToken stopping)
    {
        Look();
        return Task.CompletedTask;
    }

    /// <summary>Looks once, and logs what has changed.</summary>
    internal void Look()
    {
        DateTimeOffset until = _certificates.Until;
        State now = Now;
        if (until != _known)
        {
            (_known, _state) = (until, State.Good);
            LogRenewed(until);
        }

        if (now != _state)
        {
            _state = now;
            if (now == State.Ended)
            {
                LogEnded(until, _settings.Certificate);
            }
            else if (now == State.EndsSoon)
            {
                LogEndsSoon(until, _settings.Certificate);
            }
        }

        if (_certificates.Fault is { } fault)
        {
            if (_unusable.Begin())
            {
                LogUnusable(fault);
            }
        }
        else
        {
            _unusable.End();
        }
    }

    [LoggerMessage(5030, LogLevel.Warning, "This process' TLS certificate ends at {Until:u}. Put a new one into {File} and its key beside it: the process reads it "
        + "without a restart.")]
    private partial void LogEndsSoon(DateTimeOffset until, string? file);

    [LoggerMessage(5031, LogLevel.Error, "This process' TLS certificate ended at {Until:u}. Open connections go on, but silos, gateways and backends refuse new ones. Put "
        + "a new one into {File} and its key beside it: the process reads it without a restart.")]
    private partial void LogEnded(DateTimeOffset until, string? file);

    [LoggerMessage(5032, LogLevel.Information, "A new TLS certificate is in use. It ends at {Until:u}.")]
    private partial void LogRenewed(DateTimeOffset until);

    [LoggerMessage(5033, LogLevel.Warning, "The new TLS files can't be used ({Reason}). The process keeps the previous certificate and tries again for every "
        + "connection. Check the files.")]
    private partial void LogUnusable(string reason);

    [LoggerMessage(5034, LogLevel.Warning, "The TLS certificate can't be looked at now ({Reason}). The process tries again at its next turn. Report the "
        + "fault if it happens again.")]
    protected override partial void LogFailing(string reason, Exception? fault);

    [LoggerMessage(5035, LogLevel.Information, "The TLS certificate is looked at again.")]
    protected override partial void LogWorking();
}
