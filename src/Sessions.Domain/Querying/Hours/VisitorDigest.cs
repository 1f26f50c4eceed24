using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Sessions.Domain.Querying.Hours;

/// <summary>
/// The digest of a distinct id: 128 bits of its SHA-256. All digests have the same length, and two ids practically
/// never share one.
/// </summary>
public static class VisitorDigest
{
    /// <summary>The size of a digest in bytes.</summary>
    public const int Size = 16;

    /// <summary>Computes the digest of an id.</summary>
    public static UInt128 Of(string distinctId)
    {
        int most = Encoding.UTF8.GetMaxByteCount(distinctId.Length);
        Span<byte> text = most <= 1024 ? stackalloc byte[most] : new byte[most];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..Encoding.UTF8.GetBytes(distinctId, text)], hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
