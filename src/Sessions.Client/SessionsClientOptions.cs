using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Sessions.Client.Calls;
using Sessions.Client.Tracking;

namespace Sessions;

/// <summary>Options of <see cref="ISessionsClient"/>.</summary>
public sealed class SessionsClientOptions
{
    /// <summary>The project's id. Default <c>default</c>, the project that every installation has.</summary>
    [Required]
    public string Project { get; set; } = "default";

    /// <summary>For how long the client retries a call that fails for a passing reason. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// After this long without an answer, the client makes the call a second time while the first one still runs (a
    /// hedge). Default 10 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The pause before the second attempt; each next one is twice as long. Default 50 milliseconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest pause between two attempts. Default 1 second.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the host's start waits for a silo. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan ConnectPatience { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The most devices that one call of the client calls at the same time. Default 32.</summary>
    [Range(1, 1000)]
    public int MaxDevicesAtOnce { get; set; } = 32;

    /// <summary>The most events in one call to a device; more events need several calls. Default 1,000.</summary>
    [Range(1, 50_000)]
    public int MaxEventsPerCall { get; set; } = 1_000;

    /// <summary>
    /// The most bytes of properties in one call to a device; more bytes need several calls. Default 8 MiB.
    /// </summary>
    [Range(1, 64 * 1024 * 1024)]
    public int MaxBytesPerCall { get; set; } = 8 * 1024 * 1024;

    /// <summary>
    /// How often the client renews its subscriptions at the silos for watches. A new silo is found within this time.
    /// Must be shorter than the silos' <c>Sessions:Live:SubscriptionLifetime</c>. Default 3 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan RenewWatches { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>The most unread changes in a watch; beyond it, the oldest are dropped. Default 10,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxWatchedNews { get; set; } = 10_000;

    /// <summary>
    /// The most events in the queue. When it is full, <see cref="ISessionsClient.Enqueue"/> waits. Default 10,000.
    /// </summary>
    [Range(1, 10_000_000)]
    public int MaxQueuedEvents { get; set; } = 10_000;

    /// <summary>The most events that the queue sends at once. Default 500.</summary>
    [Range(1, 50_000)]
    public int MaxBatch { get; set; } = 500;

    /// <summary>How long a queued event waits for others before it is sent. Default 1 second.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a stopping host waits until the queue is sent. Default 10 seconds. The host's own shutdown timeout
    /// applies too.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ShutdownPatience { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether calls carry the current trace, so that the silos' spans belong to this process' traces. Default on.
    /// </summary>
    public bool PropagateActivity { get; set; } = true;

    /// <summary>The limits of calls to devices.</summary>
    internal DeviceCallLimits CallLimits => new(MaxDevicesAtOnce, MaxEventsPerCall, MaxBytesPerCall);

    /// <summary>The times of calls to grains.</summary>
    internal CallTimes Times => new()
    {
        Patience = Patience,
        StorePatience = Patience,
        HedgeAfter = AttemptTimeout,
        FirstPause = FirstPause,
        LongestPause = LongestPause,
    };
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
