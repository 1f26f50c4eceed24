using System.Globalization;
using System.Text;

namespace Sessions.Host.Import;

/// <summary>The first line of an HTTP request. Its target is no link: nothing is resolved, and nothing in it is a host.</summary>
/// <param name="Method">The method.</param>
/// <param name="Target">What was asked for: one character a byte.</param>
internal readonly record struct RequestLine(string Method, string Target)
{
    // What browsers write as escapes in a path and in a query; they do so before they send it.
    private const string EscapedInPath = " \"<>\\^`{}";
    private const string EscapedInQuery = " \"<>";

    /// <summary>Reads <c>METHOD target HTTP/1.1</c>, and <c>METHOD target</c> of HTTP/0.9.</summary>
    /// <returns>False when it is none: a port scan, another protocol, nothing.</returns>
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
            // Old servers took blanks in a target, but then there is a protocol behind it.
            && (hasProtocol || !target.Contains(' '));
    }

    /// <summary>
    /// The target on its server: a path, with a query perhaps. A client may name the server too, as in
    /// <c>http://example.org/path</c>.
    /// </summary>
    /// <param name="host">The server's name, when the target names it; else null.</param>
    /// <returns>Null when it is no path: <c>*</c>, <c>host:port</c> of CONNECT.</returns>
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

        host = Domain.Urls.Hostname(Target);
        int path = Target.AsSpan(authority).IndexOfAny('/', '?', '#');
        return path < 0 ? "/" : Target[authority + path] == '/' ? Target[(authority + path)..] : "/" + Target[(authority + path)..];
    }

    /// <summary>A path and query as they are in an address: bytes that can't be there are escaped, escapes stay.</summary>
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
