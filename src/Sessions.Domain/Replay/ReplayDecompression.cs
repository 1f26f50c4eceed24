using System.Buffers;
using System.IO.Compression;
using System.Text.Json;

namespace Sessions.Domain.Replay;

/// <summary>
/// Decompresses the parts of rrweb events that posthog-js compresses before it sends them (<c>cv</c>): the data of a
/// full snapshot, and the lists in changes of the page. They are gzip, written as a string of characters below 256,
/// which players can't read. The events of one replay share one buffer.
/// </summary>
/// <param name="maxPart">The most bytes of one decompressed part.</param>
public sealed class ReplayDecompression(int maxPart)
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = int.MaxValue };

    private readonly ArrayBufferWriter<byte> _written = new();

    /// <summary>
    /// Returns the event as rrweb made it, valid until the next call; null when it has no compressed part, or one that
    /// can't be decompressed.
    /// </summary>
    /// <param name="json">The event: valid JSON on one line.</param>
    public ReadOnlyMemory<byte>? Undo(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("\"cv\""u8) < 0)
        {
            return null;
        }

        try
        {
            _written.ResetWrittenCount();
            return TryUndo(json) ? _written.WrittenMemory : null;
        }
        catch (Exception damaged) when (damaged is JsonException or InvalidDataException or InvalidOperationException)
        {
            // posthog-js did not write this. The caller gets it unchanged and may understand it.
            return null;
        }
    }

    private bool TryUndo(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Options);
        reader.Read();
        bool isCompressed = false;
        bool isFirst = true;
        _written.Write("{"u8);
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
            Name(ref reader, json, isFirst);
            isFirst = false;
            reader.Read();
            if (isData && reader.TokenType == JsonTokenType.String)
            {
                Inflate(ref reader);
            }
            else if (isData && reader.TokenType == JsonTokenType.StartObject)
            {
                UndoData(ref reader, json);
            }
            else
            {
                Copy(ref reader, json);
            }
        }

        _written.Write("}"u8);
        return isCompressed;
    }

    private void UndoData(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        bool isFirst = true;
        _written.Write("{"u8);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> name = reader.ValueSpan;
            // The lists of a mutation, and those of a change of a style sheet.
            bool isList = name.SequenceEqual("texts"u8) || name.SequenceEqual("attributes"u8)
                || name.SequenceEqual("removes"u8) || name.SequenceEqual("adds"u8);
            Name(ref reader, json, isFirst);
            isFirst = false;
            reader.Read();
            if (isList && reader.TokenType == JsonTokenType.String)
            {
                Inflate(ref reader);
            }
            else
            {
                Copy(ref reader, json);
            }
        }

        _written.Write("}"u8);
    }

    private void Name(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, bool isFirst)
    {
        if (!isFirst)
        {
            _written.Write(","u8);
        }

        int start = (int)reader.TokenStartIndex;
        // The name with its quotes. The colon may have spaces around it.
        _written.Write(json.Slice(start, reader.ValueSpan.Length + 2));
        _written.Write(":"u8);
    }

    private void Copy(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        int start = (int)reader.TokenStartIndex;
        reader.Skip();
        _written.Write(json[start..(int)reader.BytesConsumed]);
    }

    private void Inflate(ref Utf8JsonReader reader)
    {
        byte[] zipped = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            int length = ToBytes(zipped.AsSpan(0, reader.CopyString(zipped)));
            using var gzip = new GZipStream(new MemoryStream(zipped, 0, length), CompressionMode.Decompress);
            int start = _written.WrittenCount;
            for (int read = -1; read != 0;)
            {
                Span<byte> room = _written.GetSpan(16 * 1024);
                read = gzip.Read(room);
                // The line break is replaced, because each event must be on one line.
                room[..read].Replace((byte)'\n', (byte)' ');
                room[..read].Replace((byte)'\r', (byte)' ');
                _written.Advance(read);
                if (_written.WrittenCount - start > maxPart)
                {
                    throw new InvalidDataException("The part is larger than the limit.");
                }
            }

            var check = new Utf8JsonReader(_written.WrittenSpan[start..], Options);
            check.Read();
            check.Skip();
            if (check.Read())
            {
                throw new JsonException("The part is more than one value.");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(zipped);
        }
    }

    /// <summary>Converts each character to a byte, in place; returns the number of bytes.</summary>
    private static int ToBytes(Span<byte> utf8)
    {
        int length = 0;
        for (int i = 0; i < utf8.Length; i++)
        {
            // A character up to 0xFF has one byte in UTF-8, or two, the first of which holds two of its bits.
            utf8[length++] = utf8[i] switch
            {
                < 0x80 => utf8[i],
                0xC2 or 0xC3 => (byte)((utf8[i] << 6) | (utf8[++i] & 0x3F)),
                _ => throw new InvalidDataException("A character is not a byte."),
            };
        }

        return length;
    }
}
