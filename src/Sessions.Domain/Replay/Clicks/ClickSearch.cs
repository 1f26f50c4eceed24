using System.Text.Json;

namespace Sessions.Domain.Replay.Clicks;

/// <summary>
/// Finds rage and dead clicks in a recording. It takes the rrweb events of all windows, those of a block in the order of
/// their times, and keeps the page's elements, the clicks and the times of changes, but no event.
/// </summary>
/// <param name="maxPart">The most bytes of one decompressed part of an event.</param>
public sealed class ClickSearch(int maxPart)
{
    /// <summary>The most windows that are looked at.</summary>
    public const int MaxWindows = 200;

    private const int FullSnapshot = 2;
    private const int Incremental = 3;
    private const int Meta = 4;
    private const int Custom = 5;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = int.MaxValue };

    private readonly Dictionary<string, WindowClicks> _windows = [];
    private readonly ReplayDecompression _compressed = new(maxPart);

    /// <summary>Takes an event. What is no rrweb event is passed over.</summary>
    /// <param name="windowId">The window in which it was recorded.</param>
    /// <param name="skewMs">The milliseconds to add to its time.</param>
    /// <param name="rrweb">The event: JSON, compressed parts as received.</param>
    public void Take(string windowId, long skewMs, ReadOnlySpan<byte> rrweb)
    {
        try
        {
            if (Read(rrweb, out int type, out long timeMs, out ReadOnlySpan<byte> data) && Window(windowId) is { } window)
            {
                Take(window, type, ReplaySummary.Shift(timeMs, skewMs), data, rrweb);
            }
        }
        catch (Exception damaged) when (damaged is JsonException or InvalidOperationException)
        {
            // Anybody can record anything. An event that can't be read says nothing.
        }
    }

    /// <summary>What was found in the events so far.</summary>
    /// <param name="upTo">The journal number of the last block that was taken.</param>
    public ReplayClicks Found(int upTo)
    {
        List<FoundClick> found = [];
        foreach ((string windowId, WindowClicks window) in _windows)
        {
            window.Find(windowId, found);
        }

        FoundClick[] places =
        [
            .. found.OrderBy(click => click.TimeMs).ThenBy(click => click.WindowId, StringComparer.Ordinal).ThenBy(click => click.Trouble)
                .Take(ReplayClicks.MaxPlaces),
        ];
        return new ReplayClicks
        {
            UpTo = upTo,
            Rage = found.Count(click => click.Trouble == ClickTrouble.Rage),
            Dead = found.Count(click => click.Trouble == ClickTrouble.Dead),
            Places = places.Length > 0 ? places : null,
        };
    }

    private WindowClicks? Window(string windowId)
    {
        if (!_windows.TryGetValue(windowId, out WindowClicks? window) && _windows.Count < MaxWindows)
        {
            _windows.Add(windowId, window = new WindowClicks());
        }

        return window;
    }

    private void Take(WindowClicks window, int type, long timeMs, ReadOnlySpan<byte> data, ReadOnlySpan<byte> rrweb)
    {
        window.Note(timeMs);
        switch (type)
        {
            case Incremental:
                Change(window, timeMs, data, rrweb);
                break;
            case FullSnapshot:
                window.Change(timeMs);
                Replace(window, Plain(data, rrweb));
                break;
            case Meta:
                string? href = Text(data, "href"u8);
                if (window.Href is not null && window.Href != href)
                {
                    window.Change(timeMs);
                }

                window.Href = href ?? window.Href;
                break;
            case Custom when Text(data, "tag"u8) is "$pageview" or "$url_changed":
            // The page was loaded.
            case 0 or 1:
                window.Change(timeMs);
                break;
        }
    }

    private void Change(WindowClicks window, long timeMs, ReadOnlySpan<byte> data, ReadOnlySpan<byte> rrweb)
    {
        ChangeFacts facts = ChangeFacts.Of(data);
        switch (facts.Source)
        {
            case 0:
                window.Change(timeMs);
                Mutate(window, Plain(data, rrweb));
                break;
            // A click of a mouse, or of a finger.
            case 2 when facts is { Type: 2, Node: { } node }:
                window.Click(timeMs, facts.X, facts.Y, node);
                break;
            // It scrolled, or a text was selected.
            case 3 or 14:
                window.Scroll(timeMs);
                break;
            // Its size, an input, a medium, a style, a canvas, a font.
            case 4 or 5 or 7 or 8 or 9 or 10 or 13 or 15:
                window.Change(timeMs);
                break;
        }
    }

    /// <summary>The event's data with its compressed parts decompressed.</summary>
    private ReadOnlySpan<byte> Plain(ReadOnlySpan<byte> data, ReadOnlySpan<byte> rrweb) =>
        _compressed.Undo(rrweb) is { } plain && Read(plain.Span, out _, out _, out ReadOnlySpan<byte> decompressed) ? decompressed : data;

    private static void Replace(WindowClicks window, ReadOnlySpan<byte> data)
    {
        window.Page.Clear();
        var reader = new Utf8JsonReader(data, Options);
        reader.Read();
        while (NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("node"u8))
            {
                reader.Read();
                window.Page.Add(ref reader, parent: 0);
            }
            else
            {
                window.IsOfPhone |= reader.ValueTextEquals("wireframes"u8);
                reader.Read();
                reader.Skip();
            }
        }
    }

    private static void Mutate(WindowClicks window, ReadOnlySpan<byte> data)
    {
        // Removals come first, because a node that was moved is among both.
        foreach (bool isRemoval in new[] { true, false })
        {
            var reader = new Utf8JsonReader(data, Options);
            reader.Read();
            while (NextProperty(ref reader))
            {
                bool isWanted = reader.ValueTextEquals(isRemoval ? "removes"u8 : "adds"u8);
                reader.Read();
                if (!isWanted || reader.TokenType != JsonTokenType.StartArray)
                {
                    reader.Skip();
                    continue;
                }

                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    MutateOne(window, isRemoval, ref reader, data);
                }
            }
        }
    }

    private static void MutateOne(WindowClicks window, bool isRemoval, ref Utf8JsonReader reader, ReadOnlySpan<byte> data)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        int id = 0;
        int parent = 0;
        long node = -1;
        while (NextProperty(ref reader))
        {
            bool isId = reader.ValueTextEquals("id"u8);
            bool isParent = reader.ValueTextEquals("parentId"u8);
            bool isNode = reader.ValueTextEquals("node"u8);
            reader.Read();
            node = isNode ? reader.TokenStartIndex : node;
            int? number = isId || isParent ? RrwebValue.Whole(ref reader) : null;
            id = isId ? number ?? 0 : id;
            parent = isParent ? number ?? 0 : parent;
            reader.Skip();
        }

        if (isRemoval)
        {
            window.Page.Remove(id);
        }
        else if (node >= 0)
        {
            var added = new Utf8JsonReader(data[(int)node..], Options);
            added.Read();
            window.Page.Add(ref added, parent);
        }
    }

    /// <summary>Reads the parts of an event. False when it is none.</summary>
    private static bool Read(ReadOnlySpan<byte> rrweb, out int type, out long timeMs, out ReadOnlySpan<byte> data)
    {
        type = -1;
        timeMs = 0;
        data = default;
        var reader = new Utf8JsonReader(rrweb, Options);
        reader.Read();
        while (NextProperty(ref reader))
        {
            bool isData = reader.ValueTextEquals("data"u8);
            bool isType = reader.ValueTextEquals("type"u8);
            bool isTime = reader.ValueTextEquals("timestamp"u8);
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            if (isType)
            {
                type = RrwebValue.Whole(ref reader) ?? -1;
            }
            else if (isTime)
            {
                double ms = RrwebValue.Number(ref reader) ?? 0;
                timeMs = ms is >= 1 and <= ReplayFactsReader.MaxTimeMs ? (long)ms : 0;
            }
            else
            {
                reader.Skip();
                data = isData ? rrweb[start..(int)reader.BytesConsumed] : data;
            }
        }

        return timeMs > 0;
    }

    private static string? Text(ReadOnlySpan<byte> data, ReadOnlySpan<byte> name)
    {
        if (data.IsEmpty)
        {
            return null;
        }

        var reader = new Utf8JsonReader(data, Options);
        reader.Read();
        while (NextProperty(ref reader))
        {
            bool isWanted = reader.ValueTextEquals(name);
            reader.Read();
            if (isWanted && reader.TokenType == JsonTokenType.String)
            {
                return reader.GetString();
            }

            reader.Skip();
        }

        return null;
    }

    // Also false when the reader is at no object.
    private static bool NextProperty(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>The fields of a change that say what it is, and where.</summary>
    private readonly record struct ChangeFacts(int Source, int Type, int? Node, double? X, double? Y)
    {
        public static ChangeFacts Of(ReadOnlySpan<byte> data)
        {
            ChangeFacts facts = new(-1, -1, null, null, null);
            if (data.IsEmpty)
            {
                return facts;
            }

            var reader = new Utf8JsonReader(data, Options);
            reader.Read();
            while (NextProperty(ref reader))
            {
                if (reader.ValueTextEquals("source"u8))
                {
                    reader.Read();
                    facts = facts with { Source = RrwebValue.Whole(ref reader) ?? -1 };
                    if (facts.Source != 2)
                    {
                        return facts;
                    }
                }
                else if (reader.ValueTextEquals("type"u8))
                {
                    reader.Read();
                    facts = facts with { Type = RrwebValue.Whole(ref reader) ?? -1 };
                }
                else if (reader.ValueTextEquals("id"u8))
                {
                    reader.Read();
                    // Without a target a recorder says -1.
                    facts = facts with { Node = RrwebValue.Whole(ref reader) is { } id and >= 0 ? id : null };
                }
                else if (reader.ValueTextEquals("x"u8))
                {
                    reader.Read();
                    facts = facts with { X = RrwebValue.Number(ref reader) };
                }
                else if (reader.ValueTextEquals("y"u8))
                {
                    reader.Read();
                    facts = facts with { Y = RrwebValue.Number(ref reader) };
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }

            return facts;
        }
    }
}
