using System.ComponentModel.DataAnnotations;

namespace Sessions.Grains;

/// <summary>How recordings are removed. Section <c>Sessions:ReplaySweep</c> of the configuration.</summary>
public sealed class ReplaySweepOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:ReplaySweep";

    /// <summary>How often a silo looks for what is to be removed. Default one hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Every { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How old a block must be that counts nowhere before it is removed. Default one day.</summary>
    [Range(typeof(TimeSpan), "00:10:00", "30.00:00:00")]
    public TimeSpan OrphanAge { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// How far back blocks are looked at that may count nowhere. Default 8 days: what was left behind longer ago, since
    /// no silo ran, goes with its project's retention.
    /// </summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan OrphanReach { get; set; } = TimeSpan.FromDays(8);

    /// <summary>The most sessions whose replays one step forgets. Default 500.</summary>
    [Range(1, 10_000)]
    public int SessionsAtOnce { get; set; } = 500;
}
