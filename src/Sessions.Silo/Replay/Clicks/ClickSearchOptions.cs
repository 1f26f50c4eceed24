using System.ComponentModel.DataAnnotations;

namespace Sessions.Silo.Replay.Clicks;

/// <summary>How silos search recordings for rage and dead clicks. Section <c>Sessions:ClickSearch</c> of the configuration.</summary>
public sealed class ClickSearchOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:ClickSearch";

    /// <summary>The interval at which a silo looks for recordings to search. Default two seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan Every { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The least time between two searches of a live session's recording. A long recording is searched less often: after half
    /// of its length. Default five seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan Pause { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The time after which another silo searches a recording whose search has not ended. Default two minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:05", "1.00:00:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The largest decompressed size of one compressed part of an event. Default 64 MiB. A larger part is not searched.
    /// </summary>
    [Range(1024, 1 << 30)]
    public int MaxInflatedPartBytes { get; set; } = 64 << 20;
}
