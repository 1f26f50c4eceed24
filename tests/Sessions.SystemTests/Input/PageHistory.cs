using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Readers;

namespace Sessions.SystemTests.Input;

/// <summary>
/// What an access log can tell: who asked for which page, when, and where from. Some visits are written down here, because
/// their sessions are known; a seed makes the others.
/// </summary>
internal sealed class PageHistory
{
    private const string Desktop = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";
    private const string Phone =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";

    private const int SeededVisitors = 24;
    private static readonly DateTimeOffset Begin = new(2025, 5, 4, 10, 0, 0, TimeSpan.Zero);

    private readonly List<Page> _pages = [];

    public PageHistory(int seed)
    {
        // The first of one second came from a search engine, and is the entry; the last is the exit.
        Visit(0, Desktop, (0, "/landing", "https://www.google.com/"), (0, "/second", null), (0, "/third", null));
        // Two of one second at the end, and a third later: the exit is the third's.
        Visit(1, Phone, (0, "/a", null), (20, "/b", null), (20, "/c", null), (40, "/d", null));
        // Exactly the idle timeout is the same session; a second more is the next one.
        Visit(2, Desktop, (0, "/on-time", null), (60, "/on-time-2", null), (121, "/late", "https://t.co/x"));
        // Said twice, the first counts.
        Visit(3, Desktop, (0, "/shop?utm_source=google&utm_medium=cpc&utm_medium=cpc&gclid=G1&gclid=G2", "https://www.google.com/"));
        // A path that looks like another host, and one with bytes that servers write as escapes.
        Visit(4, Phone, (0, "//blog/post", null), (5, "/caf%C3%A9?q=%22x%22", null));
        Seeded(new Random(seed));
    }

    /// <summary>What <see cref="InShort"/> says of the sessions of the visits that are written down.</summary>
    public IReadOnlyList<string> KnownSessions { get; } =
    [
        "/landing /third 3 Organic Search False",
        "/a /d 4 Direct False",
        "/on-time /on-time-2 2 Direct False",
        "/late /late 1 Organic Social True",
        "/shop /shop 1 Paid Search True",
        "//blog/post /caf%C3%A9 2 Direct False",
    ];

    /// <summary>The same for those who count sessions by hand.</summary>
    public IEnumerable<Reading> Readings => _pages.Select(page => new Reading(Guid.NewGuid(), $"{page.Visitor}", page.At, page.Target, page.UserAgent));

    /// <summary>A row's entry, exit, pageviews, channel and bounce.</summary>
    public static string InShort(string row)
    {
        JsonNode session = JsonNode.Parse(row)!;
        return $"{session["entry_pathname"]} {session["exit_pathname"]} {session["pageview_count"]} {session["channel_type"]} {(bool?)session["is_bounce"]}";
    }

    /// <summary>The history as events, as an SDK would make them.</summary>
    public IEnumerable<JsonObject> Events(Way way) => _pages.Select(page =>
    {
        string path = page.Target.Split('?')[0];
        (string, JsonNode?)[] properties =
        [
            ("$current_url", way.Site + page.Target),
            ("$host", way.Host),
            ("$pathname", path),
            ("$raw_user_agent", page.UserAgent),
            ("$referrer", page.Referrer ?? "$direct"),
            ("$referring_domain", page.Referrer is null ? "$direct" : new Uri(page.Referrer).Host),
            .. Campaign(page.Target),
        ];
        JsonObject e = Harness.Events.Event("$pageview", $"{way.Name}-{page.Visitor}", null, page.At, properties);
        // Ids in no order: they must not decide who is first.
        e["uuid"] = Guid.NewGuid().ToString();
        return e;
    });

    /// <summary>The history as lines of a combined log.</summary>
    public IEnumerable<string> LogLines() => _pages.Select(page => string.Create(
        CultureInfo.InvariantCulture,
        $"198.51.100.{page.Visitor + 1} - - [{page.At.ToString("dd/MMM/yyyy:HH:mm:ss +0000", CultureInfo.InvariantCulture)}] \"GET {Written(page.Target)} HTTP/1.1\" 200 2326 \"{page.Referrer ?? "-"}\" \"{page.UserAgent}\""));

    /// <summary>What came as bytes beyond ASCII stands in a log as escapes.</summary>
    private static string Written(string target)
    {
        StringBuilder written = new();
        foreach (byte b in Encoding.UTF8.GetBytes(target.Replace("caf%C3%A9", "café", StringComparison.Ordinal)))
        {
            written.Append(b < 0x80 ? $"{(char)b}" : $"\\x{b:X2}");
        }

        return written.ToString();
    }

    private static IEnumerable<(string, JsonNode?)> Campaign(string target) => target.Contains('?', StringComparison.Ordinal)
        ? target.Split('?')[1].Split('&')
            .Select(pair => pair.Split('='))
            .Where(pair => pair[0].StartsWith("utm_", StringComparison.Ordinal) || pair[0] == "gclid")
            .DistinctBy(pair => pair[0])
            .Select(pair => (pair[0], (JsonNode?)pair[1]))
        : [];

    private void Visit(int visitor, string userAgent, params (int Second, string Target, string? Referrer)[] pages) =>
        _pages.AddRange(pages.Select(page =>
            new Page(visitor, Begin.AddHours(visitor).AddSeconds(page.Second), page.Target, page.Referrer, userAgent)));

    private void Seeded(Random random)
    {
        int first = _pages.Max(page => page.Visitor) + 1;
        for (int visitor = first; visitor < first + SeededVisitors; visitor++)
        {
            DateTimeOffset at = Begin.AddDays(1).AddMinutes(random.Next(600));
            string userAgent = random.Next(2) == 0 ? Desktop : Phone;
            for (int page = 0; page < 2 + random.Next(6); page++)
            {
                string? referrer = random.Next(3) == 0 ? "https://duckduckgo.com/" : null;
                _pages.Add(new Page(visitor, at, $"/p{random.Next(5)}?n={page}", referrer, userAgent));
                // Many of one second, some at the edge of the idle timeout.
                at = at.AddSeconds(random.Next(4) switch { 0 => 0, 1 => 1, 2 => 59 + random.Next(3), _ => random.Next(200) });
            }
        }
    }

    private sealed record Page(int Visitor, DateTimeOffset At, string Target, string? Referrer, string UserAgent);
}
