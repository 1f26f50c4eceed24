using System.Security.Cryptography;
using System.Text;

namespace Sessions.Host.Import;

/// <summary>What an entry of an imported file is.</summary>
/// <param name="Event">The event as capture takes it: JSON in UTF-8; nothing when there is none in the entry.</param>
/// <param name="Time">When it happened.</param>
/// <param name="Skipped">Why there is no event in the entry; null when there is one.</param>
internal readonly record struct ImportedLine(ReadOnlyMemory<byte> Event, DateTimeOffset Time, string? Skipped)
{
    /// <summary>An entry without an event.</summary>
    public static ImportedLine Skip(string why) => new(default, default, why);
}

/// <summary>Makes of an entry what it is.</summary>
internal delegate ImportedLine ReadEntry(FileEntry entry);

/// <summary>Ids that an entry has again when it is imported again, out of whichever file.</summary>
internal static class ImportIds
{
    /// <summary>A hash of what an entry says.</summary>
    public static Guid ContentOf(ReadOnlySpan<byte> text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, hash);
        return new Guid(hash[..16]);
    }

    /// <summary>The id of an event that names none: of what it says, and how many such there were before it.</summary>
    /// <param name="content">What <see cref="ContentOf"/> made of it.</param>
    /// <param name="number">1 for the first that says this.</param>
    public static Guid Of(Guid content, int number)
    {
        Span<byte> said = stackalloc byte[20];
        content.TryWriteBytes(said);
        BitConverter.TryWriteBytes(said[16..], number);
        Span<byte> id = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(said, id);
        // A UUID that is made of a name.
        id[6] = (byte)((id[6] & 0x0F) | 0x50);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id[..16], bigEndian: true);
    }

    /// <summary>A visitor of whom only address and browser are known. Whoever lacks the key can't get back to the address.</summary>
    public static string Visitor(byte[] key, string address, string userAgent) =>
        "log-" + Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{address}\n{userAgent}")).AsSpan(0, 16));
}
