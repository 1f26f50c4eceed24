using System.Globalization;

namespace Sessions.SystemTests.Operations;

/// <summary>
/// A web server's log with all that stands in real ones, and what it means: known because it was made so. Nothing here
/// reads a log, so nothing here can read it as wrongly as the product.
/// </summary>
internal sealed class OddLog
{
    private const int Visitors = 3_000;
    private const int Repeated = 5_000;
    private const int LongestDelay = 5;

    private static readonly DateTimeOffset Begin = new(2025, 3, 1, 0, 0, 0, TimeSpan.Zero);

    // What stands in the request, and the path that it is.
    private static readonly (string Target, string Path)[] OddTargets =
    [
        ("//blog/post", "//blog/post"),
        ("///x", "///x"),
        ("//user@other.example/x", "//user@other.example/x"),
        ("/\\\\evil", "/%5Cevil"),
        ("/../../etc", "/../../etc"),
        ("/caf\\xC3\\xA9", "/caf%C3%A9"),
        ("/caf\\xc3\\xa9", "/caf%C3%A9"),
        ("/old\\xE9", "/old%E9"),
        ("/say\\\"hi\\\"", "/say%22hi%22"),
        ("/say\\x22hi\\x22", "/say%22hi%22"),
        ("/a b", "/a%20b"),
        ("/%zz?x=%E9", "/%zz"),
        ("http://HOST/absolute", "/absolute"),
    ];

    private static readonly string[] Browsers =
    [
        "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 9; CUBOT_NOTE_20) \\\"caf\\xC3\\xA9\\\" Chrome/126.0.0.0 Mobile Safari/537.36",
    ];

    private static readonly string[] Programs =
    [
        "Go-http-client/1.1", "Java/17.0.2", "curl/8.5.0", "python-requests/2.31.0", "kube-probe/1.29", "-", "FreshRSS/1.23.1 (Linux)",
        "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/126.0.0.0 Safari/537.36", "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)",
        "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", "Mozilla/5.0 (compatible; Googlebot/2.1)",
    ];

    private readonly Random _random;
    private readonly string _host;
    private readonly List<(DateTimeOffset Written, string Line)> _lines = [];
    private readonly List<View> _views = [];

    /// <param name="seed">What makes it this log.</param>
    /// <param name="host">The site's host.</param>
    /// <param name="lines">How many lines there are to be.</param>
    public OddLog(int seed, string host, int lines)
    {
        _random = new Random(seed);
        _host = host;
        for (int visitor = 0; visitor < Visitors; visitor++)
        {
            Visit(visitor);
        }

        Views = _views.Count;
        while (_lines.Count < lines - Repeated)
        {
            LeaveOut();
        }

        string[] inOrder = [.. _lines.OrderBy(line => line.Written).Select(line => line.Line)];
        // Another file was appended that overlaps with this one.
        Lines = [.. inOrder, .. inOrder.Take(Repeated)];
        HashSet<string> ofViews = [.. _views.Select(view => view.Line)];
        Sent = Lines.Count(ofViews.Contains);
        foreach (string line in inOrder.Take(Repeated))
        {
            if (_reasonOf.TryGetValue(line, out string? reason))
            {
                LeftOut[reason]++;
            }
        }
    }

    private readonly Dictionary<string, string> _reasonOf = [];

    /// <summary>The file's lines.</summary>
    public string[] Lines { get; }

    /// <summary>How many pages were looked at.</summary>
    public int Views { get; }

    /// <summary>How many lines say so: some stand there twice.</summary>
    public int Sent { get; }

    /// <summary>How many lines are left out, by reason.</summary>
    public SortedDictionary<string, int> LeftOut { get; } = [];

    /// <summary>How many visitors there are.</summary>
    public int VisitorCount => _views.Select(view => view.Visitor).Distinct().Count();

