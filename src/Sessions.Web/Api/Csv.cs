using System.Buffers;
using System.Globalization;
using System.Text;

namespace Sessions.Web.Api;

/// <summary>One value of a line.</summary>
/// <param name="Text">The text; null for no value.</param>
/// <param name="IsNumber">Whether the whole column holds numbers. Spreadsheets never run a number as a formula.</param>
internal readonly record struct CsvValue(string? Text, bool IsNumber = false);

/// <summary>
/// Lines of CSV (RFC 4180). Null is empty, and an empty text is quoted, so that readers can tell them apart. In a line
/// with one value both are quoted, because readers skip empty lines.
/// </summary>
/// <param name="runs">
/// Whether texts stay as they are, also those that a spreadsheet would run as a formula when it opens the file.
/// Otherwise <c>'</c> precedes these.
/// </param>
internal sealed class Csv(bool runs)
{
    // Postgres' COPY reads it as the end of the data.
    private const string EndOfCopy = @"\.";

    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n");

    // Also in the form of East Asian keyboards, which spreadsheets treat like the plain characters.
    private static readonly SearchValues<char> Begins = SearchValues.Create("=+-@＝＋－＠﹦﹢﹣﹫");

    /// <summary>Adds a line of column names, which users may have chosen.</summary>
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
    /// Whether a spreadsheet would run a text as a formula: it begins like a formula, after spaces and invisible
    /// characters, or with a line break or a cell separator, which a formula may follow.
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
