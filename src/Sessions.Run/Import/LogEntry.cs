using System.Globalization;
using System.Net;

namespace Sessions.Run.Import;

/// <summary>
/// A line of an access log, in exactly the default formats of servers: Apache's <c>common</c> (<c>%h %l %u %t "%r"
/// %&gt;s %b</c>), <c>combined</c> (the same and <c>"%{Referer}i" "%{User-Agent}i"</c>) and <c>vhost_combined</c>
/// (<c>%v:%p</c> and the same), and nginx's default, which is Apache's combined. The meaning of fields in other
/// formats is unknown, so they are not read. Texts have one character for each byte.
/// </summary>
/// <param name="VirtualHost">The virtual host, without its port; null when the format does not name it.</param>
/// <param name="Address">The visitor's address, or the host name that the server found for it.</param>
/// <param name="Time">When the request arrived.</param>
/// <param name="Request">The request's first line as the client sent it.</param>
/// <param name="Status">The answer's status.</param>
/// <param name="Referrer">The referrer as the client sent it; null in the common format.</param>
/// <param name="UserAgent">The user agent as the client sent it; null in the common format.</param>
internal readonly record struct LogEntry(
    string? VirtualHost, string Address, DateTimeOffset Time, string Request, string Status, string? Referrer, string? UserAgent)
{
    private const string TimeFormat = "dd/MMM/yyyy:HH:mm:ss zzz";
    private const int LongestHost = 253;
    private const int LongestPort = 5;
    private const string Absent = "-";

    /// <summary>Reads a line.</summary>
    /// <returns>Null, or why it can't be read.</returns>
    public static string? Read(string line, out LogEntry entry)
    {
        entry = default;
        int at = BeginOfRequest(line);
        if (at < 0)
        {
            return LeftOutReason.NoLogLine;
        }

        string head = line[..at];
        int bracket = head.LastIndexOf(" [", StringComparison.Ordinal);
        if (bracket < 0 || !head.EndsWith("] ", StringComparison.Ordinal))
        {
            return LeftOutReason.NoLogLine;
        }

        if (WhoIs(head[..bracket].Split(' '), out string? host, out string address) is { } unknown)
        {
            return unknown;
        }

        at++;
        if (!LogText.TryReadQuoted(line, ref at, out string request)
            || !TryReadToken(line, ref at, out string status) || !IsStatus(status)
            || !TryReadToken(line, ref at, out string bytes) || !(bytes == Absent || bytes.All(char.IsAsciiDigit)))
        {
            return LeftOutReason.NoLogLine;
        }

        string? referrer = null;
        string? agent = null;
        if (at < line.Length || host is not null)
        {
            if (!TryReadField(line, ref at, out referrer) || !TryReadField(line, ref at, out agent))
            {
                return LeftOutReason.NoLogLine;
            }

            if (at < line.Length)
            {
                return line[at] == ' ' ? LeftOutReason.FurtherFields : LeftOutReason.NoLogLine;
            }
        }

        if (TimeOf(head[(bracket + 2)..^2]) is not { } time)
        {
            return LeftOutReason.NoTimestamp;
        }

        entry = new LogEntry(host, address, time, request, status, referrer, agent);
        return null;
    }

    /// <summary>
    /// Finds the quote that begins the request. It is the first one: quotes in a user's name are escaped. A user with
    /// an empty name is written as two quotes.
    /// </summary>
    private static int BeginOfRequest(string line)
    {
        for (int at = 0; at < line.Length; at++)
        {
            if (line[at] == '\\')
            {
                at++;
            }
            else if (line[at] == '"')
            {
                if (string.CompareOrdinal(line, at, "\"\" [", 0, 4) != 0)
                {
                    return at;
                }

                at++;
            }
        }

        return -1;
    }

    private static string? WhoIs(string[] words, out string? host, out string address)
    {
        host = null;
        address = "";
        int from = words.Length > 3 && IsVirtualHost(words[0], out host) ? 1 : 0;
        host = from == 0 ? null : host;
        // A user's name may contain spaces. Then only the dash that servers write for a missing ident shows where it
        // begins.
        if (words.Length < from + 3 || !(words[from + 1] == Absent || (words.Length == from + 3 && IsIdent(words[from + 1]))))
        {
            return LeftOutReason.NoLogLine;
        }

        address = words[from];
        return IsAddress(address) ? null : address is Absent or "unix:" ? LeftOutReason.NoAddress : LeftOutReason.NoLogLine;
    }

    private static bool IsVirtualHost(string word, out string? host)
    {
        int colon = word.LastIndexOf(':');
        host = colon < 0 ? null : word[..colon];
        return host is not null
            && word.Length - colon - 1 is > 0 and <= LongestPort
            && word.AsSpan(colon + 1).IndexOfAnyExceptInRange('0', '9') < 0
            && (IsHostName(host) || (host is ['[', .., ']'] && IPAddress.TryParse(host, out _)));
    }

    private static bool IsAddress(string word) =>
        word.Contains(':')
            ? word[0] != '[' && IPAddress.TryParse(word, out _)
            : word.All(c => char.IsAsciiDigit(c) || c == '.')
                ? word.Count(c => c == '.') == 3 && IPAddress.TryParse(word, out _)
                : IsHostName(word);

    private static bool IsHostName(string word) =>
        word.Length is > 0 and <= LongestHost
        && char.IsAsciiLetterOrDigit(word[0])
        && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    /// <summary>
    /// Whether a word can be the answer of an ident server. A word that could be an address belongs to a format with
    /// another order.
    /// </summary>
    private static bool IsIdent(string word) => word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static bool IsStatus(string word) => word == Absent || (word.Length == 3 && word.All(char.IsAsciiDigit));

    private static DateTimeOffset? TimeOf(string written) =>
        // .NET needs the colon in the offset, which logs leave out.
        written.Length > 2 && DateTimeOffset.TryParseExact(
            written.Insert(written.Length - 2, ":"), TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset time)
            ? time
            : null;

    private static bool TryReadToken(string line, ref int at, out string token)
    {
        token = "";
        if (at >= line.Length || line[at] != ' ')
        {
            return false;
        }

        int end = line.IndexOf(' ', at + 1);
        end = end < 0 ? line.Length : end;
        token = line[(at + 1)..end];
        at = end;
        return token.Length > 0;
    }

    private static bool TryReadField(string line, ref int at, out string? text)
    {
        text = null;
        if (string.CompareOrdinal(line, at, " \"", 0, 2) != 0)
        {
            return false;
        }

        at += 2;
        bool isWhole = LogText.TryReadQuoted(line, ref at, out string read);
        text = read == Absent ? "" : read;
        return isWhole;
    }
}
