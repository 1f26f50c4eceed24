using System.Globalization;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Traffic;

/// <summary>
/// Somebody on one device who makes events, by a seed: half of the visitors have a client that names its session, and
/// the others leave that to the server.
/// </summary>
public sealed class Visitor
{
    private static readonly string[] Names = ["$pageview", "$pageview", "$autocapture", "$screen", "$pageleave", "bought", "$identify"];
    private static readonly string[] Paths = ["/", "/prices", "/docs/start", "/about us", "/café"];

    private readonly Random _random;
    private readonly string _distinctId;
    private readonly string? _deviceId;
    private string? _sessionId;

    public Visitor(int seed, string run)
    {
        _random = new Random(seed);
        _distinctId = $"{run}-{seed}";
        _deviceId = seed % 4 < 2 ? $"{run}-device-{seed}" : null;
        _sessionId = seed % 2 == 0 ? Events.NewSessionId() : null;
    }

    /// <summary>The visitor's next few events, all of about now.</summary>
    public SentEvent[] Next()
    {
        if (_sessionId is not null && _random.Next(20) == 0)
        {
            _sessionId = Events.NewSessionId();
        }

        // Rounded to what the wire carries, so that the audit compares equal things.
        long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        return [.. Enumerable.Range(0, _random.Next(1, 8)).Select(_ => Make(now - _random.Next(0, 2_000)))];
    }

    public static JsonObject ToJson(SentEvent made)
    {
        JsonObject properties = [];
        Add("$session_id", made.SessionId);
        Add("$device_id", made.DeviceId);
        Add("$current_url", made.Url);
        Add("utm_source", made.UtmSource);
        return new JsonObject
        {
            ["uuid"] = made.Id.ToString(),
            ["event"] = made.Name,
            ["distinct_id"] = made.DistinctId,
            ["timestamp"] = made.Timestamp.UtcDateTime.ToString(Events.TimeFormat, CultureInfo.InvariantCulture),
            ["properties"] = properties,
        };

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                properties[name] = value;
            }
        }
    }

    private SentEvent Make(long milliseconds)
    {
        string name = Names[_random.Next(Names.Length)];
        bool hasUrl = name != "bought" && _random.Next(10) > 0;
        string path = Uri.EscapeDataString(Paths[_random.Next(Paths.Length)]).Replace("%2F", "/", StringComparison.Ordinal);
        return new SentEvent(
            Guid.CreateVersion7(),
            name,
            _distinctId,
            _deviceId,
            _sessionId,
            hasUrl ? $"https://shop.example:8443{path}?page={_random.Next(5)}#top" : null,
            _random.Next(5) == 0 ? $"letter-{_random.Next(3)}" : null,
            DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
    }
}
