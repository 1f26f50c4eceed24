using System.ComponentModel.DataAnnotations;

namespace Sessions.Postgres;

/// <summary>How replay blocks are stored and played. Section <c>Sessions:Replay</c> of the configuration.</summary>
public sealed class ReplayOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:Replay";

    /// <summary>Writers side by side in each gateway. Default 2.</summary>
    [Range(1, 64)]
    public int Lanes { get; set; } = 2;

    /// <summary>The most bytes of blocks in one commit; a larger block goes alone. Default 8 MiB.</summary>
    [Range(1024, 1 << 28)]
    public int MaxFlushBytes { get; set; } = 8 << 20;

    /// <summary>What may wait in one lane, in bytes; beyond it blocks are answered as unavailable. Default 64 MiB.</summary>
    [Range(1024, 1L << 34)]
    public long MaxQueuedBytes { get; set; } = 64 << 20;

    /// <summary>How long one commit may take. Default 20 seconds.</summary>
    [Range(1, 600)]
    public int CommitTimeoutSeconds { get; set; } = 20;

    /// <summary>The most bytes of events, inflated, that playback reads ahead at once; a larger block goes alone. Default 4 MiB.</summary>
    [Range(1024, 1 << 28)]
    public int MaxReadBytes { get; set; } = 4 << 20;

    /// <summary>
    /// The most compressed bytes that playback holds of blocks which overlap in time. Default 64 MiB; beyond it the
    /// earliest block is played to its end first, and the order is that of the blocks.
    /// </summary>
    [Range(1024, 1 << 30)]
    public int MaxOverlapBytes { get; set; } = 64 << 20;

    /// <summary>
    /// The most bytes that one compressed part of an event may have inflated. Default 64 MiB; a larger one is played as
    /// received.
    /// </summary>
    [Range(1024, 1 << 30)]
    public int MaxInflatedPartBytes { get; set; } = 64 << 20;
}
