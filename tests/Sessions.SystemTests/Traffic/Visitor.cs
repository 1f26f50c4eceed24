using System.Globalization;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Traffic;

/// <summary>Somebody on one device who makes events, by a seed and with their habits.</summary>
public sealed class Visitor
{
    private static readonly string[] Names = ["$pageview", "$pageview", "$autocapture", "$screen", "$pageleave", "bought", "$identify"];
    private static readonly string[] Paths = ["/", "/prices", "/docs/start", "/about us", "/café"];

    // Far enough apart that no two of them are ever within an idle timeout of the tests.
    private static readonly TimeSpan PastStep = TimeSpan.FromMinutes(70);

    private readonly Random _random;
    private readonly Habits _habits;
    private readonly string _name;
    private readonly string? _deviceId;
    private readonly DateTimeOffset _begun = DateTimeOffset.UtcNow;
    private string _distinctId;
    private string? _sessionId;
    private bool _isIdentified;
    private int _turn;
    private int _pasts;

    public Visitor(int seed, string run, Habits habits)
    {
        _random = new Random(seed);
        _habits = habits;
        _name = $"{run}-{seed}";
        _distinctId = _name;
        _deviceId = habits.HasDevice ? $"{run}-device-{seed}" : null;
        _sessionId = habits.NamesSessions ? NewSessionId() : null;
    }

    public string Name => _name;

    /// <summary>What the API calls the device.</summary>
    public string Device => _deviceId ?? _distinctId;

    /// <summary>The session that the client is in; null when it leaves that to the server.</summary>
    public string? SessionId => _sessionId;

    /// <summary>Whether the person would have the session ended now.</summary>
    public bool WantsReset() => _habits.Resets && _random.Next(15) == 0;

    /// <summary>The visitor's next few events, nearly all of about now.</summary>
    public SentEvent[] Next()
    {
        if (_sessionId is not null && _random.Next(20) == 0)
        {
            _sessionId = NewSessionId();
        }

        if (_habits.Identifies && !_isIdentified && _turn++ > 10 && _random.Next(4) == 0)
        {
            return [Identify()];
        }

        DateTimeOffset[] times = Times();
        SentEvent[] made = [.. times.Select(time => Make(time))];
        return _habits.HasBackend && _random.Next(4) == 0
            ? [.. made, Make(times[0]) with { Name = "paid", DistinctId = $"{_name}-backend", DeviceId = null }]
            : made;
    }

    public static JsonObject ToJson(SentEvent made)
    {
        JsonObject properties = [];
        Add("$session_id", made.SessionId);
        Add("$device_id", made.DeviceId);
        Add("$current_url", made.Url);
        Add("utm_source", made.UtmSource);
        Add("$anon_distinct_id", made.AnonymousId);
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

    private DateTimeOffset[] Times()
    {
        // Rounded to what the wire carries, so that the audit compares equal things.
        var now = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        int count = _random.Next(1, 8);
        if (_habits.ComesLate && _random.Next(12) == 0)
        {
            // Of long ago: a visit by itself for the server, the beginning of its session for a client that names it.
            var past = DateTimeOffset.FromUnixTimeMilliseconds(_begun.ToUnixTimeMilliseconds()) - (++_pasts * PastStep);
            return [.. Enumerable.Range(0, count).Select(_ => past.AddMilliseconds(_random.Next(0, 5_000)))];
        }

        return [.. Enumerable.Range(0, count).Select(_ => now.AddMilliseconds(-_random.Next(0, 2_000)))];
    }

    private SentEvent Identify()
    {
        string anonymous = _distinctId;
        _isIdentified = true;
        _distinctId = $"{_name}-person";
        return Make(DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds())) with
        {
            Name = "$identify",
            AnonymousId = anonymous,
        };
    }

    private SentEvent Make(DateTimeOffset time)
    {
        string name = Names[_random.Next(Names.Length)];
        // Who is to be identified later is nobody yet.
        name = name == "$identify" && _habits.Identifies && !_isIdentified ? "bought" : name;
        bool hasUrl = name != "bought" && _random.Next(10) > 0;
        string path = Uri.EscapeDataString(Paths[_random.Next(Paths.Length)]).Replace("%2F", "/", StringComparison.Ordinal);
        return new SentEvent(
            Guid.CreateVersion7(),
            name,
            _distinctId,
            _deviceId,
            _habits.Forgets && _random.Next(3) == 0 ? null : _sessionId,
            hasUrl ? $"https://shop.example:8443{path}?page={_random.Next(5)}#top" : null,
            _random.Next(5) == 0 ? $"letter-{_random.Next(3)}" : null,
            time)
        {
            Visitor = _name,
        };
    }

    private static string NewSessionId() => Events.NewSessionId();
}
