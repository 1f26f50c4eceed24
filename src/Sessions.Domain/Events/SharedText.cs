using System.Buffers.Binary;
using System.Text;

namespace Sessions.Domain.Events;

/// <summary>
/// A cache of short texts that many events have in common (browsers, pages, sources), so that sessions share the
/// strings. It has a fixed number of places and keeps only texts of at most <see cref="MaxLength"/> bytes. A new text
/// replaces the text at its place.
/// </summary>
internal static class SharedText
{
    /// <summary>The longest cached text, in bytes. Longer texts are allocated each time.</summary>
    private const int MaxLength = 256;

    private const int Places = 4_096;

    // Many threads read and write without a lock. That is safe, because references are written atomically and every
    // text that is found is compared.
    private static readonly string?[] Texts = new string?[Places];

    /// <summary>The cached text of these bytes; null when it is not in the cache.</summary>
    /// <param name="utf8">The bytes of a text without escapes.</param>
    /// <param name="place">The place for <see cref="Remember"/>.</param>
    public static string? Find(ReadOnlySpan<byte> utf8, out int place)
    {
        if (utf8.Length > MaxLength)
        {
            place = -1;
            return null;
        }

        place = (int)(HashOf(utf8) >> 52);
        // Compares ASCII only. Other text is never found, and is allocated each time.
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

    /// <summary>The cached text with the same characters; else remembers this one.</summary>
    public static string Share(string text)
    {
        Span<byte> room = stackalloc byte[MaxLength];
        return Encoding.UTF8.TryGetBytes(text, room, out int length)
            ? Find(room[..length], out int place) ?? Remember(text, place)
            : text;
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

        // The high bits are mixed best, so they choose the place.
        return (hash ^ (hash >> 32)) * Spread;
    }
}
