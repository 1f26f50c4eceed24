using System.Text.Json;

namespace Sessions.Domain.Replay;

/// <summary>Reads <see cref="ReplayFacts"/> from an rrweb event in one pass over its JSON.</summary>
public static class ReplayFactsReader
{
    /// <summary>The longest URL that is kept, in characters.</summary>
    public const int MaxHrefLength = 4_096;

    /// <summary>The latest time an event may have: the last millisecond of year 9999.</summary>
    public const long MaxTimeMs = 253_402_300_799_999;

    // A page's tree may be nested deeply. The reader needs only one bit for each level.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = int.MaxValue };

    /// <summary>Reads the facts. False when the bytes are not a JSON object, or have no time after 1970.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, out ReplayFacts facts)
    {
        try
        {
            var reader = new Utf8JsonReader(json, Options);
            reader.Read();
            return TryRead(ref reader, out facts);
        }
        catch (JsonException)
        {
            facts = default;
            return false;
        }
    }

    /// <summary>
    /// Reads the facts of the reader's current value. Afterwards the reader is at the value's last token.
    /// </summary>
    /// <exception cref="JsonException">The value is not valid JSON.</exception>
    public static bool TryRead(ref Utf8JsonReader reader, out ReplayFacts facts)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            facts = default;
            return false;
        }

        long? time = null;
        int type = -1;
        bool isCompressed = false;
        var data = new DataFacts();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (Is(ref reader, "timestamp"u8))
            {
                reader.Read();
                time = Time(ref reader);
            }
            else if (Is(ref reader, "type"u8))
            {
                reader.Read();
                type = Whole(ref reader);
            }
            else if (Is(ref reader, "data"u8))
            {
                reader.Read();
                data = ReadData(ref reader);
            }
            else
            {
                isCompressed |= Is(ref reader, "cv"u8);
                reader.Read();
                reader.Skip();
            }
        }

        // posthog-js compresses the document of a page to a text.
        data.HasDocument |= data.IsText && isCompressed;
        facts = time is { } ms ? data.ToFacts(ms, type) : default;
        return time is not null;
    }

    private static DataFacts ReadData(ref Utf8JsonReader reader)
    {
        var data = new DataFacts();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            data.IsText = reader.TokenType == JsonTokenType.String;
            reader.Skip();
            return data;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (Is(ref reader, "source"u8))
            {
                reader.Read();
                data.Source = Whole(ref reader);
            }
            else if (Is(ref reader, "type"u8))
            {
                reader.Read();
                data.Interaction = Whole(ref reader);
            }
            else if (Is(ref reader, "href"u8))
            {
                reader.Read();
                data.Href = Text(ref reader);
            }
            else if (Is(ref reader, "tag"u8))
            {
                reader.Read();
                data.IsPageTag = reader.TokenType == JsonTokenType.String
                    && (Is(ref reader, "$pageview"u8) || Is(ref reader, "$url_changed"u8));
                reader.Skip();
            }
            else if (Is(ref reader, "plugin"u8))
            {
                reader.Read();
                data.IsConsole = reader.TokenType == JsonTokenType.String && Is(ref reader, "rrweb/console@1"u8);
                reader.Skip();
            }
            else if (Is(ref reader, "payload"u8))
            {
                reader.Read();
                ReadPayload(ref reader, ref data);
            }
            else if (Is(ref reader, "node"u8))
            {
                reader.Read();
                data.HasDocument = HasChildren(ref reader);
            }
            else if (Is(ref reader, "wireframes"u8))
            {
                reader.Read();
                data.HasWireframes = reader.TokenType == JsonTokenType.StartArray;
                reader.Skip();
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return data;
    }

    /// <summary>Whether a player can build the document of a full snapshot's node.</summary>
    private static bool HasChildren(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }

        bool has = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isChildren = Is(ref reader, "childNodes"u8);
            reader.Read();
            has |= isChildren && reader.TokenType == JsonTokenType.StartArray;
            reader.Skip();
        }

        return has;
    }

    private static void ReadPayload(ref Utf8JsonReader reader, ref DataFacts data)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (Is(ref reader, "href"u8))
            {
                reader.Read();
                data.PayloadHref = Text(ref reader);
            }
            else if (Is(ref reader, "level"u8))
            {
                reader.Read();
                data.Level = Level(ref reader);
                reader.Skip();
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    private static ConsoleLevel Level(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return ConsoleLevel.Log;
        }

        if (Is(ref reader, "warn"u8) || Is(ref reader, "countReset"u8))
        {
            return ConsoleLevel.Warn;
        }

        return Is(ref reader, "error"u8) || Is(ref reader, "assert"u8) ? ConsoleLevel.Error : ConsoleLevel.Log;
    }

    // The relevant names and words are never escaped in practice. An escaped one may contain half of a surrogate pair.
    private static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> text) =>
        !reader.ValueIsEscaped && reader.ValueSpan.SequenceEqual(text);

    private static long? Time(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.Number)
        {
            reader.Skip();
            return null;
        }

        double ms = reader.TryGetDouble(out double number) ? Math.Floor(number) : 0;
        return ms is >= 1 and <= MaxTimeMs ? (long)ms : null;
    }

    private static int Whole(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return reader.TryGetInt32(out int whole) ? whole : -1;
        }

        reader.Skip();
        return -1;
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return null;
        }

        try
        {
            string text = IdText.Cut(reader.GetString()!.Trim(), MaxHrefLength);
            return text.Length == 0 || text.Contains('\0', StringComparison.Ordinal) ? null : text;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is not valid text.
            return null;
        }
    }

    private record struct DataFacts()
    {
        public int Source { get; set; } = -1;

        public int Interaction { get; set; } = -1;

        public string? Href { get; set; }

        public string? PayloadHref { get; set; }

        public bool IsPageTag { get; set; }

        public bool IsConsole { get; set; }

        public ConsoleLevel Level { get; set; }

        public bool IsText { get; set; }

        public bool HasDocument { get; set; }

        public bool HasWireframes { get; set; }

        public readonly ReplayFacts ToFacts(long timeMs, int type) => new(
            timeMs,
            type,
            Source,
            Interaction,
            type == 6 && IsConsole ? (Level == ConsoleLevel.None ? ConsoleLevel.Log : Level) : ConsoleLevel.None,
            type switch { 4 => Href, 5 when IsPageTag => PayloadHref, _ => null },
            type != 2 ? PictureKind.None
                : HasDocument ? PictureKind.Web
                : HasWireframes ? PictureKind.Mobile
                : PictureKind.Unknown);
    }
}
