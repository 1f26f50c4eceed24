using System.ComponentModel.DataAnnotations;

namespace Sessions.Capture.Replay;

/// <summary>How replay blocks are stored and played. Section <c>Sessions:Replay</c> of the configuration.</summary>
public sealed class ReplayOptions
{
    /// <summary>The section in the configuration.</summary>
    public const string Section = "Sessions:Replay";

    /// <summary>The number of parallel writers in each gateway. Default 2.</summary>
    [Range(1, 64)]
    public int Lanes { get; set; } = 2;

    /// <summary>The most bytes of blocks in one commit. A larger block is committed alone. Default 8 MiB.</summary>
    [Range(1024, 1 << 28)]
    public int MaxFlushBytes { get; set; } = 8 << 20;

    /// <summary>
    /// The most bytes of blocks in the queue of one lane. Beyond it the gateway answers 503. Default 64 MiB.
    /// </summary>
    [Range(1024, 1L << 34)]
    public long MaxQueuedBytes { get; set; } = 64 << 20;

    /// <summary>How long one commit may take. Default 20 seconds.</summary>
    [Range(1, 600)]
    public int CommitTimeoutSeconds { get; set; } = 20;

    /// <summary>
    /// The most bytes of inflated events that playback reads ahead. A larger block is read alone. Default 4 MiB.
    /// </summary>
    [Range(1024, 1 << 28)]
    public int MaxReadBytes { get; set; } = 4 << 20;

    /// <summary>
    /// The most compressed bytes of overlapping blocks that playback holds in memory. Default 64 MiB. Beyond it
    /// playback finishes the earliest block first, so events come in the order of the blocks.
    /// </summary>
    [Range(1024, 1 << 30)]
    public int MaxOverlapBytes { get; set; } = 64 << 20;

    /// <summary>
    /// The largest inflated size of one compressed part of an event. Default 64 MiB. A larger part is played as
    /// received.
    /// </summary>
    [Range(1024, 1 << 30)]
    public int MaxInflatedPartBytes { get; set; } = 64 << 20;
}
