using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.IO.Compression;
using System.Text.Unicode;

namespace Sessions.Capture.Body;

/// <summary>What a request's headers and query say about the encoding of its body.</summary>
/// <param name="IsForm">Whether the content type is a form's.</param>
/// <param name="Compression">The encodings named by the query's <c>compression</c> and the Content-Encoding header.</param>
internal readonly record struct BodyHints(bool IsForm, params string[] Compression);

/// <summary>
/// Decodes what SDKs do to JSON: gzip, base64 and forms, in any order of layers. The bytes decide, not the headers:
/// the SDKs in current browsers send gzip as text/plain without naming it, and proxies inflate a body and keep its
/// header.
/// </summary>
internal sealed class BodyDecoder(CaptureOptions options)
{
    // The deepest real case is a form of base64 of gzip, behind a proxy that compresses.
    private const int MaxLayers = 4;

    // A gzip header has 10 bytes, a trailer 8.
    private const int ShortestGzip = 18;

    private const int ScratchSize = 16 * 1024;

    private static readonly SearchValues<byte> Base64Bytes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \r\n"u8);

    private static readonly string[] Understood = ["gzip", "gzip-js", "base64", "b64", "identity", ""];

    /// <summary>Returns the body's JSON as UTF-8. Owns the received bytes from here on.</summary>
    /// <exception cref="CaptureRefusedException">The body is empty, damaged, too large or not UTF-8.</exception>
    public PooledBytes Decode(PooledBytes received, BodyShare share, BodyHints hints)
    {
        PooledBytes body = received;
        try
        {
            for (int layer = 0; layer < MaxLayers; layer++)
            {
                Span<byte> bytes = body.Written;
                if (IsGzip(bytes))
                {
                    body = Inflate(body, share);
                }
                else if (IsJson(bytes))
                {
                    break;
                }
                else if (layer == 0 && (hints.IsForm || bytes.StartsWith("data="u8)))
                {
                    body.Truncate(FormData.ExtractInPlace(bytes));
                }
                else if (!TryDecodeBase64(body))
                {
                    break;
                }
            }

            Check(body.Written, hints);
            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    private static bool IsGzip(ReadOnlySpan<byte> bytes) => bytes.Length >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;

    private static bool IsJson(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> start = bytes.TrimStart("\uFEFF \t\r\n"u8);
        return !start.IsEmpty && start[0] is (byte)'{' or (byte)'[';
    }

    private static bool TryDecodeBase64(PooledBytes body)
    {
        Span<byte> bytes = body.Written;
        if (bytes.IsEmpty || bytes.ContainsAnyExcept(Base64Bytes))
        {
            return false;
        }

        // A form turns an unencoded plus into a space.
        bytes = bytes.Trim("\r\n"u8);
        bytes.Replace((byte)' ', (byte)'+');
        if (Base64.DecodeFromUtf8InPlace(bytes, out int written) != OperationStatus.Done)
        {
            throw Malformed("The body looks like base64, but is not valid base64.");
        }

        bytes[..written].CopyTo(body.Written);
        body.Truncate(written);
        return true;
    }

    /// <summary>
    /// A gzip ends with the length of its content. SDKs send one member, so this is the length of the whole. A bomb
    /// that states its true length costs no memory, and one that states a smaller length fails at the first byte
    /// beyond it. The request's share pays for the bytes that come out, not for the length that the gzip states.
    /// </summary>
    private PooledBytes Inflate(PooledBytes compressed, BodyShare share)
    {
        long length = compressed.Length < ShortestGzip
            ? throw Damaged()
            : BinaryPrimitives.ReadUInt32LittleEndian(compressed.Written[^4..]);
        if (length > options.MaxInflatedBytes)
        {
            throw IsLargerThanAllowed(compressed)
                ? new CaptureRefusedException(CaptureRefusal.TooLarge($"The body exceeds {options.MaxInflatedBytes} bytes inflated."))
                : Damaged();
        }

        var inflated = new PooledBytes(share, options.MaxInflatedBytes, "inflated", length + 1);
        try
        {
            using var gzip = new GZipStream(compressed.OpenRead(), CompressionMode.Decompress);
            for (int read = -1; read != 0 && inflated.Length <= length; inflated.Advance(read))
            {
                read = gzip.Read(inflated.Room().Span);
            }
        }
        catch (Exception damaged) when (damaged is InvalidDataException or IOException)
        {
            inflated.Dispose();
            throw Damaged();
        }
        catch
        {
            inflated.Dispose();
            throw;
        }

        // GZipStream treats a truncated stream as complete.
        if (inflated.Length != length)
        {
            inflated.Dispose();
            throw Damaged();
        }

        compressed.Dispose();
        return inflated;
    }

    /// <summary>
    /// Inflates without keeping the result. A truncated gzip ends with arbitrary bytes in place of its length.
    /// </summary>
    private bool IsLargerThanAllowed(PooledBytes compressed)
    {
        Span<byte> scratch = stackalloc byte[ScratchSize];
        long inflated = 0;
        try
        {
            using var gzip = new GZipStream(compressed.OpenRead(), CompressionMode.Decompress);
            for (int read = -1; read != 0 && inflated <= options.MaxInflatedBytes; inflated += read)
            {
                read = gzip.Read(scratch);
            }
        }
        catch (Exception damaged) when (damaged is InvalidDataException or IOException)
        {
            return false;
        }

        return inflated > options.MaxInflatedBytes;
    }

    private static CaptureRefusedException Damaged() => Malformed("The body's gzip is damaged or incomplete.");

    private static void Check(ReadOnlySpan<byte> bytes, BodyHints hints)
    {
        if (bytes.IsEmpty)
        {
            throw Malformed("The body is empty.");
        }

        if (!IsJson(bytes) && hints.Compression.FirstOrDefault(IsUnknown) is string unknown)
        {
            throw Malformed($"The compression '{unknown}' is not supported. Use gzip, base64 or none.");
        }

        if (!Utf8.IsValid(bytes))
        {
            throw Malformed("The body is not UTF-8.");
        }
    }

    private static bool IsUnknown(string encoding) => !Understood.Contains(encoding, StringComparer.OrdinalIgnoreCase);

    private static CaptureRefusedException Malformed(string detail) => new(CaptureRefusal.Malformed(detail));
}
