using System.Globalization;
using System.Text;
using Sessions.Domain.Events;

namespace Sessions.Run.Import;

/// <summary>
/// The first line of an HTTP request. Its target is not a link: it is not resolved, and contains no host.
/// </summary>
/// <param name="Method">The method.</param>
/// <param name="Target">The requested target, with one character for each byte.</param>
internal readonly record struct RequestLine(string Method, string Target)
{
    // The characters that browsers escape in a path and in a query before they send it.
    private const string EscapedInPath = " \"<>\\^`{}";
    private const string EscapedInQuery = " \"<>";

    /// <summary>Reads <c>METHOD target HTTP/1.1</c>, and <c>METHOD target</c> of HTTP/0.9.</summary>
    /// <returns>False when the line is something else: a port scan, another protocol, or empty.</returns>
    public static bool TryRead(string line, out RequestLine request)
    {
        int first = line.IndexOf(' ', StringComparison.Ordinal);
        int last = line.LastIndexOf(' ');
        bool hasProtocol = last > first && line.AsSpan(last + 1).StartsWith("HTTP/", StringComparison.Ordinal);
        string target = first < 0 ? "" : hasProtocol ? line[(first + 1)..last] : line[(first + 1)..];
        request = new RequestLine(first < 0 ? "" : line[..first], target);
        return request.Method.Length > 0
            && request.Method.All(c => char.IsAsciiLetter(c) || c is '-' or '_')
            && target.Length > 0
            // Old servers accepted spaces in a target, but only with a protocol after it.
            && (hasProtocol || !target.Contains(' '));
    }

    /// <summary>
    /// The target on its server: a path, which may have a query. A client may also name the server, as in
    /// <c>http://example.org/path</c>.
    /// </summary>
    /// <param name="host">The server's name, when the target names it; else null.</param>
    /// <returns>Null when the target is not a path: <c>*</c>, or the <c>host:port</c> of CONNECT.</returns>
    public string? PathAndQuery(out string? host)
    {
        host = null;
        if (Target[0] == '/')
        {
            return Target;
        }

        int authority = Target.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? 7
            : Target.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? 8
            : 0;
        if (authority == 0)
        {
            return null;
        }

        host = Urls.Hostname(Target);
        int path = Target.AsSpan(authority).IndexOfAny('/', '?', '#');
        return path < 0 ? "/" : Target[authority + path] == '/' ? Target[(authority + path)..] : "/" + Target[(authority + path)..];
    }

    /// <summary>
    /// Path and query as an address contains them: other bytes are escaped, and existing escapes stay.
    /// </summary>
    public static string Escape(string pathAndQuery)
    {
        int query = pathAndQuery.IndexOf('?', StringComparison.Ordinal);
        var escaped = new StringBuilder(pathAndQuery.Length);
        for (int i = 0; i < pathAndQuery.Length; i++)
        {
            char one = pathAndQuery[i];
            string special = query >= 0 && i > query ? EscapedInQuery : EscapedInPath;
            if (one is > ' ' and <= '~' && !special.Contains(one))
            {
                escaped.Append(one);
            }
            else
            {
                escaped.Append(CultureInfo.InvariantCulture, $"%{(int)one:X2}");
            }
        }

        return escaped.ToString();
    }
}
