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

    private PooledBytes Inflate(PooledBytes compressed, BodyShare share)
    {
        var inflated = new PooledBytes(share, options.MaxInflatedBytes, "inflated", compressed.Length * 4L);
        try
        {
            if (compressed.Length < ShortestGzip)
            {
                throw new InvalidDataException();
            }

            using var gzip = new GZipStream(compressed.OpenRead(), CompressionMode.Decompress);
            for (int read = -1; read != 0; inflated.Advance(read))
            {
                read = gzip.Read(inflated.Room().Span);
            }

            // GZipStream takes a stream that is cut off for one that ends. What is whole ends with its length; SDKs
            // send one member, so that is the length of all.
            if (BinaryPrimitives.ReadUInt32LittleEndian(compressed.Written[^4..]) != (uint)inflated.Length)
            {
                throw new InvalidDataException();
            }
        }
        catch (Exception damaged) when (damaged is InvalidDataException or IOException)
        {
            inflated.Dispose();
            throw Malformed("The body's gzip is damaged or cut off.");
        }
        catch
        {
            inflated.Dispose();
            throw;
        }

        compressed.Dispose();
        return inflated;
    }

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
