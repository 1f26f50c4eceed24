namespace Sessions.Domain.Storage;

/// <summary>How much room a disk has.</summary>
public enum DiskLevel
{
    /// <summary>Enough for everything.</summary>
    Enough,

    /// <summary>Enough for events, not for recordings.</summary>
    Low,

    /// <summary>Not enough for events.</summary>
    Full,
}

/// <summary>The watermarks of a disk, as shares of its size that are free.</summary>
/// <param name="Recordings">Below this share the disk is low.</param>
/// <param name="Events">Below this share the disk is full.</param>
public sealed record DiskWatermarks(double Recordings, double Events)
{
    /// <summary>
    /// How far above a watermark the free share must be until the disk has room again. Without it, a disk at a watermark would
    /// change its level every few seconds.
    /// </summary>
    public const double Margin = 0.01;

    /// <summary>The level, from the level before and what is free now.</summary>
    public DiskLevel Next(DiskLevel before, long freeBytes, long sizeBytes)
    {
        double free = sizeBytes > 0 ? (double)freeBytes / sizeBytes : 1;
        return IsUnder(Events, before == DiskLevel.Full) ? DiskLevel.Full
            : IsUnder(Recordings, before != DiskLevel.Enough) ? DiskLevel.Low
            : DiskLevel.Enough;

        bool IsUnder(double mark, bool wasUnder) => mark > 0 && free < (wasUnder ? mark + Margin : mark);
    }
}
