using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Sessions.Domain.Querying.Hours;

/// <summary>A distinct id as 128 bits of its SHA-256: of one length, and two ids never share one.</summary>
public static class VisitorDigest
{
    /// <summary>How many bytes a digest has.</summary>
    public const int Size = 16;

    /// <summary>The digest of an id.</summary>
    public static UInt128 Of(string distinctId)
    {
        int most = Encoding.UTF8.GetMaxByteCount(distinctId.Length);
        Span<byte> text = most <= 1024 ? stackalloc byte[most] : new byte[most];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..Encoding.UTF8.GetBytes(distinctId, text)], hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
