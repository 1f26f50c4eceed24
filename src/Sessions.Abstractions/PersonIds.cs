using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace Sessions;

/// <summary>
/// Which distinct ids are ids. An application that has nobody to name still sends something: <c>null</c>,
/// <c>undefined</c>, <c>[object Object]</c>, an empty text. Everybody in that situation sends the same, so such an id
/// must not make one person of its senders.
/// </summary>
public static class PersonIds
{
    // Blanks, and marks that nobody sees. The database has the same list: tracking.trimmed_id.
    private const string Blank =
        "\t\n\v\f\r\u0020\u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u200B\u200C\u200D"
        + "\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF";

    private const string Quotes = "\"'`\\\u2018\u2019\u201C\u201D";

    private static readonly SearchValues<char> s_blank = SearchValues.Create(Blank);
    private static readonly SearchValues<char> s_blankOrQuote = SearchValues.Create(Blank + Quotes);

    // PostHog's list, in any case, what other languages print for nothing, and what SDKs send for every visitor without
    // cookies. The database has the same list: tracking.names_nobody.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> s_words = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "anonymous", "guest", "distinctid", "distinct_id", "id", "not_authenticated", "email", "undefined", "true", "false",
        "[object object]", "nan", "none", "null", "nil", "0", "unknown", "(null)", "<null>", "<nil>", "{}", "[]",
        "00000000-0000-0000-0000-000000000000", "$posthog_cookieless").GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>
    /// Whether an id names nobody: it is blank, or a word that stands for nobody, in any case, also in quotes. Events with
    /// such an id are kept; nobody is merged by it.
    /// </summary>
    /// <param name="id">A distinct id, an <c>$anon_distinct_id</c> or an <c>alias</c>.</param>
    public static bool NamesNobody(ReadOnlySpan<char> id)
    {
        ReadOnlySpan<char> word = Trim(id, s_blankOrQuote);
        return word.IsEmpty || (s_words.Contains(word) && Ascii.IsValid(word));
    }

    /// <summary>An id without the blanks around it.</summary>
    internal static string Trimmed(string id)
    {
        ReadOnlySpan<char> trimmed = Trim(id, s_blank);
        return trimmed.Length == id.Length ? id : trimmed.ToString();
    }

    private static ReadOnlySpan<char> Trim(ReadOnlySpan<char> id, SearchValues<char> around)
    {
        int start = id.IndexOfAnyExcept(around);
        return start < 0 ? [] : id[start..(id.LastIndexOfAnyExcept(around) + 1)];
    }
}
