using System.Text.Json;

namespace Sessions.Gateway.Api.Replay;

/// <summary>The size of a recorded window, in its own pixels.</summary>
internal readonly record struct ViewportSize(double Width, double Height)
{
    /// <summary>What a window most likely has of which nothing is known.</summary>
    public static ViewportSize Usual { get; } = new(1280, 720);

    /// <summary>Whether a player can show something in it: a hidden tab says that it has none.</summary>
    public bool IsShown => Width > 0 && Height > 0;
}

/// <summary>What an rrweb event says about the size of its window, and whether it needs one to be shown.</summary>
/// <param name="Kind">What it is, as far as sizes go.</param>
/// <param name="Size">The size that it names, which may be none.</param>
/// <param name="TimeMs">Its time as written: by the client's clock.</param>
internal readonly record struct SizedEvent(SizedKind Kind, ViewportSize Size, double TimeMs)
{
    private const int FullSnapshot = 2;
    private const int Incremental = 3;
    private const int Meta = 4;
    private const int ViewportResize = 4;

    // A page's tree may be nested deeply; the reader keeps one bit a level.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = int.MaxValue };

    /// <summary>Reads an event; of another kind than these, or damaged, it is <see cref="SizedKind.Other"/>.</summary>
    /// <param name="line">The event, its compressed parts undone.</param>
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

    /// <summary>Whether a snapshot's node is a tree that a player can build.</summary>
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

    /// <summary>A number; 0 for anything else.</summary>
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

/// <summary>What an rrweb event is, as far as sizes go.</summary>
internal enum SizedKind
{
    /// <summary>Nothing that has to do with the window's size.</summary>
    Other,

    /// <summary>It says which size the window has: rrweb's Meta event, or a change of the size.</summary>
    Size,

    /// <summary>A full snapshot of a page: nobody sees it before the window has a size.</summary>
    Picture,
}
