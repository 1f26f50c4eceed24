using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Sessions.Database;
using Sessions.Domain.Storage;

namespace Sessions.Capture.Disk;

/// <summary>
/// Measures the disk that Postgres writes to. A full disk stops Postgres, and with it all projects. So recordings, which take
/// the most room, are dropped first, and later events are refused: their senders keep them and send them again.
/// </summary>
public sealed partial class DiskWatch : PeriodicWork
{
    private readonly DiskOptions _options;
    private readonly IDiskMeter _meter;
    private readonly ILogger<DiskWatch> _log;
    private volatile Measured _last = new(DiskLevel.Enough, null);

    internal DiskWatch(DiskOptions options, IDiskMeter meter, IMeterFactory meters, TimeProvider time, ILogger<DiskWatch> log)
        : base(options.Every, time, FirstStep.BeforeTheHostGoesOn)
    {
        _options = options;
        _meter = meter;
        _log = log;
        Meter metrics = meters.Create(CaptureMetrics.MeterName);
        metrics.CreateObservableGauge(
            "sessions.disk.free", () => Gauge(space => space.FreeBytes), "By", "Free bytes of the disk that Postgres writes to.");
        metrics.CreateObservableGauge(
            "sessions.disk.size", () => Gauge(space => space.SizeBytes), "By", "The size of the disk that Postgres writes to.");
    }

    /// <summary>How much room the disk has. Enough while nothing is measured.</summary>
    public DiskLevel Level => _last.Level;

    /// <summary>What is wrong, as a sentence; null while the disk has enough room.</summary>
    public string? Trouble => _last switch
    {
        { Level: DiskLevel.Enough } => null,
        { Level: DiskLevel.Low, Space: { } space } => $"The disk of Postgres is low ({Share(space)} free): recordings are dropped.",
        { Space: var space } => $"The disk of Postgres is nearly full ({Share(space ?? default)} free): events and recordings are not taken.",
    };

    /// <inheritdoc/>
    protected override Task Step(CancellationToken stopping)
    {
        if (string.IsNullOrEmpty(_options.Path))
        {
            return Task.CompletedTask;
        }

        DiskSpace space = _meter.Measure(_options.Path);
        DiskLevel before = _last.Level, level = _options.Watermarks.Next(before, space.FreeBytes, space.SizeBytes);
        _last = new Measured(level, space);
        if (level != before)
        {
            Report(level, Share(space));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override bool IsOutage(Exception failure) => failure is IOException or UnauthorizedAccessException;

    private static string Share(DiskSpace space) =>
        FormattableString.Invariant($"{(space.SizeBytes > 0 ? 100.0 * space.FreeBytes / space.SizeBytes : 0):0.0} %");

    private Measurement<long>[] Gauge(Func<DiskSpace, long> value) =>
        _last.Space is { } space ? [new Measurement<long>(value(space))] : [];

    private void Report(DiskLevel level, string free)
    {
        switch (level)
        {
            case DiskLevel.Full:
                LogFull(free);
                break;
            case DiskLevel.Low:
                LogLow(free);
                break;
            default:
                LogEnough(free);
                break;
        }
    }

    [LoggerMessage(3080, LogLevel.Error, "The disk of Postgres is nearly full: {Free} are free. The gateway answers events with 503, so SDKs keep them and "
        + "send them again, and drops recordings. Make room, or give the disk more.")]
    private partial void LogFull(string free);

    [LoggerMessage(3081, LogLevel.Warning, "The disk of Postgres is low: {Free} are free. The gateway drops recordings and takes events. Make room, give the "
        + "disk more, or keep recordings for a shorter time (replay.retention_days).")]
    private partial void LogLow(string free);

    [LoggerMessage(3082, LogLevel.Information, "The disk of Postgres has room again: {Free} are free. The gateway takes everything.")]
    private partial void LogEnough(string free);

    [LoggerMessage(3083, LogLevel.Warning, "The disk of Postgres can't be measured now ({Reason}). The gateway goes on as at the last measurement. Check "
        + "Sessions:Disk:Path.")]
    protected override partial void LogFailing(string reason, Exception? fault);

    [LoggerMessage(3084, LogLevel.Information, "The disk of Postgres is measured again.")]
    protected override partial void LogWorking();

    private sealed record Measured(DiskLevel Level, DiskSpace? Space);
}
