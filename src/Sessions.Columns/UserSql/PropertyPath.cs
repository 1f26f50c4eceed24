using System.Text.RegularExpressions;
using Sessions.Database.Properties;

namespace Sessions.Columns.UserSql;

/// <summary>What stands at the right of DuckDB's <c>-&gt;&gt;</c>: a key, a JSON pointer, or a JSON path.</summary>
internal static partial class PropertyPath
{
    /// <summary>The property of the object itself that a path means; null for any other path, and when it is not sure.</summary>
    public static string? KeyOf(string path)
    {
        string key;
        if (path.StartsWith('/'))
        {
            key = path[1..];
            // A number may be a place in a list.
            if (key.AsSpan().ContainsAny('/', '~') || key.All(char.IsAsciiDigit))
            {
                return null;
            }
        }
        else if (path.StartsWith('$'))
        {
            Match match = OneStep().Match(path);
            if (!match.Success)
            {
                return null;
            }

            key = match.Groups["key"].Value;
        }
        else
        {
            key = path;
        }

        // In DuckDB, an asterisk may stand for all properties.
        return key.Length > 0 && !key.Contains('*', StringComparison.Ordinal) && PropertyColumns.MayHave(key) ? key : null;
    }

    /// <summary>The path of a property that <see cref="KeyOf"/> returned.</summary>
    public static string Of(string key) => $"$.\"{key}\"";

    [GeneratedRegex("""^\$\.(?:(?<key>[A-Za-z_][A-Za-z0-9_]*)|"(?<key>[^"]*)")\z""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex OneStep();
}
