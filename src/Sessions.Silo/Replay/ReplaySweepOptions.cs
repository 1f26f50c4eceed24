using System.ComponentModel.DataAnnotations;

namespace Sessions.Silo.Replay;

/// <summary>How silos remove recordings. Section <c>Sessions:ReplaySweep</c> of the configuration.</summary>
public sealed class ReplaySweepOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:ReplaySweep";

    /// <summary>The interval between two sweeps. Default one hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Every { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The age at which an orphaned block is removed. Default one day.</summary>
    [Range(typeof(TimeSpan), "00:10:00", "30.00:00:00")]
    public TimeSpan OrphanAge { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// How far back the first sweep looks for orphaned blocks. Default 8 days. Older orphans, left when no silo ran for
    /// that long, are removed by the project's retention.
    /// </summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan OrphanReach { get; set; } = TimeSpan.FromDays(8);

    /// <summary>The most sessions whose replays one step removes. Default 500.</summary>
    [Range(1, 10_000)]
    public int SessionsAtOnce { get; set; } = 500;
}
