using System.ComponentModel.DataAnnotations;

namespace Sessions.Gateway.Capture;

/// <summary>The limits of capture: <c>Sessions:Capture</c> in the configuration. Checked at start.</summary>
public sealed class CaptureOptions : IValidatableObject
{
    /// <summary>Where these options are in the configuration.</summary>
    public const string Section = "Sessions:Capture";

    /// <summary>The largest body, as received. Default 20 MiB; beyond it the answer is 413.</summary>
    [Range(1024, 1 << 30)]
    public int MaxBodyBytes { get; set; } = 20 << 20;

    /// <summary>The largest body of a replay, as received. Default 25 MiB; beyond it the answer is 413.</summary>
    [Range(1024, 1 << 30)]
    public int MaxReplayBodyBytes { get; set; } = 25 << 20;

    /// <summary>The largest body after inflating. Default 64 MiB; beyond it the answer is 413.</summary>
    [Range(1024, 1 << 30)]
    public int MaxInflatedBytes { get; set; } = 64 << 20;

    /// <summary>The largest event: its JSON, and its JSON with numbers written out. Default 1 MiB; a larger one is dropped.</summary>
    [Range(1024, 1 << 28)]
    public int MaxEventBytes { get; set; } = 1 << 20;

    /// <summary>
    /// The deepest nesting of an event's JSON, the event itself being level 1. Default 64, which every JSON reader
    /// downstream can read; a deeper event is dropped.
    /// </summary>
    [Range(4, 1000)]
    public int MaxDepth { get; set; } = 64;

    /// <summary>The most events in one request. Default 50,000; beyond it the answer is 413, on which SDKs halve their batches.</summary>
    [Range(1, 1_000_000)]
    public int MaxEvents { get; set; } = 50_000;

    /// <summary>
    /// The most bytes of bodies in hand, received and inflated, of all requests together. Default 256 MiB; beyond it
    /// the answer is 503 at once.
    /// </summary>
    [Range(1024, long.MaxValue)]
    public long MaxBytesInHand { get; set; } = 256L << 20;

    /// <summary>
    /// Which part of <see cref="MaxBytesInHand"/> is for small requests alone: those that hold at most 256 KiB, which a
    /// body of 64 KiB does. Default an eighth.
    /// </summary>
    [Range(0, 0.5)]
    public double ShareOfSmallBodies { get; set; } = 0.125;

    /// <summary>
    /// Which part of <see cref="MaxBytesInHand"/> one client gets when the gateway is busy, which it is when half of that
    /// is in hand. Default an eighth. A client is an IPv4 address or a network (/64) of IPv6: the connection's, and behind a
    /// proxy that is trusted (<see cref="TrustForwardedFor"/>) the address that the proxy added. Behind one that is not,
    /// all clients are one, and have half of <see cref="MaxBytesInHand"/> together.
    /// </summary>
    [Range(0.01, 1)]
    public double ShareOfClient { get; set; } = 0.125;

    /// <summary>
    /// How long a body may take to arrive, besides what <see cref="MinBodyBytesPerSecond"/> allows. Default 30 seconds;
    /// beyond it the answer is 503.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan BodyGrace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// For so many bytes that have arrived, a body may take one second longer than <see cref="BodyGrace"/>. Default 64,000.
    /// </summary>
    [Range(1, 1 << 30)]
    public int MinBodyBytesPerSecond { get; set; } = 64_000;

    /// <summary>
    /// The most requests whose events are on their way to the grains at a time. Default 512: beyond what any gateway
    /// needs to be busy, and few enough that each is done long before its sender gives up. Beyond it the answer is 503
    /// at once. Bodies that are still being received don't count.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxRequestsInHand { get; set; } = 512;

    /// <summary>
    /// The most events on their way to the grains at a time, of all requests together. Default 50,000; beyond it the
    /// answer is 503 at once. One request is taken however many it holds.
    /// </summary>
    [Range(1, 10_000_000)]
    public int MaxEventsInHand { get; set; } = 50_000;

    /// <summary>The most user-devices of one request whose events are on their way at a time. Default 1,024.</summary>
    [Range(1, 100_000)]
    public int MaxDevicesAtOnce { get; set; } = 1024;

    /// <summary>
    /// How long a request's events are tried again while silos come and go. Default 8 seconds, since many SDKs give
    /// up after 10; then the answer is 503.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>
    /// How long the answer of a user-device may stay away until its events are sent to it again: a silo that died took
    /// them with it. Default 2 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan SendAgain { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long they are tried again when the silo is there and says that its store is not. Default half a second:
    /// with Postgres away the answer is 503 at once, and waiting requests don't fill the memory.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan StorePatience { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Whether an event's <c>$ip</c> stays among its properties. Default no: it is null there, and no address is stored.
    /// </summary>
    public bool KeepAddresses { get; set; }

    /// <summary>
    /// Whether the client's address is the first one in <c>X-Forwarded-For</c>. Default false: it is the connection's.
    /// For gateways that can be reached through a proxy alone, since anybody can send such a header.
    /// </summary>
    public bool TrustForwardedFor { get; set; }

    /// <summary>What <c>Retry-After</c> says with a 503, in whole seconds. Default 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The most bytes that one request can have in hand while its body is read.</summary>
    internal long LargestInHand => (long)Math.Max(MaxBodyBytes, MaxReplayBodyBytes) + MaxInflatedBytes;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MaxEventBytes > MaxInflatedBytes)
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(MaxEventBytes)} ({MaxEventBytes}) is above {nameof(MaxInflatedBytes)} ({MaxInflatedBytes}).");
        }

        if (MaxBytesInHand * (1 - ShareOfSmallBodies) < LargestInHand)
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(MaxBytesInHand)} ({MaxBytesInHand}), less {nameof(ShareOfSmallBodies)} "
                + FormattableString.Invariant($"({ShareOfSmallBodies}), has no room for one body of ")
                + $"{nameof(MaxBodyBytes)} or {nameof(MaxReplayBodyBytes)} and {nameof(MaxInflatedBytes)} ({LargestInHand}).");
        }
    }
}
