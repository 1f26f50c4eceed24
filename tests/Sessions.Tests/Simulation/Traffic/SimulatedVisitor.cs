using System.Text;
using System.Text.Json;
using Sessions.Domain;
using Sessions.SystemTests.Traffic;

namespace Sessions.Tests.Simulation.Traffic;

/// <summary>Somebody on one device who makes events, with habits as the system tests' visitors have.</summary>
internal sealed class SimulatedVisitor(SeededScheduler scheduler, TimeProvider clock, string name, Habits habits)
{
    private static readonly string[] Names = ["$pageview", "$pageview", "$autocapture", "$screen", "$pageleave", "bought", "$identify"];
    private static readonly string[] Paths = ["/", "/prices", "/docs/start"];

    // Far enough apart that no two of them are ever within an idle timeout.
    private static readonly TimeSpan PastStep = TimeSpan.FromMinutes(70);

    private readonly DateTimeOffset _begun = clock.GetUtcNow();
    private string _distinctId = name;
    private Guid? _sessionId = habits.NamesSessions ? NewId(scheduler.Random) : null;
    private bool _isIdentified;
    private DateTimeOffset _last = clock.GetUtcNow();
    private int _turns;
    private int _pasts;

    public string Name { get; } = name;

    public Habits Habits => habits;

    /// <summary>The device that takes an event of this visitor, as a gateway finds it.</summary>
    public static UserDeviceKey DeviceOf(SentEvent made) =>
        UserDeviceKey.Create(SimulatedRun.Project, made.AnonymousId ?? made.DistinctId, made.DeviceId);

    /// <summary>The device that has the visitor's live session.</summary>
    public UserDeviceKey Device => UserDeviceKey.Create(SimulatedRun.Project, _distinctId, habits.HasDevice ? $"{Name}-phone" : null);

    /// <summary>
    /// Whether an event of now is an idle timeout after the last one, give or take the seconds that events of one request lie
    /// apart. Then it depends on their order whether the session goes on, and the audit can't say what is right.
    /// </summary>
    public bool IsBetweenSessions =>
        (clock.GetUtcNow() - _last - SessionRules.DefaultIdleTimeout).Duration() < TimeSpan.FromSeconds(5);

    public bool WantsReset() => habits.Resets && scheduler.Random.Next(5) == 0;

    /// <summary>The next few events, nearly all of about now.</summary>
    public SentEvent[] Next()
    {
        Random random = scheduler.Random;
        if (_sessionId is not null && random.Next(8) == 0)
        {
            _sessionId = NewId(random);
        }

        DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        if (habits.Identifies && !_isIdentified && _turns++ > 0 && random.Next(3) == 0)
        {
            string anonymous = _distinctId;
            _isIdentified = true;
            _last = now;
            _distinctId = $"{Name}-person";
            return [Make(now) with { Name = "$identify", AnonymousId = anonymous }];
        }

        int count = random.Next(1, 4);
        bool isPast = habits.ComesLate && random.Next(6) == 0;
        _last = isPast ? _last : now;
        // Of long ago: a visit by itself for the server, the beginning of its session for a client that names it.
        DateTimeOffset last = isPast ? DateTimeOffset.FromUnixTimeMilliseconds(_begun.ToUnixTimeMilliseconds()) - (++_pasts * PastStep) : now;
        SentEvent[] made = [.. Enumerable.Range(0, count).Select(_ => Make(last.AddMilliseconds(-random.Next(0, 2_000))))];
        return habits.HasBackend && random.Next(4) == 0
            ? [.. made, Make(last) with { Name = "paid", DistinctId = $"{Name}-backend", DeviceId = null }]
            : made;
    }

    /// <summary>The event as it reaches a device.</summary>
    public static SessionEvent ToEvent(SentEvent made)
    {
        var properties = new StringBuilder("{");
        Add("$session_id", made.SessionId);
        Add("$device_id", made.DeviceId);
        Add("$current_url", made.Url);
        Add("utm_source", made.UtmSource);
        Add("$anon_distinct_id", made.AnonymousId);
        return new SessionEvent
        {
            Id = made.Id,
            Name = made.Name,
            Timestamp = made.Timestamp,
            DistinctId = made.DistinctId,
            DeviceId = made.DeviceId,
            SessionId = made.SessionId,
            Properties = Encoding.UTF8.GetBytes(properties.Append('}').ToString()),
        };

        void Add(string property, string? value)
        {
            if (value is not null)
            {
                properties.Append(properties.Length > 1 ? "," : "").Append($"\"{property}\":\"{JsonEncodedText.Encode(value)}\"");
            }
        }
    }

    public static Guid NewId(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        // A UUID of version 7, as clients make them.
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x70);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    private SentEvent Make(DateTimeOffset time)
    {
        Random random = scheduler.Random;
        string what = Names[random.Next(Names.Length)];
        // Who is to be identified later is nobody yet.
        what = what == "$identify" && habits.Identifies && !_isIdentified ? "bought" : what;
        bool hasUrl = what != "bought" && random.Next(10) > 0;
        return new SentEvent(
            NewId(random),
            what,
            _distinctId,
            habits.HasDevice ? $"{Name}-phone" : null,
            habits.Forgets && random.Next(3) == 0 ? null : _sessionId?.ToString(),
            hasUrl ? $"https://shop.example{Paths[random.Next(Paths.Length)]}?page={random.Next(5)}" : null,
            random.Next(5) == 0 ? $"letter-{random.Next(3)}" : null,
            time)
        {
            Visitor = Name,
        };
    }
}
