using System.Text.RegularExpressions;

namespace Sessions.Queries.UserSql;

/// <summary>
/// Finds parameter placeholders (<c>$1</c>) in a query by Postgres' rules: strings, quoted names, comments and dollar
/// quotes contain no placeholders, and <c>a$1</c> is a name.
/// </summary>
internal static partial class SqlPlaceholders
{
    /// <summary>The index and the text of the first placeholder; null when there is none.</summary>
    public static (int Index, string Text)? First(string query)
    {
        int at = 0;
        while (at < query.Length)
        {
            ReadOnlySpan<char> rest = query.AsSpan(at);
            switch (rest)
            {
                case ['$', >= '0' and <= '9', ..]:
                    int digits = rest[1..].IndexOfAnyExceptInRange('0', '9');
                    return (at, (digits < 0 ? rest : rest[..(digits + 1)]).ToString());
                case ['$', ..]:
                    at = AfterDollarQuote(query, at);
                    break;
                case ['-', '-', ..]:
                    at = After(query, at, rest.IndexOfAny('\n', '\r'), 1);
                    break;
                case ['/', '*', ..]:
                    at = AfterComment(query, at + 2);
                    break;
                case ['\'', ..]:
                    at = After(query, at + 1, rest[1..].IndexOf('\''), 1);
                    break;
                case ['"', ..]:
                    at = After(query, at + 1, rest[1..].IndexOf('"'), 1);
                    break;
                case ['e' or 'E', '\'', ..]:
                    at = AfterEscapes(query, at + 2);
                    break;
                case [var first, ..] when BeginsName(first):
                    at = AfterName(query, at);
                    break;
                default:
                    at++;
                    break;
            }
        }

        return null;
    }

    private static int After(string query, int from, int found, int length) => found < 0 ? query.Length : from + found + length;

    private static int AfterName(string query, int at)
    {
        while (at < query.Length && (BeginsName(query[at]) || char.IsAsciiDigit(query[at]) || query[at] == '$'))
        {
            at++;
        }

        return at;
    }

    /// <summary>
    /// The index after a dollar quote; the index after the dollar sign when it does not begin a quote.
    /// </summary>
    private static int AfterDollarQuote(string query, int at)
    {
        Match tag = Tag().Match(query, at);
        return tag.Success
            ? After(query, 0, query.IndexOf(tag.Value, at + tag.Length, StringComparison.Ordinal), tag.Length)
            : at + 1;
    }

    /// <summary>The index after a comment, which may contain nested comments.</summary>
    private static int AfterComment(string query, int at)
    {
        for (int depth = 1; depth > 0 && at < query.Length; at++)
        {
            if (query.AsSpan(at) is ['/', '*', ..])
            {
                depth++;
                at++;
            }
            else if (query.AsSpan(at) is ['*', '/', ..])
            {
                depth--;
                at++;
            }
        }

        return at;
    }

    /// <summary>
    /// The index after a string with backslash escapes. The string continues on the next line when that line begins
    /// with a quote.
    /// </summary>
    private static int AfterEscapes(string query, int at)
    {
        while (at < query.Length)
        {
            if (query[at] == '\\')
            {
                at += 2;
            }
            else if (query[at++] == '\'')
            {
                Match goesOn = NextPart().Match(query, at);
                if (!goesOn.Success)
                {
                    return at;
                }

                at += goesOn.Length;
            }
        }

        return query.Length;
    }

    private static bool BeginsName(char character) => char.IsAsciiLetter(character) || character is '_' or > '\u007f';

    [GeneratedRegex(@"\G\$([A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$", RegexOptions.CultureInvariant)]
    private static partial Regex Tag();

    // Two adjacent quotes stand for one quote in the string.
    [GeneratedRegex(@"\G(?:'|[ \t\f\v]*[\n\r]\s*')", RegexOptions.CultureInvariant)]
    private static partial Regex NextPart();
}
