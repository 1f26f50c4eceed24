using System.Text.RegularExpressions;

namespace Sessions.Web.UserSql;

/// <summary>A question of the cookbook and the query that answers it.</summary>
public sealed record SqlExample(string Title, string Query);

/// <summary>The queries of the cookbook in the documentation.</summary>
internal static partial class SqlExamples
{
    private static readonly Lazy<IReadOnlyList<SqlExample>> s_all = new(Read);

    /// <summary>All of them, in the order of the cookbook.</summary>
    public static IReadOnlyList<SqlExample> All => s_all.Value;

    private static IReadOnlyList<SqlExample> Read()
    {
        using StreamReader text = new(typeof(SqlExamples).Assembly.GetManifestResourceStream("docs/sql-cookbook")!);
        return
        [
            .. Example().Matches(text.ReadToEnd().ReplaceLineEndings("\n"))
                .Select(match => new SqlExample(match.Groups["title"].Value, match.Groups["query"].Value.Trim().TrimEnd(';'))),
        ];
    }

    [GeneratedRegex(@"^### (?<title>[^\n]+)\n(?:(?!^#).*\n)*?```sql\n(?<query>(?:(?!^```).*\n)+)```", RegexOptions.Multiline)]
    private static partial Regex Example();
}
