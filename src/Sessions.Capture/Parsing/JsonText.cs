using System.Buffers.Text;
using System.Text;

namespace Sessions.Capture.Parsing;

/// <summary>
/// Reads the content of a JSON string into text without NUL and lone surrogates. JSON allows both as escapes, but
/// .NET's reader refuses to read them and Postgres to store them.
/// </summary>
internal static class JsonText
{
    private const char Replacement = '\uFFFD';
    private const int MaxInvisible = 10 * IdText.MaxLength;

    /// <summary>
    /// The text, cut to a number of characters, but never between the two halves of a surrogate pair.
    /// </summary>
    /// <param name="raw">The bytes between the quotes: valid JSON.</param>
    /// <param name="isEscaped">Whether the bytes contain backslashes.</param>
    /// <param name="maxChars">The most characters (UTF-16) of the result.</param>
    public static string Read(ReadOnlySpan<byte> raw, bool isEscaped, int maxChars)
    {
        string text = isEscaped ? Unescape(raw, maxChars) : Encoding.UTF8.GetString(Head(raw, maxChars));
        return IdText.Cut(text, maxChars);
    }

    /// <summary>An id or a name in its stored form: see <see cref="IdText"/>. Null when it is blank.</summary>
    /// <param name="raw">The bytes between the quotes: valid JSON.</param>
    /// <param name="isEscaped">Whether the bytes contain backslashes.</param>
    public static string? ReadId(ReadOnlySpan<byte> raw, bool isEscaped)
    {
        string text = Read(raw, isEscaped, IdText.MaxLength);
        // Characters that are removed at the beginning make room for more at the end. An id that begins after these is
        // blank.
        return text.Length > 0 && IdText.IsInvisible(text[0])
            ? IdText.Stored(Read(raw, isEscaped, MaxInvisible))
            : IdText.Stored(text);
    }

    /// <summary>The code unit of a <c>\uXXXX</c>, from its four digits.</summary>
    public static char CodeUnit(ReadOnlySpan<byte> digits) =>
        Utf8Parser.TryParse(digits, out ushort unit, out _, 'X') ? (char)unit : Replacement;

    // A UTF-16 unit has at most three bytes in UTF-8, so the rest of a long text need not be read.
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
