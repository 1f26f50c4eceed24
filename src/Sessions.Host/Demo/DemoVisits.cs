using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Sessions.Host.Demo;

/// <summary>An event that somebody made up.</summary>
/// <param name="At">Its time.</param>
/// <param name="Json">The event as an SDK sends it.</param>
internal sealed record DemoEvent(DateTimeOffset At, JsonObject Json);

/// <summary>
/// Makes up visits to a small shop. The same day gives the same visits with the same ids, so that starting again adds
/// nothing to days that are there already.
/// </summary>
internal static class DemoVisits
{
    private const string Site = "https://shop.demo.example";
    private const int Regulars = 350;

    private static readonly (string Url, string? Domain, string? Source, string? Medium, string? Campaign, int Weight)[] Ways =
    [
        ("$direct", "$direct", null, null, null, 26),
        ("https://www.google.com/", "www.google.com", null, null, null, 30),
        ("https://www.google.com/", "www.google.com", "google", "cpc", "spring-sale", 12),
        ("https://news.ycombinator.com/", "news.ycombinator.com", null, null, null, 6),
        ("https://www.facebook.com/", "www.facebook.com", "facebook", "social", "spring-sale", 7),
        ("https://www.youtube.com/", "www.youtube.com", null, null, null, 5),
        ("$direct", "$direct", "newsletter", "email", "april-letter", 9),
        ("https://blog.friends.example/", "blog.friends.example", null, null, null, 5),
    ];

