using System.Text.RegularExpressions;
using Sessions.Queries.UserSql;

namespace Sessions.Web.UserSql;

/// <summary>
/// Writes the numbers of a result for people: 1,234,567.89. Ids and years stay as they are. Files and the API have the plain
/// numbers.
/// </summary>
internal static partial class SqlNumber
{
    private const int EarliestYear = 1900;
    private const int LatestYear = 2100;
    private const int GroupLength = 3;

    /// <summary>Which columns of an answer have numbers with marks between the thousands.</summary>
    public static IReadOnlyList<bool> MarkedColumns(SqlAnswer answer) =>
        [.. answer.Columns.Select((column, at) => SqlChart.IsNumber(column.Type) && !NamesNoAmount().IsMatch(column.Name) && !AreYears(answer, at))];

    /// <summary>A number with marks between its thousands. Other texts stay as they are.</summary>
    public static string Marked(string number)
    {
        if (Plain().Match(number) is not { Success: true } parts)
        {
            return number;
        }

        string whole = parts.Groups[2].Value;
        int first = whole.Length % GroupLength;
        IEnumerable<string> groups = Enumerable.Range(0, whole.Length / GroupLength).Select(at => whole.Substring(first + (at * GroupLength), GroupLength));
        return parts.Groups[1].Value + string.Join(',', first > 0 ? groups.Prepend(whole[..first]) : groups) + parts.Groups[3].Value;
    }

    // A column whose name does not say it, such as that of extract(year from …).
    private static bool AreYears(SqlAnswer answer, int column)
    {
        string[] values = [.. answer.Rows.Select(row => row[column]).OfType<string>()];
        return values.Length > 0 && values.All(value => int.TryParse(value, out int year) && year is >= EarliestYear and <= LatestYear);
    }

    [GeneratedRegex("(^|_)(ids?|year|years|yyyy)(_|$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NamesNoAmount();

    [GeneratedRegex(@"^(-?)(\d+)(\.\d+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();
}
