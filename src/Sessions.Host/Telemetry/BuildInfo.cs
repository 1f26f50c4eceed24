using System.Diagnostics.Metrics;

namespace Sessions.Host.Telemetry;

/// <summary>Says which build a process is: once in its log, and in its metrics, so that an upgrade can be followed.</summary>
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
            "Always 1; its labels say which build the process is.");
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        LogBuild(ProductVersion.Number, ProductVersion.Commit);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Information, "Orleans.Sessions {Version} {Commit}")]
    private partial void LogBuild(string version, string commit);
}
