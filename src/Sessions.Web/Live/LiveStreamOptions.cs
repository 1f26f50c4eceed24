using System.ComponentModel.DataAnnotations;

namespace Sessions.Web.Live;

/// <summary>How a gateway follows live sessions; the configuration's section <c>Sessions:LiveStream</c>.</summary>
public sealed class LiveStreamOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:LiveStream";

    /// <summary>The most open streams. Beyond it the gateway answers 503. Default 2,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxStreams { get; set; } = 2_000;

    /// <summary>
    /// The most messages that wait for one stream. A slower stream is closed, and its client reconnects. Default
    /// 5,000.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxWaiting { get; set; } = 5_000;

    /// <summary>
    /// The interval of keep-alive comments on an idle stream, which keep clients and proxies from closing it. Default
    /// 15 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How often the subscriptions at the silos are renewed; the gateway finds a new silo within this time. Must be
    /// shorter than the silos' <c>Sessions:Live:SubscriptionLifetime</c>. Default 3 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Renew { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a silo, or Postgres, may take to answer. Default 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The most live sessions of a project that are remembered to find missed changes. Default 100,000.
    /// </summary>
    [Range(1, 10_000_000)]
    public int MaxKnown { get; set; } = 100_000;

    /// <summary>The most sessions that are reported at once after changes were missed. Default 2,000.</summary>
    [Range(1, 100_000)]
    public int MaxCaughtUp { get; set; } = 2_000;
}