    private static readonly (string Agent, string Browser, string Os, string Device, int Weight)[] Machines =
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36", "Chrome", "Windows", "Desktop", 34),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15", "Safari", "Mac OS X", "Desktop", 14),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "Linux", "Desktop", 8),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Mobile/15E148 Safari/604.1", "Mobile Safari", "iOS", "Mobile", 26),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36", "Chrome", "Android", "Mobile", 18),
    ];

    private static readonly (string Path, int Weight)[] Entries =
        [("/", 40), ("/products/lamp", 18), ("/products/chair", 14), ("/blog/small-rooms", 16), ("/sale", 12)];

    private static readonly (string Path, int Weight)[] Inner =
    [
        ("/", 10), ("/products", 22), ("/products/lamp", 16), ("/products/chair", 15), ("/products/desk", 12), ("/sale", 8),
        ("/about", 4), ("/blog/small-rooms", 5), ("/cart", 8),
    ];

    // Few at night, most in the evening.
    private static readonly int[] Hours = [2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 10, 11, 10, 9, 9, 10, 11, 12, 14, 15, 13, 9, 5];

    /// <summary>The visits of a day (in UTC), in the order in which they begin.</summary>
    public static IReadOnlyList<IReadOnlyList<DemoEvent>> OfDay(DateOnly day)
    {
        Random chance = new(day.DayNumber);
        bool isWeekend = day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;
        int count = chance.Next(38, 56) - (isWeekend ? 14 : 0);
        DateTimeOffset midnight = new(day, TimeOnly.MinValue, TimeSpan.Zero);
        return
        [
            .. Enumerable.Range(0, count)
                .Select(index => (
                    Start: midnight.AddHours(Pick(chance, Hours)).AddMilliseconds(chance.Next(3_600_000)),
                    Seed: $"{day:O} {index}"))
                .OrderBy(visit => visit.Start)
                .Select(visit => One(visit.Start, visit.Seed, paced: 1)),
        ];
    }

    /// <summary>One visit.</summary>
    /// <param name="start">When it begins.</param>
    /// <param name="seed">Names it: the same seed gives the same visit.</param>
    /// <param name="paced">How long people stay on a page, compared with real ones.</param>
    public static IReadOnlyList<DemoEvent> One(DateTimeOffset start, string seed, double paced)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(seed));
        Random chance = new(BinaryPrimitives.ReadInt32LittleEndian(hash));
        int person = chance.Next(Regulars);
        var machine = Machines[Pick(new Random(person), [.. Machines.Select(one => one.Weight)])];
        var way = Ways[Pick(chance, [.. Ways.Select(one => one.Weight)])];
        string device = IdOf(start: null, $"device {person}").ToString();
        string session = IdOf(start, $"session {seed}").ToString();
        string window = IdOf(start, $"window {seed}").ToString();

        List<DemoEvent> events = [];
        DateTimeOffset now = start;
        string path = Entries[Pick(chance, [.. Entries.Select(entry => entry.Weight)])].Path;
        int pages = 1 + (chance.NextDouble() < 0.38 ? 0 : chance.Next(1, 7));
        for (int page = 0; page < pages; page++)
        {
            Add("$pageview", path);
            double stay = (4 + (chance.NextDouble() * chance.NextDouble() * 150)) * paced;
            int clicks = chance.Next(3) == 0 ? chance.Next(1, 3) : 0;
            for (int click = 0; click < clicks; click++)
            {
                Wait(stay / (clicks + 1));
                Add("$autocapture", path, ("$event_type", "click"));
            }

            if (path.StartsWith("/products/", StringComparison.Ordinal) && chance.NextDouble() < 0.3)
            {
                Wait(stay / 3);
                Add("added to cart", path, ("product", path["/products/".Length..]));
            }

            if (path == "/cart" && chance.NextDouble() < 0.55)
            {
                Wait(stay / 2);
                Add("order paid", path, ("amount", chance.Next(20, 400)));
            }

            Wait(stay);
            path = Inner[Pick(chance, [.. Inner.Select(inner => inner.Weight)])].Path;
        }

        Add("$pageleave", path);
        return events;

        void Wait(double seconds) => now = now.AddMilliseconds(Math.Round(seconds * 1000));

        void Add(string name, string at, params (string Name, JsonNode Value)[] more)
        {
            JsonObject properties = new()
            {
                ["$session_id"] = session,
                ["$window_id"] = window,
                ["$device_id"] = device,
                ["$current_url"] = Site + at,
                ["$host"] = new Uri(Site).Host,
                ["$pathname"] = at,
                ["$raw_user_agent"] = machine.Agent,
                ["$browser"] = machine.Browser,
                ["$os"] = machine.Os,
                ["$device_type"] = machine.Device,
                ["$referrer"] = way.Url,
                ["$referring_domain"] = way.Domain,
                ["$lib"] = "demo",
                ["demo"] = true,
            };
            foreach ((string key, string? value) in new[]
                     {
                         ("utm_source", way.Source), ("utm_medium", way.Medium), ("utm_campaign", way.Campaign),
                     })
            {
                if (value is not null)
                {
                    properties[key] = value;
                }
            }

            foreach ((string key, JsonNode value) in more)
            {
                properties[key] = value;
            }

            events.Add(new DemoEvent(now, new JsonObject
            {
                ["uuid"] = IdOf(now, $"{seed} event {events.Count}").ToString(),
                ["event"] = name,
                ["distinct_id"] = $"visitor-{person}",
                ["timestamp"] = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"),
                ["properties"] = properties,
            }));
        }
    }

    /// <summary>An id as clients make them, of version 7, the same for the same name.</summary>
    private static Guid IdOf(DateTimeOffset? start, string name)
    {
        byte[] id = SHA256.HashData(Encoding.UTF8.GetBytes(name))[..16];
        BinaryPrimitives.WriteInt64BigEndian(id, ((start ?? DateTimeOffset.UnixEpoch).ToUnixTimeMilliseconds() << 16) | 0x7000 | ((long)(id[6] & 0x0f) << 8) | id[7]);
        id[8] = (byte)((id[8] & 0x3f) | 0x80);
        return new Guid(id, bigEndian: true);
    }

    private static int Pick(Random chance, int[] weights)
    {
        int left = chance.Next(weights.Sum());
        int at = 0;
        while (left >= weights[at])
        {
            left -= weights[at++];
        }

        return at;
    }
}
