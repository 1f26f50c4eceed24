using System.Text.Json;

namespace Sessions.Web.Replay;

/// <summary>The size of a recorded window, in its own pixels.</summary>
internal readonly record struct ViewportSize(double Width, double Height)
{
    /// <summary>The most likely size of a window whose size is unknown.</summary>
    public static ViewportSize Usual { get; } = new(1280, 720);

    /// <summary>More pixels than a screen has. Browsers show nothing of a frame that is much larger.</summary>
    private const double MaxPixels = 20_000;

    /// <summary>Whether a player can show the window. A hidden tab reports the size zero.</summary>
    public bool IsShown => Width is > 0 and <= MaxPixels && Height is > 0 and <= MaxPixels;
}

/// <summary>
/// What an rrweb event says about the size of its window, and whether a player needs a size to show it.
/// </summary>
/// <param name="Kind">Its kind, with regard to sizes.</param>
/// <param name="Size">The size in it; zero for none.</param>
/// <param name="TimeMs">Its time as sent, in the client's time.</param>
internal readonly record struct SizedEvent(SizedKind Kind, ViewportSize Size, double TimeMs)
{
    private const int FullSnapshot = 2;
    private const int Incremental = 3;
    private const int Meta = 4;
    private const int ViewportResize = 4;

    // A page's tree may be nested deeply. The reader needs one bit for each level.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = int.MaxValue };

    /// <summary>Reads an event. An event of another kind, or a damaged one, is <see cref="SizedKind.Other"/>.</summary>
    /// <param name="line">The event, with its compressed parts decompressed.</param>
    public static SizedEvent Read(ReadOnlySpan<byte> line)
    {
        try
        {
            return ReadEvent(line);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static SizedEvent ReadEvent(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line, Options);
        int type = 0;
        double time = 0;
        var data = default(DataShape);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueSpan.SequenceEqual("type"u8))
            {
                reader.Read();
                type = (int)Number(ref reader);
            }
            else if (reader.ValueSpan.SequenceEqual("timestamp"u8))
            {
                reader.Read();
                time = Number(ref reader);
            }
            else if (reader.ValueSpan.SequenceEqual("data"u8))
            {
                reader.Read();
                data = ReadData(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        SizedKind kind = type switch
        {
            Meta when data.IsObject => SizedKind.Size,
            Incremental when data.Source == ViewportResize => SizedKind.Size,
            FullSnapshot when data is { HasTree: true, HasWireframes: false } => SizedKind.Picture,
            _ => SizedKind.Other,
        };
        return new SizedEvent(kind, data.Size, time);
    }

    private static DataShape ReadData(ref Utf8JsonReader reader)
    {
        var data = default(DataShape);
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return data;
        }

        data.IsObject = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> name = reader.ValueSpan;
            if (name.SequenceEqual("source"u8))
            {
                reader.Read();
                data.Source = (int)Number(ref reader);
            }
            else if (name.SequenceEqual("width"u8))
            {
                reader.Read();
                data.Size = data.Size with { Width = Number(ref reader) };
            }
            else if (name.SequenceEqual("height"u8))
            {
                reader.Read();
                data.Size = data.Size with { Height = Number(ref reader) };
            }
            else if (name.SequenceEqual("node"u8))
            {
                reader.Read();
                data.HasTree = HasChildren(ref reader);
            }
            else
            {
                data.HasWireframes |= name.SequenceEqual("wireframes"u8);
                reader.Read();
                reader.Skip();
            }
        }

        return data;
    }

    /// <summary>Whether a player can build the tree of a snapshot's node.</summary>
    private static bool HasChildren(ref Utf8JsonReader reader)
    {
        bool has = false;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return has;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isChildren = reader.ValueSpan.SequenceEqual("childNodes"u8);
            reader.Read();
            has |= isChildren && reader.TokenType == JsonTokenType.StartArray;
            reader.Skip();
        }

        return has;
    }

    /// <summary>Reads a number; 0 for any other value.</summary>
    private static double Number(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out double number) && double.IsFinite(number))
        {
            return number;
        }

        reader.Skip();
        return 0;
    }

    private record struct DataShape
    {
        public bool IsObject { get; set; }

        public int Source { get; set; }

        public ViewportSize Size { get; set; }

        public bool HasTree { get; set; }

        public bool HasWireframes { get; set; }
    }
}

/// <summary>The kind of an rrweb event, with regard to sizes.</summary>
internal enum SizedKind
{
    /// <summary>An event that does not concern the window's size.</summary>
    Other,

    /// <summary>An event with the window's size: rrweb's Meta event, or a change of the size.</summary>
    Size,

    /// <summary>A full snapshot of a page. Players show it only if the window has a size.</summary>
    Picture,
}
