using System.Text.Json.Nodes;

namespace Sessions.Run.Demo;

/// <summary>A visit while it is generated.</summary>
internal sealed class DemoVisit
{
    private const int Regulars = 300;

    private static readonly DemoSite.Device[] s_phones = [new("", "iOS", "Mobile"), new("", "Android", "Mobile")];

    private readonly Random _random;
    private readonly DemoSite.Device _device;
    private readonly DemoSite.Source _source;
    private readonly string _country;
    private readonly string _sessionId;
    private readonly string _windowId;
    private readonly string _deviceId;
    private readonly bool _isApp;
    private readonly Random _own;
    private readonly DemoRecording? _recording;
    private string _distinctId;
    private DateTimeOffset _now;
    private DateTimeOffset _pageBegan;
    private string _page = "/";

    /// <param name="random">Chance.</param>
    /// <param name="start">When it begins.</param>
    /// <param name="recordedShare">The share of visits that are recorded.</param>
    /// <param name="isApp">Whether the visitor uses the shop's app.</param>
    public DemoVisit(Random random, DateTimeOffset start, double recordedShare, bool isApp = false)
    {
        (_random, _now, _isApp) = (random, start, isApp);
        _source = DemoSite.Sources.Pick(random);
        _sessionId = IdOf(start, random).ToString();
        _windowId = IdOf(start, random).ToString();
        // Regular visitors return on the same device: the same number always gives the same device.
        int regular = random.NextDouble() < 0.35 ? random.Next(Regulars) : -1;
        Random person = regular < 0 ? random : new Random(isApp ? regular + Regulars : regular);
        _device = isApp ? s_phones[person.Next(s_phones.Length)] : DemoSite.Devices.Pick(person);
        _country = DemoSite.Countries.Pick(person);
        Span<byte> id = stackalloc byte[16];
        person.NextBytes(id);
        _deviceId = $"demo-{new Guid(id)}";
        _distinctId = regular is >= 0 and < Regulars / 3 ? $"customer-{regular}@shop.example" : _deviceId;
        // Chance of its own: with and without recordings the visits are the same.
        _own = new Random(BitConverter.ToInt32(Guid.Parse(_sessionId).ToByteArray(), 8));
        _recording = _own.NextDouble() < recordedShare ? new DemoRecording(_own) : null;
    }

    /// <summary>Its events, in order of time.</summary>
    public List<DemoEvent> Events { get; } = [];

    public void Wait(double fromSeconds, double toSeconds) =>
        _now = _now.AddSeconds(Math.Round(fromSeconds + ((toSeconds - fromSeconds) * _random.NextDouble() * _random.NextDouble()), 3));

    public void Pageview(string page)
    {
        Record();
        (_page, _pageBegan) = (page, _now);
        _recording?.Page(_now, Url, page);
        Add("$pageview");
    }

    public void Click()
    {
        _recording?.Read(_pageBegan, _now);
        _recording?.Click(_now);
        string text = DemoSite.ButtonOf(_page);
        Add("$autocapture", properties =>
        {
            properties["$event_type"] = "click";
            properties["$el_text"] = text;
            properties["$elements_chain"] = $"button.primary:attr__class=\"primary\"nth-child=\"2\"nth-of-type=\"1\"text=\"{text}\";main:nth-child=\"2\"nth-of-type=\"1\";body:nth-child=\"2\"nth-of-type=\"1\"";
        });
    }

    /// <summary>A script of the page fails.</summary>
    public void Break()
    {
        (string type, string text) = DemoSite.Exceptions.Pick(_random);
        _recording?.Console(_now, $"{type}: {text}");
        Add("$exception", properties =>
        {
            properties["$exception_level"] = "error";
            properties["$exception_list"] = new JsonArray(new JsonObject { ["type"] = type, ["value"] = text, ["mechanism"] = new JsonObject { ["handled"] = false, ["type"] = "generic" } });
        });
    }

    public void Leave() => Add("$pageleave");

    /// <summary>Opens the app.</summary>
    public void Open() => Add("Application Opened");

    public void Screen(string name)
    {
        _page = name;
        Add("$screen");
    }

    /// <summary>Touches what leads to another screen.</summary>
    public void Touch(string next) => Add("$autocapture", properties =>
    {
        properties["$event_type"] = "touch";
        properties["$el_text"] = next;
        properties["$elements"] = new JsonArray(new JsonObject { ["tag_name"] = "Text", ["$el_text"] = next, ["nth_child"] = 1 });
    });

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

    /// <summary>Sends what is still to be sent of its recording.</summary>
    public void End() => Record();

    private string Url => $"https://{DemoSite.Host}{_page}";

    private void Record()
    {
        if (_recording?.Take() is not { } recorded)
        {
            return;
        }

        var last = DateTimeOffset.FromUnixTimeMilliseconds((long)recorded[^1]!["timestamp"]!);
        JsonObject properties = Common();
        properties["$snapshot_bytes"] = 1;
        properties["$snapshot_data"] = recorded;
        Events.Add(new DemoEvent(last > _now ? last : _now, Body("$snapshot", properties, _own)));
    }

    private void Add(string name, Action<JsonObject>? more = null)
    {
        JsonObject properties = Common();
        if (_isApp)
        {
            properties["$screen_name"] = name == "$screen" ? _page : null;
        }
        else
        {
            properties["$current_url"] = Events.Count == 0 && _source.Tags is { } tags ? $"{Url}?{tags}" : Url;
            properties["$host"] = DemoSite.Host;
            properties["$pathname"] = _page;
            properties["$browser"] = _device.Browser;
            _source.Describe(properties, _random);
        }

        properties["$os"] = _device.Os;
        properties["$device_type"] = _device.Type;
        properties["$ip"] = DemoPlaces.AddressIn(_country);
        properties["$geoip_country_code"] = _country;
        more?.Invoke(properties);
        Events.Add(new DemoEvent(_now, Body(name, properties, _random)));
    }

    private JsonObject Common() => new()
    {
        ["distinct_id"] = _distinctId,
        ["$device_id"] = _deviceId,
        ["$session_id"] = _sessionId,
        ["$window_id"] = _windowId,
        ["$lib"] = _isApp ? "posthog-react-native" : "web",
    };

    private JsonObject Body(string name, JsonObject properties, Random chance) => new()
    {
        ["uuid"] = IdOf(_now, chance).ToString(),
        ["event"] = name,
        ["timestamp"] = _now.UtcDateTime.ToString("O"),
        ["properties"] = properties,
    };

    // Like version 7, but with our own random source, so that the same seed gives the same ids.
    private static Guid IdOf(DateTimeOffset time, Random chance)
    {
        Span<byte> bytes = stackalloc byte[16];
        chance.NextBytes(bytes);
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
