using System.Globalization;
using System.Text;

namespace Sessions.Host.Import;

/// <summary>
/// Texts as servers write them between quotes. Apache writes what is no printable ASCII as <c>\xhh</c>, some of it as
/// <c>\n</c> and its like, and <c>\"</c> and <c>\\</c>; nginx writes all of it as <c>\xHH</c>, or as JSON does.
/// A text here has one character for each byte, for a log holds what clients sent, in whatever encoding.
/// </summary>
internal static class LogText
{
    private const int HexDigits = 2;
    private const int JsonDigits = 4;

    /// <summary>Reads a text up to the quote that ends it.</summary>
    /// <param name="line">The line.</param>
    /// <param name="at">Behind the quote that begins it; afterwards behind the one that ends it.</param>
    /// <param name="text">The bytes that it stands for.</param>
    /// <returns>False when it does not end, or has an escape that no server writes.</returns>
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

    /// <summary>The bytes as text: UTF-8, with U+FFFD for what is none.</summary>
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
                // nginx writes control characters alone so.
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
