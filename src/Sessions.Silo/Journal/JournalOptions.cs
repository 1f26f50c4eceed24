using System.ComponentModel.DataAnnotations;

namespace Sessions.Silo.Journal;

/// <summary>
/// How a silo writes the journal and the checkpoints. Section <c>Sessions:Journal</c> of the configuration.
/// </summary>
public sealed class JournalOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:Journal";

    /// <summary>The number of parallel writers (lanes). A session always uses the same lane. Default 2.</summary>
    [Range(1, 64)]
    public int Lanes { get; set; } = 2;

    /// <summary>The most connections of the writers: one for each lane, and some for checkpoints.</summary>
    public int Connections => Lanes + 4;

    /// <summary>The most entries in one commit. Default 4,000.</summary>
    [Range(1, 100_000)]
    public int MaxFlushEntries { get; set; } = 4_000;

    /// <summary>The most bytes of properties in one commit. Default 16 MiB.</summary>
    [Range(1024, 1L << 30)]
    public long MaxFlushBytes { get; set; } = 16 << 20;

    /// <summary>
    /// The most bytes that may be queued in one lane. When the queue is full, appends fail as unavailable. Default 64
    /// MiB.
    /// </summary>
    [Range(1024, 1L << 34)]
    public long MaxQueuedBytes { get; set; } = 64 << 20;

    /// <summary>How long one commit may take before its outcome counts as unknown. Default 20 seconds.</summary>
    [Range(1, 600)]
    public int CommitTimeoutSeconds { get; set; } = 20;

    /// <summary>How long a writer waits for a row that another transaction has locked. Default 2 seconds.</summary>
    [Range(0.05, 60)]
    public double LockTimeoutSeconds { get; set; } = 2;

    /// <summary>How often a silo writes checkpoints of sessions that have changed. Default 2 seconds.</summary>
    [Range(0.05, 10)]
    public double CheckpointSeconds { get; set; } = 2;

    /// <summary>
    /// When more rows than this are queued for a checkpoint, each stays queued for <see cref="BusyCheckpointSeconds"/>,
    /// so that several changes of a session share one write. Default 2,000.
    /// </summary>
    [Range(0, 10_000_000)]
    public int BusyRows { get; set; } = 2_000;

    /// <summary>
    /// How long a row stays queued while more than <see cref="BusyRows"/> are. Default 6.5 seconds: with the time to the next
    /// round and the round itself, rows are less than 10 seconds behind.
    /// </summary>
    [Range(0.05, 7)]
    public double BusyCheckpointSeconds { get; set; } = 6.5;

    /// <summary>The most rows in one checkpoint statement. Default 500.</summary>
    [Range(1, 10_000)]
    public int CheckpointRows { get; set; } = 500;
}
