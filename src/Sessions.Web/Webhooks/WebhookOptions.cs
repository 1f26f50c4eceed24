using System.ComponentModel.DataAnnotations;
using Sessions.Domain.Webhooks;

namespace Sessions.Web.Webhooks;

/// <summary>How a gateway sends webhooks; the configuration's section <c>Sessions:Webhooks</c>.</summary>
public sealed class WebhookOptions : IValidatableObject
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:Webhooks";

    /// <summary>
    /// Whether webhooks may use loopback and private addresses, and HTTP without TLS. Default false, because the owner
    /// of an admin key could otherwise make the gateway call addresses that only the gateway can reach. <c>./run</c>
    /// sets it to true while its gateways listen on loopback, where key owners are at the same machine anyway.
    /// </summary>
    public bool AllowPrivateTargets { get; set; }

    /// <summary>The most webhooks of a project. Default 20.</summary>
    [Range(1, 1_000)]
    public int MaxWebhooks { get; set; } = 20;

    /// <summary>How often a gateway looks for due deliveries. Default 1 second.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00")]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The most deliveries that each gateway sends to one webhook at a time. Default 8.</summary>
    [Range(1, 256)]
    public int MaxAtOnce { get; set; } = 8;

    /// <summary>How long an endpoint may take to answer. Default 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:02:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long another gateway waits after the end of an attempt's timeout before it takes over the delivery of a
    /// gateway that died. Default 15 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan TakeOver { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The pause after the first attempt. Each further pause is three times as long. Default 5 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest pause between two attempts. Default 6 hours.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromHours(6);

    /// <summary>The most attempts. After them a delivery is dead. Default 16, which take about two days.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 16;

    /// <summary>
    /// The longest pause before the next attempt at an endpoint where every delivery fails. Default 1 minute.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan LongestRest { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The longest time in the outbox. After it a delivery is dead, whatever the number of attempts. Default 3 days.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(3);

    /// <summary>
    /// The most pending deliveries of one webhook. Beyond it the oldest become dead. Default 1,000,000.
    /// </summary>
    [Range(1, 100_000_000)]
    public long MaxWaiting { get; set; } = 1_000_000;

    /// <summary>How long a successful delivery is listed. Default 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan KeepDelivered { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long a dead delivery can be sent again. Default 30 days.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan KeepDead { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How often the gateway counts pending deliveries and deletes old ones. Default 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan Upkeep { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the previous secret stays valid after a new one was created. Default 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan SecretOverlap { get; set; } = TimeSpan.FromDays(1);

    /// <summary>The options as retry rules.</summary>
    internal RetryRules Retries => new(FirstPause, LongestPause, MaxAttempts, LongestRest);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (FirstPause > LongestPause)
        {
            yield return new ValidationResult($"{nameof(FirstPause)} must not be longer than {nameof(LongestPause)}.", [nameof(FirstPause)]);
        }
    }
}
