using System.Text;
using Sessions.Queries.Aggregates;
using Sessions.Web.Layout;

namespace Sessions.Web.Analytics;

/// <summary>The filter for a path that path rules may have rewritten: what a rule put in stands for what it matches.</summary>
internal static class PathFilter
{
    private const string Special = @".^$*+?()[]{}|\";

    /// <summary>The filter of a row; null when a rule's replacement can't be turned back.</summary>
    public static FilterRow? Of(CardTab tab, string? value, IReadOnlyList<PathRule> rules)
    {
        string key = tab.Property ?? "pathname";
        bool isOfEvent = tab.Property is null;
        if (value is null)
        {
            // Every session has some event without a path.
            return isOfEvent ? null : new FilterRow(key, "is_not_set", "");
        }

        string pattern = Escaped(value);
        foreach (PathRule rule in rules.Reverse())
        {
            if (rule.Replacement.Contains('\\', StringComparison.Ordinal))
            {
                return null;
            }

            if (rule.Replacement.Length > 0)
            {
                pattern = pattern.Replace(Escaped(rule.Replacement), $"(?:{rule.Pattern.TrimStart('^').TrimEnd('$')})", StringComparison.Ordinal);
            }
        }

        return pattern == Escaped(value)
            ? new FilterRow(key, "exact", value, isOfEvent)
            : new FilterRow(key, "regex", $"^{pattern}$", isOfEvent);
    }

    private static string Escaped(string text)
    {
        StringBuilder escaped = new();
        foreach (char one in text)
        {
            (Special.Contains(one, StringComparison.Ordinal) ? escaped.Append('\\') : escaped).Append(one);
        }

        return escaped.ToString();
    }
}
