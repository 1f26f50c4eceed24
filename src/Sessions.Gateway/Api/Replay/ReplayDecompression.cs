using System.Buffers;
using System.IO.Compression;
using System.Text.Json;

namespace Sessions.Gateway.Api.Replay;

/// <summary>
/// Undoes what posthog-js does to parts of rrweb events before it sends them (<c>cv</c>): a full snapshot's data, and of
/// changes to the page the lists in them, are gzip as a string of characters below 256. Players know nothing of it.
/// </summary>
internal static class ReplayDecompression
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = int.MaxValue };

    /// <summary>The event as rrweb made it; null when nothing is to be undone, or it can't be.</summary>
    /// <param name="json">The event: valid JSON on one line.</param>
    /// <param name="maxPart">The most bytes that one part may have inflated.</param>
    public static ReadOnlyMemory<byte>? Undo(ReadOnlySpan<byte> json, int maxPart)
    {
        if (json.IndexOf("\"cv\""u8) < 0)
        {
            return null;
        }

        try
        {
            var written = new ArrayBufferWriter<byte>(json.Length * 2);
            return TryUndo(json, maxPart, written) ? written.WrittenMemory : null;
        }
        catch (Exception damaged) when (damaged is JsonException or InvalidDataException or InvalidOperationException)
        {
            // Not what posthog-js made: whoever sent it may make sense of it.
            return null;
        }
    }

    private static bool TryUndo(ReadOnlySpan<byte> json, int maxPart, ArrayBufferWriter<byte> to)
    {
        var reader = new Utf8JsonReader(json, Options);
        reader.Read();
        bool isCompressed = false;
        bool isFirst = true;
        to.Write("{"u8);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueSpan.SequenceEqual("cv"u8))
            {
                reader.Read();
                isCompressed |= reader.TokenType == JsonTokenType.String;
                reader.Skip();
                continue;
            }

            bool isData = reader.ValueSpan.SequenceEqual("data"u8);
            Name(ref reader, json, to, isFirst);
            isFirst = false;
            reader.Read();
            if (isData && reader.TokenType == JsonTokenType.String)
            {
                Inflate(ref reader, maxPart, to);
            }
            else if (isData && reader.TokenType == JsonTokenType.StartObject)
            {
                UndoData(ref reader, json, maxPart, to);
            }
            else
            {
                Copy(ref reader, json, to);
            }
        }

        to.Write("}"u8);
        return isCompressed;
    }

    private static void UndoData(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, int maxPart, ArrayBufferWriter<byte> to)
    {
        bool isFirst = true;
        to.Write("{"u8);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> name = reader.ValueSpan;
            // The lists of a mutation, and those of a change to a style sheet.
            bool isList = name.SequenceEqual("texts"u8) || name.SequenceEqual("attributes"u8)
                || name.SequenceEqual("removes"u8) || name.SequenceEqual("adds"u8);
            Name(ref reader, json, to, isFirst);
            isFirst = false;
            reader.Read();
            if (isList && reader.TokenType == JsonTokenType.String)
            {
                Inflate(ref reader, maxPart, to);
            }
            else
            {
                Copy(ref reader, json, to);
            }
        }

        to.Write("}"u8);
    }

    private static void Name(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ArrayBufferWriter<byte> to, bool isFirst)
    {
        if (!isFirst)
        {
            to.Write(","u8);
        }

        int start = (int)reader.TokenStartIndex;
        // The name with its quotes; the colon may have spaces around it.
        to.Write(json.Slice(start, reader.ValueSpan.Length + 2));
        to.Write(":"u8);
    }

    private static void Copy(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ArrayBufferWriter<byte> to)
    {
        int start = (int)reader.TokenStartIndex;
        reader.Skip();
        to.Write(json[start..(int)reader.BytesConsumed]);
    }

    private static void Inflate(ref Utf8JsonReader reader, int maxPart, ArrayBufferWriter<byte> to)
    {
        char[] text = ArrayPool<char>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            int length = reader.CopyString(text);
            byte[] zipped = new byte[length];
            for (int i = 0; i < length; i++)
            {
                zipped[i] = text[i] <= byte.MaxValue
                    ? (byte)text[i]
                    : throw new InvalidDataException("A character is no byte.");
            }

            Inflate(zipped, maxPart, to);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(text);
        }
    }

    private static void Inflate(byte[] zipped, int maxPart, ArrayBufferWriter<byte> to)
    {
        using var gzip = new GZipStream(new MemoryStream(zipped), CompressionMode.Decompress);
        var plain = new ArrayBufferWriter<byte>(zipped.Length * 4);
        for (int read = -1; read != 0;)
        {
            read = gzip.Read(plain.GetSpan(16 * 1024));
            plain.Advance(read);
            if (plain.WrittenCount > maxPart)
            {
                throw new InvalidDataException("The part is larger than the limit.");
            }
        }

        // It goes between other lines: it must be one JSON value, and on one line.
        var check = new Utf8JsonReader(plain.WrittenSpan, Options);
        check.Read();
        check.Skip();
        if (check.Read())
        {
            throw new JsonException("The part is more than one value.");
        }

        Span<byte> part = to.GetSpan(plain.WrittenCount)[..plain.WrittenCount];
        plain.WrittenSpan.CopyTo(part);
        part.Replace((byte)'\n', (byte)' ');
        part.Replace((byte)'\r', (byte)' ');
        to.Advance(part.Length);
    }
}
