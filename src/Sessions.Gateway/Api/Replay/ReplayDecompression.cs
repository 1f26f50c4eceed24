using System.Buffers;
using System.IO.Compression;
using System.Text.Json;

namespace Sessions.Gateway.Api.Replay;

/// <summary>
/// Undoes what posthog-js does to parts of rrweb events before it sends them (<c>cv</c>): a full snapshot's data, and of
/// changes to the page the lists in them, are gzip as a string of characters below 256. Players know nothing of it.
/// One replay's events after each other take one buffer.
/// </summary>
/// <param name="maxPart">The most bytes that one part may have inflated.</param>
internal sealed class ReplayDecompression(int maxPart)
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = int.MaxValue };

    private readonly ArrayBufferWriter<byte> _written = new();

    /// <summary>
    /// The event as rrweb made it, until the next one is asked for; null when nothing is to be undone, or it can't be.
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
            // Not what posthog-js made: whoever sent it may make sense of it.
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
            // The lists of a mutation, and those of a change to a style sheet.
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
        // The name with its quotes; the colon may have spaces around it.
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
                // It goes between other lines, so it must be on one.
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

    /// <summary>Makes a byte of each character, in place; returns how many there are.</summary>
    private static int ToBytes(Span<byte> utf8)
    {
        int length = 0;
        for (int i = 0; i < utf8.Length; i++)
        {
            // Up to 0xFF a character has one byte, or two with two bits of it in the first.
            utf8[length++] = utf8[i] switch
            {
                < 0x80 => utf8[i],
                0xC2 or 0xC3 => (byte)((utf8[i] << 6) | (utf8[++i] & 0x3F)),
                _ => throw new InvalidDataException("A character is no byte."),
            };
        }

        return length;
    }
}
