using System.ComponentModel.DataAnnotations;

namespace Sessions.Grains;

/// <summary>How silos tell gateways and backends what happens to live sessions. Section <c>Sessions:Live</c> of the configuration.</summary>
public sealed class LiveOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:Live";

    /// <summary>How often a silo sends what has happened: at most once in this is a session told of. Default 1 second.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Pace { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The most sessions whose news wait to be sent, and the most news that wait for one who takes them slowly; whoever
    /// misses some is told that it does. Default 20,000.
    /// </summary>
    [Range(1, 10_000_000)]
    public int MaxWaiting { get; set; } = 20_000;

    /// <summary>The most news in one batch; the others come with the next. Default 2,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxBatch { get; set; } = 2_000;

    /// <summary>The most gateways and backends that a silo sends to. Default 100.</summary>
    [Range(1, 10_000)]
    public int MaxSubscriptions { get; set; } = 100;

    /// <summary>A subscription that is not renewed for this long is over. Default 20 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "01:00:00")]
    public TimeSpan SubscriptionLifetime { get; set; } = TimeSpan.FromSeconds(20);
}
