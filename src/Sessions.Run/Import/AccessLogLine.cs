using System.Buffers;
using System.Text;
using System.Text.Json;
using Sessions.Domain.Events;
using Sessions.Domain.UserAgents;

namespace Sessions.Run.Import;

/// <summary>Turns the lines of an access log into pageviews, if they are of pages that were served to people.</summary>
/// <param name="site">The site's address, which the log does not contain.</param>
/// <param name="key">The key for deriving visitors' ids.</param>
/// <param name="seen">Counts equal lines.</param>
/// <param name="dropsBots">Whether the project drops events of bots.</param>
internal sealed class AccessLogLine(Uri site, byte[] key, Occurrences seen, bool dropsBots)
{
    private static readonly HashSet<string> Assets = new(StringComparer.OrdinalIgnoreCase)
    {
        "css", "js", "mjs", "map", "json", "xml", "txt", "ico", "png", "jpg", "jpeg", "gif", "svg", "webp", "avif",
        "woff", "woff2", "ttf", "otf", "eot", "mp3", "mp4", "webm", "ogg", "wasm", "zip", "gz", "rss", "atom",
    };

    // As browsers write it: without the default port of the scheme.
    private readonly string _host = HostOf(site);
    private bool _hasUserAgents;

    /// <param name="entry">The line.</param>
    public ImportedLine Read(FileEntry entry)
    {
        ReadOnlyMemory<byte> text = entry.Text.TrimEnd((byte)' ');
        // Reads one character for each byte, whatever the encoding, so that no byte is lost before it is escaped.
        if (LogEntry.Read(Encoding.Latin1.GetString(text.Span), out LogEntry read) is { } unread)
        {
            return ImportedLine.Skip(unread);
        }

        if (entry.Fault == EntryFault.Cut && _hasUserAgents && read.UserAgent is null)
        {
            // A combined line that was cut between its fields looks like a common one.
            return ImportedLine.Skip(LeftOutReason.NoLogLine);
        }

        _hasUserAgents |= read.UserAgent is not null;
        return FindSkipReason(read, out string pathAndQuery) is { } reason
            ? ImportedLine.Skip(reason)
            : Pageview(read, RequestLine.Escape(pathAndQuery), ImportIds.ContentOf(text.Span), entry.Offset);
    }

    /// <summary>Why a line is no view of a page of the site; null when it is one.</summary>
    private string? FindSkipReason(LogEntry read, out string pathAndQuery)
    {
        pathAndQuery = "/";
        if (IsOtherHost(read.VirtualHost))
        {
            return LeftOutReason.OtherHost;
        }

        if (!RequestLine.TryRead(read.Request, out RequestLine request))
        {
            return LeftOutReason.NoRequest;
        }

        if (request.Method != "GET"
            || (read.Status[0] != '2' && read.Status != "304")
            || request.PathAndQuery(out string? host) is not { } asked)
        {
            return LeftOutReason.NoPage;
        }

        if (IsOtherHost(host))
        {
            // A client used the server as a proxy.
            return LeftOutReason.OtherHost;
        }

        pathAndQuery = asked;
        return IsAsset(PathOf(asked)) ? LeftOutReason.NoPage
            : dropsBots && read.UserAgent is { } agent && Bots.IsProgram(LogText.ToText(agent)) ? LeftOutReason.Bot
            : null;
    }

    private ImportedLine Pageview(LogEntry read, string target, Guid content, long offset)
    {
        string userAgent = LogText.ToText(read.UserAgent ?? "");
        string url = $"{site.Scheme}://{_host}{target}";
        var happened = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(happened);
        json.WriteStartObject();
        json.WriteString("uuid", ImportIds.Of(content, seen.Count(content, read.Time, offset)));
        json.WriteString("event", "$pageview");
        json.WriteString("distinct_id", ImportIds.Visitor(key, read.Address, userAgent));
        json.WriteString("timestamp", read.Time.UtcDateTime);
        json.WriteNumber("sender_order", offset);
        json.WriteStartObject("properties");
        json.WriteString("$current_url", url);
        json.WriteString("$host", _host);
        json.WriteString("$pathname", PathOf(target));
        json.WriteString("$raw_user_agent", userAgent);
        // The visitor's address is not stored, and the importer's address is not the visitor's.
        json.WriteBoolean("$geoip_disable", true);
        WriteReferrer(json, LogText.ToText(read.Referrer ?? ""));
        foreach (string name in CampaignParameters.Names)
        {
            if (CampaignParameters.Find(url, name) is { } value)
            {
                json.WriteString(name, value);
            }
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return new ImportedLine(happened.WrittenMemory, read.Time, null);
    }

    /// <summary>
    /// Writes the referrer. Unlike the request's target it is a link. Its domain includes the port, as a host does in
    /// browsers.
    /// </summary>
    private static void WriteReferrer(Utf8JsonWriter json, string referrer)
    {
        bool isLink = Urls.Hostname(referrer) is not null && Uri.TryCreate(referrer, UriKind.Absolute, out _);
        json.WriteString("$referrer", isLink ? referrer : "$direct");
        json.WriteString("$referring_domain", isLink ? HostOf(new Uri(referrer)) : "$direct");
    }

    private bool IsOtherHost(string? host) =>
        host is not null
        && !host.Equals(site.IdnHost, StringComparison.OrdinalIgnoreCase)
        && !host.Equals(site.Host, StringComparison.OrdinalIgnoreCase);

    private static bool IsAsset(string path)
    {
        int dot = path.LastIndexOfAny(['/', '.']);
        return dot >= 0 && path[dot] == '.' && Assets.Contains(path[(dot + 1)..]);
    }

    private static string PathOf(string pathAndQuery)
    {
        int end = pathAndQuery.AsSpan().IndexOfAny('?', '#');
        return end < 0 ? pathAndQuery : pathAndQuery[..end];
    }

    private static string HostOf(Uri address)
    {
        string host = address.HostNameType == UriHostNameType.IPv6 ? address.Host : address.IdnHost;
        return address.IsDefaultPort ? host : $"{host}:{address.Port}";
    }
}
