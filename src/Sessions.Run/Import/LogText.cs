using System.Globalization;
using System.Text;

namespace Sessions.Run.Import;

/// <summary>
/// Reads texts that servers write between quotes. Apache writes characters other than printable ASCII as <c>\xhh</c>
/// or as <c>\n</c> and the like, and <c>\"</c> and <c>\\</c>. nginx writes all of them as <c>\xHH</c>, or as JSON
/// does. Texts here have one character for each byte, because a log contains what clients sent, in any encoding.
/// </summary>
internal static class LogText
{
    private const int HexDigits = 2;
    private const int JsonDigits = 4;

    /// <summary>Reads a text up to the quote that ends it.</summary>
    /// <param name="line">The line.</param>
    /// <param name="at">The position after the opening quote; on return the position after the closing one.</param>
    /// <param name="text">The decoded bytes.</param>
    /// <returns>False when the closing quote is missing, or when an escape is one that no server writes.</returns>
    public static bool TryReadQuoted(string line, ref int at, out string text)
    {
        text = "";
        int end = line.AsSpan(at).IndexOfAny('"', '\\');
        if (end >= 0 && line[at + end] == '"')
        {
            text = line.Substring(at, end);
            at += end + 1;
            return true;
        }

        var unescaped = new StringBuilder();
        while (at < line.Length && line[at] != '"')
        {
            if (line[at] != '\\')
            {
                unescaped.Append(line[at++]);
            }
            else if (TryReadEscape(line, ref at, out char one))
            {
                unescaped.Append(one);
            }
            else
            {
                return false;
            }
        }

        text = unescaped.ToString();
        return at++ < line.Length;
    }

    /// <summary>Decodes the bytes as UTF-8, with U+FFFD for invalid ones.</summary>
    public static string ToText(string bytes) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(bytes));

    private static bool TryReadEscape(string line, ref int at, out char one)
    {
        one = default;
        if (at + 1 >= line.Length)
        {
            return false;
        }

        char kind = line[at + 1];
        at += 2;
        switch (kind)
        {
            case 'x':
                return TryReadHex(line, ref at, HexDigits, out one);
            case 'u':
                // nginx writes only control characters this way.
                return TryReadHex(line, ref at, JsonDigits, out one) && one < ' ';
            default:
                int which = "\\\"nrtbvf".IndexOf(kind, StringComparison.Ordinal);
                one = which < 0 ? default : "\\\"\n\r\t\b\v\f"[which];
                return which >= 0;
        }
    }

    private static bool TryReadHex(string line, ref int at, int digits, out char one)
    {
        one = default;
        if (at + digits > line.Length
            || !ushort.TryParse(line.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort value))
        {
            return false;
        }

        at += digits;
        one = (char)value;
        return true;
    }
}
