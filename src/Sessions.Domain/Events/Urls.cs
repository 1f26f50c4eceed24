namespace Sessions.Domain;

/// <summary>The parts of a URL as sessions show them. Text that is no absolute URL has none.</summary>
public static class Urls
{
    /// <summary>The path, without query and fragment; <c>/</c> when the URL has none.</summary>
    public static string? Path(string? url)
    {
        int authority = AuthorityStart(url);
        if (authority < 0)
        {
            return null;
        }

        ReadOnlySpan<char> rest = url.AsSpan(authority);
        int path = rest.IndexOfAny('/', '?', '#');
        if (path < 0 || rest[path] != '/')
        {
            return "/";
        }

        rest = rest[path..];
        int end = rest.IndexOfAny('?', '#');
        return (end < 0 ? rest : rest[..end]).ToString();
    }

    /// <summary>PostHog: the host without user, port and letter case.</summary>
    public static string? Hostname(string? url)
    {
        int authority = AuthorityStart(url);
        if (authority < 0)
        {
            return null;
        }

        ReadOnlySpan<char> host = url.AsSpan(authority);
        int end = host.IndexOfAny('/', '?', '#');
        host = end < 0 ? host : host[..end];
        int user = host.LastIndexOf('@');
        host = user < 0 ? host : host[(user + 1)..];
        int closing = host.LastIndexOf(']');
        int port = host.LastIndexOf(':');
        host = port > closing ? host[..port] : host;
        return host.IsEmpty ? null : host.ToString().ToLowerInvariant();
    }

    private static int AuthorityStart(string? url)
    {
        int scheme = url?.IndexOf("://", StringComparison.Ordinal) ?? -1;
        if (scheme < 1 || !char.IsAsciiLetter(url![0]))
        {
            return -1;
        }

        foreach (char c in url.AsSpan(0, scheme))
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '.' or '-'))
            {
                return -1;
            }
        }

        return scheme + 3;
    }
}
