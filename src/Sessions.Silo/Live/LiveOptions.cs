using System.ComponentModel.DataAnnotations;

namespace Sessions.Silo.Live;

/// <summary>
/// How silos send changes of live sessions to gateways and backends. Section <c>Sessions:Live</c> of the configuration.
/// </summary>
public sealed class LiveOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:Live";

    /// <summary>
    /// The interval at which a silo sends changes. It sends a session at most once in each interval. Default 1 second.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Pace { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The most sessions with unsent changes on a silo, and the most unsent changes for one slow subscriber. A
    /// subscriber learns from a gap in the batch numbers that it has missed some. Default 20,000.
    /// </summary>
    [Range(1, 10_000_000)]
    public int MaxWaiting { get; set; } = 20_000;

    /// <summary>The most changes in one batch; the others are sent with the next one. Default 2,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxBatch { get; set; } = 2_000;

    /// <summary>The most gateways and backends that a silo sends to. Default 100.</summary>
    [Range(1, 10_000)]
    public int MaxSubscriptions { get; set; } = 100;

    /// <summary>A subscription ends when it was not renewed for this long. Default 20 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "01:00:00")]
    public TimeSpan SubscriptionLifetime { get; set; } = TimeSpan.FromSeconds(20);
}
