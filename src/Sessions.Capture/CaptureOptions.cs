using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Sockets;
using Sessions.Client.Calls;

namespace Sessions.Capture;

/// <summary>The limits of capture: <c>Sessions:Capture</c> in the configuration. Checked at start.</summary>
public sealed class CaptureOptions : IValidatableObject
{
    /// <summary>Where these options are in the configuration.</summary>
    public const string Section = "Sessions:Capture";

    /// <summary>The largest body, as received. Default 20 MiB. A larger one is answered with 413.</summary>
    [Range(1024, 1 << 30)]
    public int MaxBodyBytes { get; set; } = 20 << 20;

    /// <summary>The largest body of a replay, as received. Default 25 MiB. A larger one is answered with 413.</summary>
    [Range(1024, 1 << 30)]
    public int MaxReplayBodyBytes { get; set; } = 25 << 20;

    /// <summary>The largest body after inflating. Default 64 MiB. A larger one is answered with 413.</summary>
    [Range(1024, 1 << 30)]
    public int MaxInflatedBytes { get; set; } = 64 << 20;

    /// <summary>
    /// The largest event, measured as sent and with its numbers written out. Default 1 MiB. A larger one is dropped.
    /// </summary>
    [Range(1024, 1 << 28)]
    public int MaxEventBytes { get; set; } = 1 << 20;

    /// <summary>
    /// The deepest nesting of an event's JSON; the event itself is level 1. Default 64, which every JSON reader
    /// downstream supports. A deeper event is dropped.
    /// </summary>
    [Range(4, 1000)]
    public int MaxDepth { get; set; } = 64;

    /// <summary>
    /// The most events in one request. Default 50,000. A request with more is answered with 413, on which SDKs halve
    /// their batches.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxEvents { get; set; } = 50_000;

    /// <summary>
    /// The most bytes of bodies in memory, received and inflated, of all requests together. Default 256 MiB. Beyond it
    /// the gateway answers 503 at once.
    /// </summary>
    [Range(1024, long.MaxValue)]
    public long MaxBytesInHand { get; set; } = 256L << 20;

    /// <summary>
    /// Which part of <see cref="MaxBytesInHand"/> is reserved for small requests: those that hold at most 256 KiB, for
    /// example a body of 64 KiB. Default an eighth.
    /// </summary>
    [Range(0, 0.5)]
    public double ShareOfSmallBodies { get; set; } = 0.125;

    /// <summary>
    /// Which part of <see cref="MaxBytesInHand"/> one client may use while the gateway is busy, that is while at least half
    /// of it is in use. Default an eighth. A client is an IPv4 address or a /64 network of IPv6. It is the connection's
    /// address; behind a trusted proxy (<see cref="TrustForwardedFor"/>) it is the address that the proxy added. Behind a
    /// proxy that is not trusted all clients count as one, which may use half of <see cref="MaxBytesInHand"/>.
    /// </summary>
    [Range(0.01, 1)]
    public double ShareOfClient { get; set; } = 0.125;

    /// <summary>
    /// How long a body may take to arrive, beside what <see cref="MinBodyBytesPerSecond"/> allows. Default 30 seconds.
    /// A slower one is answered with 503.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan BodyGrace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// For each such number of bytes that has arrived, a body may take one second longer than <see cref="BodyGrace"/>.
    /// Default 64,000.
    /// </summary>
    [Range(1, 1 << 30)]
    public int MinBodyBytesPerSecond { get; set; } = 64_000;

    /// <summary>
    /// The most requests whose events are being sent to the grains at a time. Default 512: more than a gateway needs
    /// to be busy, and few enough that each request finishes long before its sender gives up. Beyond it the gateway
    /// answers 503 at once. Bodies that are still arriving don't count.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxRequestsInHand { get; set; } = 512;

    /// <summary>
    /// The most events that are being sent to the grains at a time, of all requests together. Default 50,000. Beyond
    /// it the gateway answers 503 at once. A request that is alone may have more.
    /// </summary>
    [Range(1, 10_000_000)]
    public int MaxEventsInHand { get; set; } = 50_000;

    /// <summary>
    /// The most user-devices of one request to which the gateway sends events at a time. Default 1,024.
    /// </summary>
    [Range(1, 100_000)]
    public int MaxDevicesAtOnce { get; set; } = 1024;

    /// <summary>
    /// How long the gateway retries a request's events while silos stop and start. Default 8 seconds, since many SDKs
    /// give up after 10. After it the gateway answers 503.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>
    /// How long the gateway waits for a user-device's answer until it sends the events again, because a silo that dies
    /// loses its calls. Default 2 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan SendAgain { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long the gateway retries when the silo answers that Postgres is unavailable. Default half a second: the
    /// gateway soon answers 503, and waiting requests don't fill the memory.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan StorePatience { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Whether an event keeps <c>$ip</c> among its properties. Default no: the property is set to null, and no address
    /// is stored.
    /// </summary>
    public bool KeepAddresses { get; set; }

    /// <summary>
    /// Whether the client's address is in <c>X-Forwarded-For</c>: the last one there that is not a trusted proxy's
    /// (<see cref="TrustedProxies"/>). Default false: it is the connection's address. Set it only for gateways that clients
    /// can reach through a proxy alone, since any client can send this header.
    /// </summary>
    public bool TrustForwardedFor { get; set; }

    /// <summary>
    /// The proxies before the one that connects to the gateway, such as a content network's: addresses, or networks like
    /// <c>203.0.113.0/24</c>. Default none. The one that connects needs no entry.
    /// </summary>
    public IList<string> TrustedProxies { get; } = [];

    /// <summary>The value of <c>Retry-After</c> with a 503, in whole seconds. Default 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Reads an entry of <see cref="TrustedProxies"/>.</summary>
    internal static bool TryReadNetwork(string text, out IPNetwork network)
    {
        if (IPAddress.TryParse(text, out IPAddress? single))
        {
            network = new IPNetwork(single, single.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
            return true;
        }

        return IPNetwork.TryParse(text, out network);
    }

    /// <summary>The timeouts and retries of calls to user-devices.</summary>
    internal CallTimes Times => new()
    {
        Patience = Patience,
        StorePatience = StorePatience,
        HedgeAfter = SendAgain,
        FirstPause = TimeSpan.FromMilliseconds(50),
        LongestPause = TimeSpan.FromMilliseconds(500),
    };

    /// <summary>The most bytes that one request can hold while its body is read.</summary>
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

        foreach (string proxy in TrustedProxies.Where(proxy => !TryReadNetwork(proxy, out _)))
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(TrustedProxies)}: '{proxy}' is neither an IP address nor a network such as 203.0.113.0/24.");
        }
    }
}
