using System.Diagnostics.Metrics;

namespace Sessions.Host.Telemetry;

/// <summary>
/// Reports the build of a process, once in its log and in its metrics, so that an operator can follow an upgrade.
/// </summary>
internal sealed partial class BuildInfo : IHostedService
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Sessions.Host";

    private readonly ILogger<BuildInfo> _log;

    public BuildInfo(IMeterFactory meters, ILogger<BuildInfo> log)
    {
        _log = log;
        meters.Create(MeterName).CreateObservableGauge(
            "sessions.build.info",
            () => new Measurement<int>(1, new("version", ProductVersion.Number), new("commit", ProductVersion.Commit)),
            unit: null,
            "Always 1. Its labels name the build of the process.");
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        LogBuild(ProductVersion.Number, ProductVersion.Commit);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(5001, LogLevel.Information, "Orleans.Sessions {Version} {Commit} starts.")]
    private partial void LogBuild(string version, string commit);
}
