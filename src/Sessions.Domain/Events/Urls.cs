namespace Sessions.Domain.Events;

/// <summary>The parts of a URL as sessions show them; null for a text that is not an absolute URL.</summary>
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

    /// <summary>The host in lower case, without user and port, as in PostHog.</summary>
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
        host = host[(host.LastIndexOf('@') + 1)..];
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
