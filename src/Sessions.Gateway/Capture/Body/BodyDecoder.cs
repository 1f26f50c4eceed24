using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.IO.Compression;
using System.Text.Unicode;

namespace Sessions.Gateway.Capture.Body;

/// <summary>What a request says about its body's encoding.</summary>
/// <param name="IsForm">Whether the content type is a form's.</param>
/// <param name="Compression">The encodings named by the query's <c>compression</c> and the Content-Encoding header.</param>
internal readonly record struct BodyHints(bool IsForm, params string[] Compression);

/// <summary>
/// Undoes what SDKs do to JSON: gzip, base64 and forms, in the layers they come in. The bytes decide, not what the
/// request says of them: current browsers' SDKs send gzip as text/plain without a word, and proxies inflate a body
/// and leave its header.
/// </summary>
internal sealed class BodyDecoder(CaptureOptions options)
{
    // A form of base64 of gzip, behind a proxy that compresses: more layers are nobody's.
    private const int MaxLayers = 4;

    // A header of 10 bytes, a trailer of 8.
    private const int ShortestGzip = 18;

    private const int ScratchSize = 16 * 1024;

    private static readonly SearchValues<byte> Base64Bytes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \r\n"u8);

    private static readonly string[] Understood = ["gzip", "gzip-js", "base64", "b64", "identity", ""];

    /// <summary>The body's JSON as UTF-8. It takes over the bytes it is given.</summary>
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

        // A plus that went through a form unencoded is a space now.
        bytes = bytes.Trim("\r\n"u8);
        bytes.Replace((byte)' ', (byte)'+');
        if (Base64.DecodeFromUtf8InPlace(bytes, out int written) != OperationStatus.Done)
        {
            throw Malformed("The body looks like base64 and is not.");
        }

        bytes[..written].CopyTo(body.Written);
        body.Truncate(written);
        return true;
    }

    /// <summary>
    /// A gzip ends with the length of what is in it (SDKs send one member, so that is the length of all). So a bomb that
    /// admits it costs no memory, and one that lies about itself is found out at the first byte too many. What is paid is
    /// what comes out, not what it says.
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

        // GZipStream takes a stream that is cut off for one that ends.
        if (inflated.Length != length)
        {
            inflated.Dispose();
            throw Damaged();
        }

        compressed.Dispose();
        return inflated;
    }

    /// <summary>Inflates without keeping anything: the end of what was cut off is no length.</summary>
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

    private static CaptureRefusedException Damaged() => Malformed("The body's gzip is damaged or cut off.");

    private static void Check(ReadOnlySpan<byte> bytes, BodyHints hints)
    {
        if (bytes.IsEmpty)
        {
            throw Malformed("The body is empty.");
        }

        if (!IsJson(bytes) && hints.Compression.FirstOrDefault(IsUnknown) is string unknown)
        {
            throw Malformed($"The compression '{unknown}' is not understood; use gzip, base64 or none.");
        }

        if (!Utf8.IsValid(bytes))
        {
            throw Malformed("The body is not UTF-8.");
        }
    }

    private static bool IsUnknown(string encoding) => !Understood.Contains(encoding, StringComparer.OrdinalIgnoreCase);

    private static CaptureRefusedException Malformed(string detail) => new(CaptureRefusal.Malformed(detail));
}
