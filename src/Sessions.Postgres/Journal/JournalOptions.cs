using System.ComponentModel.DataAnnotations;

namespace Sessions.Postgres;

/// <summary>How a silo writes. Section <c>Sessions:Journal</c> of the configuration.</summary>
public sealed class JournalOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:Journal";

    /// <summary>Writers side by side; a session always uses the same one. Default 2.</summary>
    [Range(1, 64)]
    public int Lanes { get; set; } = 2;

    /// <summary>The most entries in one commit. Default 4,000.</summary>
    [Range(1, 100_000)]
    public int MaxFlushEntries { get; set; } = 4_000;

    /// <summary>The most bytes of properties in one commit. Default 16 MiB.</summary>
    [Range(1024, 1L << 30)]
    public long MaxFlushBytes { get; set; } = 16 << 20;

    /// <summary>What may wait in one lane, in bytes; beyond it events are answered as unavailable. Default 64 MiB.</summary>
    [Range(1024, 1L << 34)]
    public long MaxQueuedBytes { get; set; } = 64 << 20;

    /// <summary>How long one commit may take before its outcome counts as unknown. Default 20 seconds.</summary>
    [Range(1, 600)]
    public int CommitTimeoutSeconds { get; set; } = 20;

    /// <summary>How long a writer waits for a row that somebody else holds. Default 2 seconds.</summary>
    [Range(0.05, 60)]
    public double LockTimeoutSeconds { get; set; } = 2;

    /// <summary>How often sessions' rows are brought up to their grains. Default 2 seconds.</summary>
    [Range(0.05, 10)]
    public double CheckpointSeconds { get; set; } = 2;

    /// <summary>
    /// When more rows than this wait, each waits for <see cref="BusyCheckpointSeconds"/>: sessions that go on then
    /// cost a third of the writing. Default 2,000.
    /// </summary>
    [Range(0, 10_000_000)]
    public int BusyRows { get; set; } = 2_000;

    /// <summary>How long a row may wait while many do. Default 5 seconds.</summary>
    [Range(0.05, 8)]
    public double BusyCheckpointSeconds { get; set; } = 5;

    /// <summary>The most rows in one checkpoint statement. Default 500.</summary>
    [Range(1, 10_000)]
    public int CheckpointRows { get; set; } = 500;
}
