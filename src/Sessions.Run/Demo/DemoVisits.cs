using System.Text.Json.Nodes;

namespace Sessions.Run.Demo;

/// <summary>An event of a visit: its time and its JSON.</summary>
internal sealed record DemoEvent(DateTimeOffset Time, JsonObject Body);

/// <summary>
/// Generates sample visits, each as the events that posthog-js would send. The same seed gives the same visits with
/// the same ids, so a day that is sent twice counts once.
/// </summary>
internal sealed class DemoVisits(int seed)
{
    private const int Regulars = 300;
    private const double PagesAtMost = 14;

    private readonly Random _random = new(seed);

    /// <summary>A day's visits, more by day than by night, more on workdays than on Sundays.</summary>
    public static IEnumerable<DemoEvent> OfDay(DateOnly day, int visits)
    {
        DemoVisits made = new(day.DayNumber);
        DateTimeOffset midnight = new(day, TimeOnly.MinValue, TimeSpan.Zero);
        int count = (int)(visits * (day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 0.7 : 1) * (0.85 + (0.3 * made._random.NextDouble())));
        return Enumerable.Range(0, count)
            .SelectMany(_ => made.Next(midnight.AddHours(made.HourOfDay())))
            .OrderBy(happened => happened.Time)
            .ToArray();
    }

    /// <summary>The next visit, which begins at the given time, with its events in order of time.</summary>
    public IReadOnlyList<DemoEvent> Next(DateTimeOffset start)
    {
        Visit visit = new(_random, start);
        string page = DemoSite.Landings.Pick(_random);
        visit.Pageview(page);
        // Nearly half look at one page and leave.
        double leaves = 0.44;
        for (int pages = 1; pages < PagesAtMost && _random.NextDouble() > leaves; pages++)
        {
            visit.Wait(4, 70);
            if (!DemoSite.Links.TryGetValue(page, out Weighted<string>? links))
            {
                break;
            }

            visit.Click();
            string next = links.Pick(_random);
            visit.Wait(0.3, 1.5);
            visit.Buying(page, next);
            page = next;
            visit.Pageview(page);
            leaves = 0.22;
        }

        if (_random.NextDouble() < 0.6)
        {
            visit.Wait(2, 50);
            visit.Leave();
        }

        return visit.Events;
    }

    private double HourOfDay()
    {
        // Two peaks: noon and evening.
        double hour = _random.NextDouble() < 0.45 ? Around(12, 2.5) : Around(19.5, 2.5);
        return Math.Clamp(hour, 0, 23.9);
    }

    private double Around(double middle, double spread) =>
        middle + (spread * (_random.NextDouble() + _random.NextDouble() + _random.NextDouble() - 1.5) * 2);

    /// <summary>A visit while it is generated.</summary>
    private sealed class Visit
    {
        private readonly Random _random;
        private readonly DemoSite.Device _device;
        private readonly DemoSite.Source _source;
        private readonly string _sessionId;
        private readonly string _windowId;
        private readonly string _deviceId;
        private string _distinctId;
        private DateTimeOffset _now;
        private string _page = "/";

        public Visit(Random random, DateTimeOffset start)
        {
            _random = random;
            _now = start;
            _source = DemoSite.Sources.Pick(random);
            _sessionId = IdOf(start).ToString();
            _windowId = IdOf(start).ToString();
            // Regular visitors return on the same device: the same number always gives the same device.
            int regular = random.NextDouble() < 0.35 ? random.Next(Regulars) : -1;
            Random person = regular < 0 ? random : new Random(regular);
            _device = DemoSite.Devices.Pick(person);
            Span<byte> id = stackalloc byte[16];
            person.NextBytes(id);
            _deviceId = $"demo-{new Guid(id)}";
            _distinctId = regular is >= 0 and < Regulars / 3 ? $"customer-{regular}@shop.example" : _deviceId;
        }

        public List<DemoEvent> Events { get; } = [];

        public void Wait(double fromSeconds, double toSeconds) =>
            _now = _now.AddSeconds(Math.Round(fromSeconds + ((toSeconds - fromSeconds) * _random.NextDouble() * _random.NextDouble()), 3));

        public void Pageview(string page)
        {
            _page = page;
            Add("$pageview");
        }

        public void Click() => Add("$autocapture", properties => properties["$event_type"] = "click");

        public void Leave() => Add("$pageleave");

        public void Buying(string from, string to)
        {
            if (to == "/cart" && from != "/checkout")
            {
                Add("added_to_cart", properties => properties["product"] = from);
            }
            else if (to == "/checkout" && _distinctId == _deviceId)
            {
                string anonymous = _distinctId;
                _distinctId = $"buyer-{anonymous[5..13]}@shop.example";
                Add("$identify", properties => properties["$anon_distinct_id"] = anonymous);
            }
            else if (to == "/thanks")
            {
                Add("purchased", properties => properties["price"] = 39 + (10 * _random.Next(16)));
            }
        }

        private void Add(string name, Action<JsonObject>? more = null)
        {
            string url = $"https://{DemoSite.Host}{_page}";
            JsonObject properties = new()
            {
                ["distinct_id"] = _distinctId,
                ["$device_id"] = _deviceId,
                ["$session_id"] = _sessionId,
                ["$window_id"] = _windowId,
                ["$current_url"] = Events.Count == 0 && _source.Tags is { } tags ? $"{url}?{tags}" : url,
                ["$host"] = DemoSite.Host,
                ["$pathname"] = _page,
                ["$browser"] = _device.Browser,
                ["$os"] = _device.Os,
                ["$device_type"] = _device.Type,
                ["$lib"] = "demo",
            };
            _source.Describe(properties, _random);
            more?.Invoke(properties);
            Events.Add(new DemoEvent(_now, new JsonObject
            {
                ["uuid"] = IdOf(_now).ToString(),
                ["event"] = name,
                ["timestamp"] = _now.UtcDateTime.ToString("O"),
                ["properties"] = properties,
            }));
        }

        // Like version 7, but with our own random source, so that the same seed gives the same ids.
        private Guid IdOf(DateTimeOffset time)
        {
            Span<byte> bytes = stackalloc byte[16];
            _random.NextBytes(bytes);
            long milliseconds = time.ToUnixTimeMilliseconds();
            for (int i = 5; i >= 0; i--, milliseconds >>= 8)
            {
                bytes[i] = (byte)milliseconds;
            }

            bytes[6] = (byte)((bytes[6] & 0x0F) | 0x70);
            bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
            return new Guid(bytes, bigEndian: true);
        }
    }
}
