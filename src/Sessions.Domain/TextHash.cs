using System.Security.Cryptography;
using System.Text;

namespace Sessions.Domain;

/// <summary>Computes the SHA-256 of a text's UTF-8 bytes.</summary>
internal static class TextHash
{
    // In bytes. For a longer text, the UTF-8 bytes are allocated.
    private const int UsualLength = 512;

    /// <param name="text">The text.</param>
    /// <param name="hash">Gets the hash; <see cref="SHA256.HashSizeInBytes"/> bytes.</param>
    public static void Of(string text, Span<byte> hash)
    {
        Span<byte> room = stackalloc byte[UsualLength];
        ReadOnlySpan<byte> utf8 = Encoding.UTF8.TryGetBytes(text, room, out int length) ? room[..length] : Encoding.UTF8.GetBytes(text);
        SHA256.HashData(utf8, hash);
    }
}
