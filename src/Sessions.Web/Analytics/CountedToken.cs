using System.Buffers.Binary;
using System.Buffers.Text;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sessions.Web.Analytics;

/// <summary>
/// A number of an answer as a text that callers send back to list the sessions behind it. It describes itself, so any
/// gateway can read it at any time. It gives no right: what it says is checked like a query, and only the caller's own
/// project is asked. Its check sum includes the project, so that a token of another project, or one that was changed on its
/// way, is noticed.
/// </summary>
internal static class CountedToken
{
    /// <summary>The longest first part, in characters. Servers and browsers limit the length of an address.</summary>
    public const int MaxHead = 24_000;

    // What is read is not longer than what was written.
    private const int MaxJson = 512 * 1024;
    private const int SumBytes = 9;
    private const int Quality = 5;
    private const int Window = 18;

    /// <summary>The part that all tokens of a line have in common; null when it is too long for an address.</summary>
    public static string? Head(CountedJson counted)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(counted, CountedJsonContext.Short.CountedJson);
        byte[] packed = new byte[BrotliEncoder.GetMaxCompressedLength(json.Length)];
        return json.Length <= MaxJson
            && BrotliEncoder.TryCompress(json, packed, out int length, Quality, Window)
            && Base64Url.GetEncodedLength(length) <= MaxHead
                ? Base64Url.EncodeToString(packed.AsSpan(0, length))
                : null;
    }

    /// <summary>The token of a number.</summary>
    /// <param name="project">The project.</param>
    /// <param name="head">What is counted.</param>
    /// <param name="from">The start of the range in which it is counted.</param>
    /// <param name="to">The end of the range, exclusive.</param>
    public static string Of(string project, string head, DateTimeOffset from, DateTimeOffset to)
    {
        Span<byte> range = stackalloc byte[2 * sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(range, from.UtcTicks);
        BinaryPrimitives.WriteInt64BigEndian(range[sizeof(long)..], to.UtcTicks);
        string body = $"{head}.{Base64Url.EncodeToString(range)}";
        return $"{body}.{Sum(project, body)}";
    }

    /// <summary>Reads a token; null when the text is none, or is one of another project.</summary>
    public static (CountedJson Counted, DateTimeOffset From, DateTimeOffset To)? Read(string project, string token)
    {
        if (token.Split('.') is not [var head, var range, var sum] || sum != Sum(project, $"{head}.{range}"))
        {
            return null;
        }

        try
        {
            byte[] times = Base64Url.DecodeFromChars(range);
            byte[] json = new byte[MaxJson];
            return times.Length == 2 * sizeof(long)
                && BrotliDecoder.TryDecompress(Base64Url.DecodeFromChars(head), json, out int length)
                && JsonSerializer.Deserialize(json.AsSpan(0, length), CountedJsonContext.Short.CountedJson) is { Series: not null } counted
                    ? (counted, Time(times), Time(times.AsSpan(sizeof(long))))
                    : null;
        }
        catch (Exception malformed) when (malformed is JsonException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static DateTimeOffset Time(ReadOnlySpan<byte> ticks) => new(BinaryPrimitives.ReadInt64BigEndian(ticks), TimeSpan.Zero);

    private static string Sum(string project, string body) =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($"{project}\n{body}")).AsSpan(0, SumBytes));
}
