using System.Collections.Frozen;
using System.Text;

namespace Sessions;

/// <summary>
/// Tells generic ids from distinct ids that name a person. An application that does not know its user often sends a
/// generic id: <c>null</c>, <c>undefined</c>, <c>[object Object]</c> or an empty text. Many applications send the same
/// one, so a generic id must not merge its senders into one person.
/// </summary>
public static class PersonIds
{
    private const string Quotes = "\"'`\\\u2018\u2019\u201C\u201D";

    // PostHog's list, in any letter case; what other languages print for a null value; and what SDKs send for every
    // visitor without cookies. The SQL function tracking.names_nobody has the same list.
    internal static readonly string[] Words =
    [
        "anonymous", "guest", "distinctid", "distinct_id", "id", "not_authenticated", "email", "undefined", "true", "false",
        "[object object]", "nan", "none", "null", "nil", "0", "unknown", "(null)", "<null>", "<nil>", "{}", "[]",
        "00000000-0000-0000-0000-000000000000", "$posthog_cookieless",
    ];

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> s_words =
        FrozenSet.Create(StringComparer.OrdinalIgnoreCase, Words).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>All characters that don't count at the ends of an id.</summary>
    internal static string Ignored { get; } = string.Concat(Enumerable.Range(1, char.MaxValue - 1).Select(c => (char)c).Where(IsBlankOrQuote));

    /// <summary>
    /// Whether an id is generic and names no person: it is blank, or one of the listed words in any letter case, with
    /// or without quotes. Events with such an id are kept, but such an id never merges persons.
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
