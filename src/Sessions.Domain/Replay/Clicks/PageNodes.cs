using System.Text.Json;

namespace Sessions.Domain.Replay.Clicks;

/// <summary>
/// The nodes of a recorded page at one moment, with what a click on them should do. A page has a limit of nodes, so that a
/// recording takes a bounded amount of memory.
/// </summary>
internal sealed class PageNodes
{
    /// <summary>The most nodes that are known. A click on another one is on nothing clickable.</summary>
    public const int MaxNodes = 100_000;

    // Deeper pages exist in no browser.
    private const int MaxDepth = 5_000;

    private readonly Dictionary<int, (int Parent, ClickTarget Target)> _nodes = [];
    private readonly List<Reading> _read = [];
    private readonly Stack<int> _open = new();

    /// <summary>Begins another page.</summary>
    public void Clear() => _nodes.Clear();

    /// <summary>Removes a node. What is below it can't be clicked any more.</summary>
    public void Remove(int id) => _nodes.Remove(id);

    /// <summary>The clickable element at a node or around it, and what a click on it should do; none without one.</summary>
    public (int Element, ClickTarget Target) Find(int id)
    {
        for (int depth = 0; depth < MaxDepth && _nodes.TryGetValue(id, out (int Parent, ClickTarget Target) node); depth++)
        {
            if (node.Target != ClickTarget.None)
            {
                return (id, node.Target);
            }

            id = node.Parent;
        }

        return (0, ClickTarget.None);
    }

    /// <summary>Adds the node at the reader with all below it. Afterwards the reader is at its last token.</summary>
    /// <param name="reader">The reader, at the node.</param>
    /// <param name="parent">The id of its parent; 0 for none.</param>
    public void Add(ref Utf8JsonReader reader, int parent)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        _read.Clear();
        _open.Clear();
        Begin();
        while (_open.Count > 0 && reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    TakeProperty(ref reader);
                    break;
                case JsonTokenType.StartObject:
                    Begin();
                    break;
                case JsonTokenType.EndObject:
                    _open.Pop();
                    break;
                case JsonTokenType.StartArray:
                    // No recorder has lists among the nodes of a list.
                    reader.Skip();
                    break;
            }
        }

        // The id of a node comes after those of the nodes below it.
        foreach (Reading node in _read)
        {
            if (node.Id > 0 && (_nodes.Count < MaxNodes || _nodes.ContainsKey(node.Id)))
            {
                _nodes[node.Id] = (node.Parent < 0 ? parent : _read[node.Parent].Id, node.Facts.Target);
            }
        }
    }

    private void Begin()
    {
        _read.Add(new Reading { Parent = _open.Count == 0 ? -1 : _open.Peek() });
        _open.Push(_read.Count - 1);
    }

    private void TakeProperty(ref Utf8JsonReader reader)
    {
        Reading node = _read[_open.Peek()];
        if (reader.ValueTextEquals("childNodes"u8))
        {
            // Its nodes follow, unless it is no list.
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
            }
        }
        else if (reader.ValueTextEquals("id"u8))
        {
            reader.Read();
            node.Id = RrwebValue.Whole(ref reader) ?? 0;
        }
        else if (reader.ValueTextEquals("tagName"u8))
        {
            reader.Read();
            node.Facts.TakeTag(ref reader);
            reader.Skip();
        }
        else if (reader.ValueTextEquals("attributes"u8))
        {
            reader.Read();
            node.Facts.TakeAttributes(ref reader);
        }
        else
        {
            reader.Read();
            reader.Skip();
        }
    }

    private sealed class Reading
    {
        /// <summary>The place of its parent among the nodes that are read; -1 for the first.</summary>
        public int Parent;

        public int Id;

        public ElementFacts Facts;
    }
}
