using System.Buffers.Binary;
using System.Text;

namespace Sessions.Domain;

/// <summary>
/// Texts that events say over and over (browsers, pages, sources), each made once: what a session keeps of its events is
/// then shared with all sessions that say the same. It remembers as many texts as it has places and never more bytes than
/// <see cref="MaxLength"/> for each; a text whose place is taken takes it over.
/// </summary>
internal static class SharedText
{
    /// <summary>Longer texts are made each time, in bytes.</summary>
    private const int MaxLength = 256;

    private const int Places = 4_096;

    // Written and read by many threads at once: a reference is there or not, and what is read is compared.
    private static readonly string?[] Texts = new string?[Places];

    /// <summary>The text in these bytes, when it is known; else null.</summary>
    /// <param name="utf8">Text that is not escaped.</param>
    /// <param name="place">Where <see cref="Remember"/> is to put it.</param>
    public static string? Find(ReadOnlySpan<byte> utf8, out int place)
    {
        if (utf8.Length > MaxLength)
        {
            place = -1;
            return null;
        }

        place = (int)(HashOf(utf8) >> 52);
        // True for ASCII only: other text is never found, and stays correct.
        return Texts[place] is { } text && Ascii.Equals(utf8, text) ? text : null;
    }

    public static string Remember(string text, int place)
    {
        if (place >= 0)
        {
            Texts[place] = text;
        }

        return text;
    }

    private static ulong HashOf(ReadOnlySpan<byte> utf8)
    {
        const ulong Spread = 0x9E3779B97F4A7C15;
        ulong hash = (ulong)utf8.Length;
        while (utf8.Length >= sizeof(ulong))
        {
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(utf8)) * Spread;
            hash ^= hash >> 32;
            utf8 = utf8[sizeof(ulong)..];
        }

        foreach (byte one in utf8)
        {
            hash = (hash ^ one) * Spread;
        }

        // The high bits, which are the best mixed, choose the place.
        return (hash ^ (hash >> 32)) * Spread;
    }
}
