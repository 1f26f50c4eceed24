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
    private const string Quotes = "\"'`\\\u2018\u2019\u201C\u201D";

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
        int start = 0, end = id.Length;
        while (start < end && IsBlankOrQuote(id[start]))
        {
            start++;
        }

        while (end > start && IsBlankOrQuote(id[end - 1]))
        {
            end--;
        }

        ReadOnlySpan<char> word = id[start..end];
        return word.IsEmpty || (s_words.Contains(word) && Ascii.IsValid(word));
    }

    private static bool IsBlankOrQuote(char c) => IdText.IsInvisible(c) || Quotes.Contains(c, StringComparison.Ordinal);
}
