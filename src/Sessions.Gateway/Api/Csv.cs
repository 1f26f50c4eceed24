using System.Buffers;
using System.Globalization;
using System.Text;

namespace Sessions.Gateway.Api;

/// <summary>What stands in one place of a line.</summary>
/// <param name="Text">The text; null for nothing.</param>
/// <param name="IsNumber">Whether the whole column holds numbers, which a spreadsheet reads and does not run.</param>
internal readonly record struct CsvValue(string? Text, bool IsNumber = false);

/// <summary>
/// Lines of CSV (RFC 4180). Null is empty; an empty text is quoted, so that the two can be told apart. In a line of one
/// value, where readers skip what is empty, both are quoted.
/// </summary>
/// <param name="runs">
/// Whether texts are left as they are, also those that a spreadsheet runs when it opens the file; else <c>'</c> goes before
/// these.
/// </param>
internal sealed class Csv(bool runs)
{
    // Postgres' own reader takes it for the end.
    private const string EndOfCopy = @"\.";

    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n");

    // Also as East Asian keyboards type them, which spreadsheets read as the plain ones.
    private static readonly SearchValues<char> Begins = SearchValues.Create("=+-@＝＋－＠﹦﹢﹣﹫");

    /// <summary>Adds a line of names, which somebody may have chosen too.</summary>
    public void AppendNames(StringBuilder line, IEnumerable<string> names) => AppendLine(line, names.Select(name => new CsvValue(name)));

    public void AppendLine(StringBuilder line, IEnumerable<CsvValue> values)
    {
        int count = 0;
        int begin = line.Length;
        string? last = null;
        foreach (CsvValue value in values)
        {
            if (count++ > 0)
            {
                line.Append(',');
            }

            last = Safe(value);
            Append(line, last);
        }

        if (count == 1 && (string.IsNullOrWhiteSpace(last) || last == EndOfCopy) && (line.Length == begin || line[begin] != '"'))
        {
            line.Insert(begin, '"').Append('"');
        }

        line.Append("\r\n");
    }

    /// <summary>
    /// Whether a spreadsheet runs a text that it finds in a file: it begins like a formula, after blanks and what can't be
    /// seen, or with an end of line or of a cell, behind which one may stand.
    /// </summary>
    internal static bool IsFormula(ReadOnlySpan<char> text)
    {
        if (text is ['\t' or '\r' or '\n', ..])
        {
            return true;
        }

        while (text is [var first, ..] && IsUnseen(first))
        {
            text = text[1..];
        }

        return text is [var begin, ..] && Begins.Contains(begin);
    }

    private static bool IsUnseen(char character) =>
        char.IsWhiteSpace(character) || char.GetUnicodeCategory(character) is UnicodeCategory.Control or UnicodeCategory.Format;

    private static void Append(StringBuilder line, string? value)
    {
        if (value is null)
        {
            return;
        }

        if (value.Length == 0 || value.AsSpan().ContainsAny(Special))
        {
            line.Append('"').Append(value.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        }
        else
        {
            line.Append(value);
        }
    }

    private string? Safe(CsvValue value) =>
        !runs && !value.IsNumber && value.Text is { Length: > 0 } text && IsFormula(text) ? "'" + text : value.Text;
}
