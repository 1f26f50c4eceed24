using System.Security.Cryptography;
using System.Text;

namespace Sessions.Domain;

/// <summary>The SHA-256 of a text's UTF-8.</summary>
internal static class TextHash
{
    // In bytes; of a longer text a copy is made.
    private const int UsualLength = 512;

    /// <param name="text">The text.</param>
    /// <param name="hash">Takes the hash: <see cref="SHA256.HashSizeInBytes"/>.</param>
    public static void Of(string text, Span<byte> hash)
    {
        Span<byte> room = stackalloc byte[UsualLength];
        ReadOnlySpan<byte> utf8 = Encoding.UTF8.TryGetBytes(text, room, out int length) ? room[..length] : Encoding.UTF8.GetBytes(text);
        SHA256.HashData(utf8, hash);
    }
}
