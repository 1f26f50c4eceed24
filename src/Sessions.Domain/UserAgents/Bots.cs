using System.Buffers;

namespace Sessions.Domain.UserAgents;

/// <summary>Recognises bots by the user agent; the words are in <c>bots.tsv</c>.</summary>
public static class Bots
{
    private static readonly string[][] Rows = [.. DomainTables.Read("bots.tsv", columns: 2)];
    private static readonly SearchValues<string> Anywhere = Words("part");
    private static readonly SearchValues<string> InLogs = Words("log");
    private static readonly string[] Endings = [.. Of("end")];
    private static readonly string[] People = [.. Of("people")];

    /// <summary>
    /// Whether a user agent is a bot's. False for a missing or empty user agent, because many SDKs send none. The time
    /// is linear in the length.
    /// </summary>
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
    /// Whether a request in a web server's log came from a program and not from a person's browser: a bot, an HTTP
    /// library, or an unknown user agent. Use it only for web server logs: a page that an HTTP library fetched was
    /// shown to no person, but an app's events are a person's, whatever library sends them.
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
