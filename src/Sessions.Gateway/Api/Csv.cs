using System.Buffers;
using System.Text;

namespace Sessions.Gateway.Api;

/// <summary>Lines of CSV (RFC 4180). Null is empty; an empty text is quoted, so that the two can be told apart.</summary>
internal static class Csv
{
    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n");

    public static void AppendLine(StringBuilder line, IEnumerable<string?> values)
    {
        bool isFirst = true;
        foreach (string? value in values)
        {
            if (!isFirst)
            {
                line.Append(',');
            }

            isFirst = false;
            Append(line, value);
        }

        line.Append("\r\n");
    }

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
}
