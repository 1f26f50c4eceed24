using System.Text.Json;

namespace Sessions.Web.Replay.Mobile;

/// <summary>A wireframe on the screen: its id, and where it is. It keeps nothing of what it shows.</summary>
/// <param name="id">Its rrweb id.</param>
internal sealed class WireframeNode(long id)
{
    private List<WireframeNode>? _children;

    public long Id { get; } = id;

    public WireframeNode? Parent { get; set; }

    public int Depth { get; set; }

    /// <summary>What it shows, while the event that placed it is being read; undefined afterwards.</summary>
    public JsonElement Shown { get; set; }

    /// <summary>Whether the event that is being read has placed it.</summary>
    public bool IsNew { get; set; }

    public IReadOnlyList<WireframeNode> Children => _children ?? [];

    public void Insert(WireframeNode child, int? at)
    {
        _children ??= [];
        child.Parent = this;
        _children.Insert(Math.Min(at ?? _children.Count, _children.Count), child);
    }

    public int IndexOf(WireframeNode child) => _children?.IndexOf(child) ?? -1;

    public void Remove(WireframeNode child) => _children?.Remove(child);
}

/// <summary>
/// The wireframes on the screen of one window, as a tree of ids. Updates name a wireframe and its parent; the tree says
/// whether they are there, and before which other one an update belongs.
/// </summary>
/// <param name="room">How many wireframes the windows of a replay may have together.</param>
internal sealed class WireframeTree(WireframeRoom room)
{
    // Deeper wireframes become children of the last one that may have children. It looks the same, because the place of a
    // wireframe is that on the screen.
    private const int MaxDepth = 100;

    private readonly Dictionary<long, WireframeNode> _nodes = [];
    private readonly List<WireframeNode> _new = [];

    /// <summary>The body of the document.</summary>
    public WireframeNode Body { get; private set; } = new(WireframeIds.Body);

    /// <summary>The wireframes that the present event has taken off the screen that was there before it.</summary>
    public List<(long Id, long Parent)> Removed { get; } = [];

    /// <summary>The wireframes that the present event has placed, and that are still there.</summary>
    public IEnumerable<WireframeNode> New => _new.Where(node => node.IsNew);

    public void Clear()
    {
        room.Leave(_nodes.Count);
        _nodes.Clear();
        Body = new WireframeNode(WireframeIds.Body);
        End();
    }

    /// <summary>Forgets what the present event shows, which may be large.</summary>
    public void End()
    {
        foreach (WireframeNode node in _new)
        {
            node.Shown = default;
            node.IsNew = false;
        }

        _new.Clear();
        Removed.Clear();
    }

    /// <summary>Takes a wireframe and all in it off the screen; an unknown one changes nothing.</summary>
    public void Remove(long id)
    {
        if (!_nodes.TryGetValue(id, out WireframeNode? node))
        {
            return;
        }

        if (!node.IsNew)
        {
            Removed.Add((node.Id, node.Parent!.Id));
        }

        node.Parent!.Remove(node);
        var left = new Stack<WireframeNode>([node]);
        while (left.TryPop(out WireframeNode? one))
        {
            _nodes.Remove(one.Id);
            room.Leave(1);
            one.IsNew = false;
            foreach (WireframeNode child in one.Children)
            {
                left.Push(child);
            }
        }
    }

    /// <summary>
    /// Places a wireframe with all in it. One that is there already is replaced with all in it, where it was; one whose parent
    /// is unknown goes to the body.
    /// </summary>
    /// <param name="wireframe">The wireframe.</param>
    /// <param name="parentId">Its parent's id; undefined when the event has none.</param>
    public void Place(JsonElement wireframe, JsonElement parentId)
    {
        long? parent = WireframeIds.Of(parentId);
        int? at = null;
        if (WireframeIds.Of(wireframe.Get("id"u8)) is { } id && _nodes.TryGetValue(id, out WireframeNode? before))
        {
            long wanted = parent is null ? before.Parent!.Id : _nodes.ContainsKey(parent.Value) ? parent.Value : Body.Id;
            parent = wanted;
            at = before.Parent!.Id == wanted ? before.Parent.IndexOf(before) : null;
            Remove(id);
        }

        // The parent may have been inside the wireframe that was there before.
        Add(wireframe, parent is { } known && _nodes.TryGetValue(known, out WireframeNode? found) ? found : Body, at);
    }

    private void Add(JsonElement wireframe, WireframeNode parent, int? at)
    {
        var left = new Stack<(JsonElement Wireframe, WireframeNode Parent)>();
        left.Push((wireframe, parent));
        while (left.TryPop(out (JsonElement Wireframe, WireframeNode Parent) next))
        {
            if (next.Wireframe.ValueKind != JsonValueKind.Object || !room.TryEnter())
            {
                continue;
            }

            WireframeNode holder = next.Parent.Depth >= MaxDepth ? next.Parent.Parent! : next.Parent;
            long? own = WireframeIds.Of(next.Wireframe.Get("id"u8));
            var node = new WireframeNode(own is { } free && !_nodes.ContainsKey(free) ? free : Unused(own ?? holder.Id, holder.Children.Count))
            {
                Depth = holder.Depth + 1,
                Shown = next.Wireframe,
                IsNew = true,
            };
            holder.Insert(node, at);
            at = null;
            _nodes.Add(node.Id, node);
            _new.Add(node);
            // The stack turns the order around, and the first child must be placed first.
            JsonElement.ArrayEnumerator children = next.Wireframe.Get("childWireframes"u8).Items();
            foreach (JsonElement child in children.Take(room.Most).Reverse())
            {
                left.Push((child, node));
            }
        }
    }

    private long Unused(long near, int attempt)
    {
        long id;
        do
        {
            id = WireframeIds.Another(near, attempt++);
        }
        while (_nodes.ContainsKey(id));

        return id;
    }
}

/// <summary>Limits how many wireframes the windows of a replay have together, so that its memory is limited.</summary>
/// <param name="most">The most wireframes. Further ones are not shown.</param>
internal sealed class WireframeRoom(int most)
{
    private int _taken;

    public int Most => most;

    public bool TryEnter()
    {
        if (_taken >= most)
        {
            return false;
        }

        _taken++;
        return true;
    }

    public void Leave(int count) => _taken -= count;
}
