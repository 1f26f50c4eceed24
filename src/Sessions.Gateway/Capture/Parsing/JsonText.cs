using System.Buffers.Text;
using System.Text;

namespace Sessions.Gateway.Capture.Parsing;

/// <summary>
/// Reads the inside of a JSON string into text that can go anywhere: no NUL and no lone surrogates, which JSON allows
/// as escapes, .NET's reader refuses to read, and Postgres to store.
/// </summary>
internal static class JsonText
{
    private const char Replacement = '\uFFFD';
    private const int MaxInvisible = 10 * IdText.MaxLength;

    /// <summary>The text, cut to a number of characters but not through the middle of a pair.</summary>
    /// <param name="raw">What stands between the quotes: valid JSON.</param>
    /// <param name="isEscaped">Whether there are backslashes in it.</param>
    /// <param name="maxChars">The most characters (UTF-16) of the result.</param>
    public static string Read(ReadOnlySpan<byte> raw, bool isEscaped, int maxChars)
    {
        string text = isEscaped ? Unescape(raw, maxChars) : Encoding.UTF8.GetString(Head(raw, maxChars));
        return IdText.Cut(text, maxChars);
    }

    /// <summary>An id or a name as it is stored: see <see cref="IdText"/>. Null when it is blank.</summary>
    /// <param name="raw">What stands between the quotes: valid JSON.</param>
    /// <param name="isEscaped">Whether there are backslashes in it.</param>
    public static string? ReadId(ReadOnlySpan<byte> raw, bool isEscaped)
    {
        string text = Read(raw, isEscaped, IdText.MaxLength);
        // What is taken off its beginning makes room for more of its end. An id behind more than that is blank.
        return text.Length > 0 && IdText.IsInvisible(text[0])
            ? IdText.Stored(Read(raw, isEscaped, MaxInvisible))
            : IdText.Stored(text);
    }

    /// <summary>The code unit of a <c>\uXXXX</c>, given its four digits.</summary>
    public static char CodeUnit(ReadOnlySpan<byte> digits) =>
        Utf8Parser.TryParse(digits, out ushort unit, out _, 'X') ? (char)unit : Replacement;

    // No character has more than three bytes for each UTF-16 unit; the rest of a long text need not be looked at.
    private static ReadOnlySpan<byte> Head(ReadOnlySpan<byte> raw, int maxChars) =>
        raw.Length > (maxChars + 2) * 3 ? raw[..((maxChars + 2) * 3)] : raw;

    private static string Unescape(ReadOnlySpan<byte> raw, int maxChars)
    {
        var text = new StringBuilder();
        while (!raw.IsEmpty && text.Length <= maxChars)
        {
            int plain = raw.IndexOf((byte)'\\');
            ReadOnlySpan<byte> run = plain < 0 ? raw : raw[..plain];
            text.Append(Encoding.UTF8.GetString(Head(run, maxChars)));
            raw = raw[run.Length..];
            if (raw.Length < 2)
            {
                break;
            }

            int length = raw[1] == 'u' ? 6 : 2;
            text.Append(raw[1] switch
            {
                (byte)'u' => CodeUnit(raw[2..6]),
                (byte)'n' => '\n',
                (byte)'t' => '\t',
                (byte)'r' => '\r',
                (byte)'b' => '\b',
                (byte)'f' => '\f',
                byte itself => (char)itself,
            });
            raw = raw[length..];
        }

        return Repaired(text);
    }

    private static string Repaired(StringBuilder text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (text[i] == '\0' || char.IsSurrogate(text[i]))
            {
                text[i] = Replacement;
            }
        }

        return text.ToString();
    }
}
