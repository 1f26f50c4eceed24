using System.Text.RegularExpressions;

namespace Sessions.Domain.Projects;

/// <summary>
/// Checks regular expressions that browsers run. .NET reads nearly the same language; what only one of the two knows is
/// checked here.
/// </summary>
internal static partial class JavaScriptRegex
{
    /// <summary>What is wrong with an expression, as a phrase; null when browsers take it.</summary>
    public static string? Fault(string pattern)
    {
        string readable = Plain(pattern, out string? foreign);
        if (foreign is not null)
        {
            return $"a group can't begin with {foreign}";
        }

        try
        {
            _ = new Regex(readable);
            return null;
        }
        catch (RegexParseException fault)
        {
            return fault.Error switch
            {
                RegexParseError.InsufficientClosingParentheses => "a ) is missing",
                RegexParseError.InsufficientOpeningParentheses => "a ( is missing",
                RegexParseError.UnterminatedBracket => "a ] is missing",
                RegexParseError.QuantifierAfterNothing => "there is nothing to repeat",
                RegexParseError.NestedQuantifiersNotParenthesized => "it repeats a repetition",
                RegexParseError.ReversedQuantifierRange or RegexParseError.ReversedCharacterRange => "a range is the wrong way round",
                RegexParseError.UnescapedEndingBackslash => "it ends with a backslash",
                _ => $"it can't be read from character {Math.Min(fault.Offset, pattern.Length)} on",
            };
        }
    }

    /// <summary>
    /// The expression as .NET reads it. JavaScript alone has classes of everything and of nothing; escapes that mean no
    /// more than their letter; and a brace that begins no repetition.
    /// </summary>
    private static string Plain(string pattern, out string? foreign)
    {
        foreign = null;
        System.Text.StringBuilder plain = new();
        bool isInClass = false;
        for (int at = 0; at < pattern.Length; at++)
        {
            string rest = pattern[at..];
            if (rest[0] == '\\' && rest.Length > 1)
            {
                // Letters that neither language gives a meaning, or that need more after them, are themselves in JavaScript.
                bool isKnown = KnownEscape().IsMatch(rest);
                plain.Append(isKnown ? rest[..2] : Regex.Escape(rest[1..2]));
                at++;
            }
            else if (isInClass)
            {
                isInClass = rest[0] != ']';
                plain.Append(rest[0] == '[' ? "\\[" : rest[..1]);
            }
            else if (rest.StartsWith("[^]", StringComparison.Ordinal) || rest.StartsWith("[]", StringComparison.Ordinal))
            {
                bool isAll = rest[1] == '^';
                plain.Append(isAll ? "[\\s\\S]" : "(?!)");
                at += isAll ? 2 : 1;
            }
            else if (rest[0] == '[')
            {
                isInClass = true;
                plain.Append('[');
            }
            else if (rest.StartsWith("(?", StringComparison.Ordinal) && !KnownGroup().IsMatch(rest))
            {
                foreign = rest[..Math.Min(rest.Length, 3)];
                return pattern;
            }
            else
            {
                plain.Append(rest[0]);
            }
        }

        return plain.ToString();
    }

    [GeneratedRegex(@"^\\(?:[^a-zA-Z]|[bBdDfnrsStvwW]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|c[a-zA-Z])")]
    private static partial Regex KnownEscape();

    [GeneratedRegex(@"^\(\?(?:[:=!]|<[=!]|<[\p{L}_$][\p{L}\p{Nd}_$]*>)")]
    private static partial Regex KnownGroup();
}