    /// <summary>The sessions: what a visitor looked at without a pause of more than half an hour.</summary>
    public IEnumerable<string> Sessions()
    {
        foreach (IGrouping<int, View> ofVisitor in _views.GroupBy(view => view.Visitor))
        {
            List<View> session = [];
            foreach (View view in ofVisitor.OrderBy(view => view.Time))
            {
                if (session.Count > 0 && view.Time - session[^1].Time > TimeSpan.FromMinutes(30))
                {
                    yield return Describe(session);
                    session.Clear();
                }

                session.Add(view);
            }

            yield return Describe(session);
        }
    }

    /// <summary>A session as both sides of the comparison write it.</summary>
    public static string Describe(DateTimeOffset start, DateTimeOffset end, long views, string? entry, string? exit, string? medium) =>
        $"{start.UtcDateTime:s} {end.UtcDateTime:s} {views} {entry} {exit} {medium}";

    private static string Describe(List<View> session) =>
        Describe(session[0].Time, session[^1].Time, session.Count, session[0].Path, session[^1].Path, session[0].Medium);

    private void Visit(int visitor)
    {
        // The first line of all stands alone, the others begin an hour later.
        DateTimeOffset time = visitor == 0 ? Begin : Begin.AddSeconds(3_600 + _random.Next(15 * 86_400));
        int visits = _random.Next(1, 5);
        for (int visit = 0; visit < visits; visit++)
        {
            int pages = visitor == 0 ? 1 : _random.Next(1, 9);
            for (int page = 0; page < pages; page++)
            {
                View view = Look(visitor, time);
                Write(view);
                if (visitor > 0 && _random.Next(20) == 0)
                {
                    // Somebody reloads within the second.
                    Write(view);
                }

                // Half an hour is still the same session.
                time += TimeSpan.FromSeconds(page == pages - 1 ? 0 : _random.Next(10) == 0 ? 1_800 : _random.Next(1, 1_500));
            }

            time += TimeSpan.FromSeconds(_random.Next(4) == 0 ? 1_801 : _random.Next(1_801, 3 * 86_400));
        }
    }

    private View Look(int visitor, DateTimeOffset time)
    {
        (string target, string path) = _random.Next(4) == 0 ? OddTargets[_random.Next(OddTargets.Length)] : ($"/page/{_random.Next(200)}", "");
        path = path.Length == 0 ? target : path;
        target = target.Replace("HOST", _host, StringComparison.Ordinal);
        string? medium = null;
        if (!target.Contains('?') && _random.Next(5) == 0)
        {
            (string query, medium) = _random.Next(3) switch
            {
                0 => ("utm_medium=cpc&utm_medium=cpc", "cpc"),
                1 => ("x=1&utm_medium=paid+caf\\xC3\\xA9&UTM_MEDIUM=no", "paid caf\u00E9"),
                _ => ("utm_medium=100%&utm_medium=no", "100%"),
            };
            target = $"{target}?{query}";
        }

        string protocol = !target.Contains(' ') && _random.Next(100) == 0 ? "" : _random.Next(2) == 0 ? " HTTP/1.1" : " HTTP/2.0";
        string who = _random.Next(10) switch
        {
            0 => "- Frank the [admin]",
            1 => "- x [10/Oct/2000:13:55:36 -0700] \\\"GET /",
            2 => "- \"\"",
            _ => "- -",
        };
        string request = $"{AddressOf(visitor)} {who} [{Stamp(time)}] \"GET {target}{protocol}\" {(_random.Next(10) == 0 ? "304 -" : "200 2326")}";
        string line = (visitor % 20) switch
        {
            < 3 => request,
            < 8 => $"{_host}:{(_random.Next(2) == 0 ? 443 : 80)} {request} \"-\" \"{AgentOf(visitor)}\"",
            _ => $"{request} \"{(_random.Next(3) == 0 ? $"https://{_host}/" : "-")}\" \"{AgentOf(visitor)}\"",
        };
        return new View(visitor, time, path, medium, line);
    }

