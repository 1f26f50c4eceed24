using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Web;

namespace Sessions.Host.Import;

/// <summary>Reads lines of a web server's combined access log: pages that were served become pageviews.</summary>
/// <param name="site">The site's address, which the log does not hold.</param>
/// <param name="key">What visitors' ids are made with.</param>
internal sealed partial class AccessLogLine(Uri site, byte[] key)
{
    private const string TimeFormat = "dd/MMM/yyyy:HH:mm:ss zzz";

    private static readonly HashSet<string> Assets = new(StringComparer.OrdinalIgnoreCase)
    {
        "css", "js", "mjs", "map", "json", "xml", "txt", "ico", "png", "jpg", "jpeg", "gif", "svg", "webp", "avif",
        "woff", "woff2", "ttf", "otf", "eot", "mp3", "mp4", "webm", "ogg", "wasm", "zip", "gz", "rss", "atom",
    };

    /// <param name="line">The line.</param>
    /// <param name="offset">Where it begins in its file.</param>
    public ImportedLine Read(string line, long offset)
    {
        Match match = Combined().Match(line);
        if (!match.Success)
        {
            return ImportedLine.Skip("no_log_line");
        }

        // .NET wants the colon that logs leave out.
        string written = match.Groups["time"].Value;
        if (!DateTimeOffset.TryParseExact(
            written.Insert(Math.Max(0, written.Length - 2), ":"), TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset time))
        {
            return ImportedLine.Skip("no_timestamp");
        }

        string status = match.Groups["status"].Value;
        if (match.Groups["method"].Value != "GET"
            || (status[0] != '2' && status != "304")
            || !Uri.TryCreate(site, match.Groups["target"].Value, out Uri? page)
            || Assets.Contains(Path.GetExtension(page.AbsolutePath).TrimStart('.')))
        {
            return ImportedLine.Skip("no_page");
        }

        string userAgent = Unescape(match.Groups["agent"].Value);
        JsonObject properties = new()
        {
            ["$current_url"] = page.AbsoluteUri,
            ["$host"] = page.Authority,
            ["$pathname"] = page.AbsolutePath,
            ["$raw_user_agent"] = userAgent,
        };
        AddReferrer(properties, Unescape(match.Groups["referrer"].Value));
        AddCampaign(properties, page);
        return new ImportedLine(
            new JsonObject
            {
                ["uuid"] = ImportIds.Of(line, offset),
                ["event"] = "$pageview",
                ["distinct_id"] = ImportIds.Visitor(key, match.Groups["address"].Value, userAgent),
                ["timestamp"] = time.UtcDateTime.ToString("O"),
                ["properties"] = properties,
            },
            time,
            null);
    }

    private static void AddReferrer(JsonObject properties, string referrer)
    {
        bool known = Uri.TryCreate(referrer, UriKind.Absolute, out Uri? from) && from.Host.Length > 0;
        properties["$referrer"] = known ? referrer : "$direct";
        properties["$referring_domain"] = known ? from!.Host : "$direct";
    }

    /// <summary>What posthog-js reads from the address: campaigns and ad ids.</summary>
    private static void AddCampaign(JsonObject properties, Uri page)
    {
        System.Collections.Specialized.NameValueCollection query = HttpUtility.ParseQueryString(page.Query);
        foreach (string? name in query.AllKeys)
        {
            if (name is not null
                && (name is "utm_source" or "utm_medium" or "utm_campaign" or "utm_term" or "utm_content" || AdIds.Names.Contains(name)))
            {
                properties[name] = query[name];
            }
        }
    }

    private static string Unescape(string text) => text == "-" ? "" : text.Replace("\\\"", "\"", StringComparison.Ordinal);

    [GeneratedRegex("""
        ^(?<address>\S+) \S+ .*?\[(?<time>[^\]]+)\] "(?<method>[A-Z]+) (?<target>\S+)[^"]*" (?<status>\d{3}) \S+ "(?<referrer>(?:[^"\\]|\\.)*)" "(?<agent>(?:[^"\\]|\\.)*)"
        """, RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Combined();
}
