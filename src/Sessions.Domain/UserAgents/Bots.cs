using System.Buffers;

namespace Sessions.Domain.UserAgents;

/// <summary>Tells programs from people by the user agent alone; the words are in <c>bots.tsv</c>.</summary>
public static class Bots
{
    private static readonly string[][] Rows = [.. DomainTables.Read("bots.tsv", columns: 2)];
    private static readonly SearchValues<string> Anywhere = Words("part");
    private static readonly SearchValues<string> InLogs = Words("log");
    private static readonly string[] Endings = [.. Of("end")];
    private static readonly string[] People = [.. Of("people")];

    /// <summary>False for an absent or empty user agent: many SDKs send none. Linear in its length.</summary>
    public static bool IsBot(string? userAgent)
    {
        if (string.IsNullOrEmpty(userAgent))
        {
            return false;
        }

        ReadOnlySpan<char> agent = userAgent.AsSpan(0, Math.Min(userAgent.Length, UserAgent.MaxLength));
        if (agent.ContainsAny(Anywhere))
        {
            return true;
        }

        foreach (string ending in Endings)
        {
            if (EndsAWord(agent, ending))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether what fetched a page, as a web server saw it, was no browser of a person: one of those, a library that
    /// programs fetch with, or something that does not say what it is. For a web server's log alone: an event of an app is
    /// a person's whatever library has sent it, a page that such a library fetched was shown to nobody.
    /// </summary>
    public static bool IsProgram(string userAgent) =>
        string.IsNullOrWhiteSpace(userAgent)
        || userAgent.AsSpan(0, Math.Min(userAgent.Length, UserAgent.MaxLength)).ContainsAny(InLogs)
        || IsBot(userAgent);

    private static bool EndsAWord(ReadOnlySpan<char> agent, string ending)
    {
        for (int from = 0; ;)
        {
            int at = agent[from..].IndexOf(ending, StringComparison.OrdinalIgnoreCase);
            if (at < 0)
            {
                return false;
            }

            from += at + ending.Length;
            if ((from == agent.Length || !char.IsAsciiLetter(agent[from])) && !IsOfPeople(agent[..from]))
            {
                return true;
            }
        }
    }

    private static bool IsOfPeople(ReadOnlySpan<char> upToWord)
    {
        foreach (string word in People)
        {
            if (upToWord.EndsWith(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static SearchValues<string> Words(string how) =>
        SearchValues.Create([.. Of(how)], StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<string> Of(string how) => Rows.Where(row => row[1] == how).Select(row => row[0]);
}
