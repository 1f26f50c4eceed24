using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Sessions.Columns.Asking;

namespace Sessions.Columns.UserSql;

/// <summary>Turns DuckDB's messages into answers for users: without the paths of files, and with the place of the fault.</summary>
internal static partial class UserSqlMessage
{
    // What DuckDB shows of a long line ends, or begins, with this.
    private const string Cut = "...";

    /// <summary>Whether DuckDB ended a statement because it needs more memory, or more room on the disk, than it may have.</summary>
    public static bool IsTooMuch(string message) =>
        message.StartsWith("Out of Memory Error", StringComparison.Ordinal) || message.Contains("max_temp_directory_size", StringComparison.Ordinal);

    /// <summary>The refusal that a message is.</summary>
    /// <param name="message">DuckDB's message.</param>
    /// <param name="sql">The statement.</param>
    /// <param name="directory">The directory of the files. The answer leaves it out.</param>
    public static ColumnsRefusedException Refusal(string message, string sql, string directory)
    {
        Match place = Place().Match(message);
        string answer = (place.Success ? message[..place.Index] + message[(place.Index + place.Length)..] : message)
            .Replace(directory, "", StringComparison.Ordinal).Trim();
        return new ColumnsRefusedException(answer) { Position = place.Success ? PositionOf(sql, place) : 0 };
    }

    /// <summary>The position of a character, counted from 1, by the number of bytes before it.</summary>
    public static int PositionOf(string sql, int bytes)
    {
        int at = 0, seen = 0;
        foreach (Rune rune in sql.EnumerateRunes())
        {
            if (seen >= bytes)
            {
                break;
            }

            seen += rune.Utf8SequenceLength;
            at += rune.Utf16SequenceLength;
        }

        return at + 1;
    }

    private static int PositionOf(string sql, Match place)
    {
        string[] lines = sql.Split('\n');
        int line = int.Parse(place.Groups["line"].Value, CultureInfo.InvariantCulture) - 1;
        string shown = place.Groups["text"].Value;
        int column = place.Groups["caret"].Length - place.Groups["head"].Length;
        if (line >= lines.Length || column < 0)
        {
            return 0;
        }

        bool isCut = shown.StartsWith(Cut, StringComparison.Ordinal) && !lines[line].StartsWith(Cut, StringComparison.Ordinal);
        string part = isCut ? shown[Cut.Length..] : shown;
        int found = lines[line].IndexOf(part.EndsWith(Cut, StringComparison.Ordinal) ? part[..^Cut.Length] : part, StringComparison.Ordinal);
        return found < 0 ? 0 : lines.Take(line).Sum(one => one.Length + 1) + found + column - (isCut ? Cut.Length : 0) + 1;
    }

    [GeneratedRegex(@"\s*\n(?<head>LINE (?<line>\d+): )(?<text>[^\n]*)\n(?<caret> *)\^", RegexOptions.CultureInvariant)]
    private static partial Regex Place();
}
