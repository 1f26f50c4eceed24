using System.Security.Cryptography;
using System.Text;

namespace Sessions.Run.Import;

/// <summary>The result of reading an entry.</summary>
/// <param name="Event">The event as capture accepts it: JSON in UTF-8; empty when the entry has none.</param>
/// <param name="Time">When it happened.</param>
/// <param name="Skipped">Why the entry gives no event; null when it gives one.</param>
internal readonly record struct ImportedLine(ReadOnlyMemory<byte> Event, DateTimeOffset Time, string? Skipped)
{
    /// <summary>An entry without an event.</summary>
    public static ImportedLine Skip(string why) => new(default, default, why);
}

/// <summary>Reads the event of an entry.</summary>
internal delegate ImportedLine ReadEntry(FileEntry entry);

/// <summary>
/// Derives ids from content, so that an entry gets the same id when it is imported again, from any file.
/// </summary>
internal static class ImportIds
{
    /// <summary>A hash of an entry's content.</summary>
    public static Guid ContentOf(ReadOnlySpan<byte> text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, hash);
        return new Guid(hash[..16]);
    }

    /// <summary>
    /// The id of an event that names none: derived from its content, and from the number of equal ones before it.
    /// </summary>
    /// <param name="content">The result of <see cref="ContentOf"/>.</param>
    /// <param name="number">1 for the first with this content.</param>
    public static Guid Of(Guid content, int number)
    {
        Span<byte> said = stackalloc byte[20];
        content.TryWriteBytes(said);
        BitConverter.TryWriteBytes(said[16..], number);
        Span<byte> id = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(said, id);
        // Version 5: a UUID derived from a name.
        id[6] = (byte)((id[6] & 0x0F) | 0x50);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id[..16], bigEndian: true);
    }

    /// <summary>
    /// The id of a visitor of whom only address and browser are known. Without the key the address can't be found from
    /// it.
    /// </summary>
    public static string Visitor(byte[] key, string address, string userAgent) =>
        "log-" + Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{address}\n{userAgent}")).AsSpan(0, 16));
}
