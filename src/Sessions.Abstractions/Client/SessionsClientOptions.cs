using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Sessions;

/// <summary>How a backend's <see cref="ISessionsClient"/> behaves.</summary>
public sealed class SessionsClientOptions
{
    /// <summary>The id of the project whose sessions they are. Default <c>default</c>, the project that is there from the beginning.</summary>
    [Required]
    public string Project { get; set; } = "default";

    /// <summary>For how long a call that fails for a passing reason is made again. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>For how long one attempt may hang before the call is made again. Default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The pause before the second attempt; each next one is twice as long. Default 50 milliseconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest pause between two attempts. Default 1 second.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>For how long the start of the host waits for a silo. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan ConnectPatience { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The most devices that are called at the same time. Default 32.</summary>
    [Range(1, 1000)]
    public int MaxDevicesAtOnce { get; set; } = 32;

    /// <summary>The most events in one call to a device; more make several calls. Default 1,000.</summary>
    [Range(1, 50_000)]
    public int MaxEventsPerCall { get; set; } = 1_000;

    /// <summary>The most bytes of properties in one call to a device; more make several calls. Default 8 MiB.</summary>
    [Range(1, 64 * 1024 * 1024)]
    public int MaxBytesPerCall { get; set; } = 8 * 1024 * 1024;

    /// <summary>
    /// How often a watch's subscriptions at the silos are renewed; a new silo is found within this. Shorter than the silos'
    /// <c>Sessions:Live:SubscriptionLifetime</c>. Default 3 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan RenewWatches { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>The most news that wait in a watch for whoever takes them; then the oldest are dropped. Default 10,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxWatchedNews { get; set; } = 10_000;

    /// <summary>The most events in the queue; then <see cref="ISessionsClient.Enqueue"/> waits. Default 10,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxQueuedEvents { get; set; } = 10_000;

    /// <summary>The most events that the queue sends at once. Default 500.</summary>
    [Range(1, 50_000)]
    public int MaxBatch { get; set; } = 500;

    /// <summary>How long a queued event waits for others before it is sent. Default 1 second.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>For how long a host that stops waits for the queue to be sent. Default 10 seconds; the host's own limit holds too.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ShutdownPatience { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether calls carry the current trace, so that spans of silos join those of this process. Default on.</summary>
    public bool PropagateActivity { get; set; } = true;
}

/// <summary>Checks the options when the host starts.</summary>
internal sealed class SessionsClientOptionsCheck : IValidateOptions<SessionsClientOptions>
{
    public ValidateOptionsResult Validate(string? name, SessionsClientOptions options)
    {
        List<ValidationResult> faults = [];
        Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true);
        if (!ProjectId.IsValid(options.Project))
        {
            faults.Add(new ValidationResult($"{nameof(options.Project)} must be 1 to {ProjectId.MaxLength} characters of a-z 0-9 - _."));
        }

        return faults.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(faults.Select(fault => $"{nameof(SessionsClientOptions)}: {fault.ErrorMessage}"));
    }
}