    private void Write(View view)
    {
        _views.Add(view);
        _lines.Add((view.Time.AddSeconds(_random.Next(LongestDelay)), view.Line));
    }

    private void LeaveOut()
    {
        DateTimeOffset time = Begin.AddSeconds(3_600 + _random.Next(15 * 86_400));
        string stamp = Stamp(time);
        string address = $"198.51.100.{_random.Next(256)}";
        string agent = Browsers[_random.Next(Browsers.Length)];
        string Combined(string request, string status = "200", string? by = null, string? who = null, string? when = null) =>
            $"{who ?? $"{address} - -"} [{when ?? stamp}] \"{request}\" {status} 17 \"-\" \"{by ?? agent}\"";
        (string line, string reason) = _random.Next(24) switch
        {
            0 => (Combined("GET /style.css?v=1 HTTP/1.1"), "no_page"),
            1 => (Combined("POST /buy HTTP/1.1"), "no_page"),
            2 => (Combined("GET /gone HTTP/1.1", "404"), "no_page"),
            3 => (Combined("GET /moved HTTP/1.1", "301"), "no_page"),
            4 => (Combined("OPTIONS * HTTP/1.1"), "no_page"),
            5 => (Combined("CONNECT other.example:443 HTTP/1.1"), "no_page"),
            6 => (Combined("\\x16\\x03\\x01\\x02\\x00", "400"), "no_request"),
            7 => (Combined("-", "408"), "no_request"),
            8 => (Combined("", "400"), "no_request"),
            9 or 10 or 11 => (Combined($"GET /page/{_random.Next(200)} HTTP/1.1", by: Programs[_random.Next(Programs.Length)]), "bot"),
            12 => (Combined("GET / HTTP/1.1", who: $"other.example:443 {address} - -"), "other_host"),
            13 => (Combined("GET http://other.example/ HTTP/1.1"), "other_host"),
            14 => (Combined("GET / HTTP/1.1", who: $"{address}, 203.0.113.9 - -"), "no_log_line"),
            15 => (Combined("GET / HTTP/1.1", who: $"{address} 203.0.113.9 - -"), "no_log_line"),
            16 => (Combined("GET / HTTP/1.1")[..^_random.Next(1, 12)], "no_log_line"),
            17 => (Combined("GET /\\q HTTP/1.1"), "no_log_line"),
            18 => ($"Mar  1 00:00:00 web nginx: {Combined("GET / HTTP/1.1")}", "no_log_line"),
            19 => (Combined("GET / HTTP/1.1") + " \"-\"", "further_fields"),
            20 => (Combined("GET / HTTP/1.1") + " 0.012", "further_fields"),
            21 => (Combined("GET / HTTP/1.1", who: "unix: - -"), "no_address"),
            22 => (Combined("GET / HTTP/1.1", when: stamp.Replace("Mar", "Mrz", StringComparison.Ordinal)), "no_timestamp"),
            _ => ("", "empty_line"),
        };
        LeftOut[reason] = LeftOut.GetValueOrDefault(reason) + 1;
        _reasonOf[line] = reason;
        _lines.Add((time, line));
    }

    /// <summary>Two visitors of ten have one address, and different browsers.</summary>
    private static string AddressOf(int visitor)
    {
        int place = visitor % 10 == 9 ? visitor - 1 : visitor;
        return (place % 4) switch
        {
            0 => $"2001:db8::{place:x}",
            1 => $"client-{place}.provider.example",
            _ => $"10.{place / 65_536}.{place / 256 % 256}.{place % 256}",
        };
    }

    private static string AgentOf(int visitor) => Browsers[visitor % Browsers.Length];

    private static string Stamp(DateTimeOffset time) =>
        time.ToOffset(TimeSpan.FromHours(2)).ToString("dd/MMM/yyyy:HH:mm:ss +0200", CultureInfo.InvariantCulture);

    private sealed record View(int Visitor, DateTimeOffset Time, string Path, string? Medium, string Line);
}
