using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sessions.Web.Replay;
using Sessions.Web.Replay.Mobile;

namespace Sessions.Tests.Web.Replay.Mobile;

/// <summary>
/// What a player shows of a mobile recording: it applies the rrweb events as rrweb's player does, and is as strict about ids.
/// </summary>
internal sealed class PlayedScreen : IDisposable
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 5000 };
    private static readonly JsonSerializerOptions Written = new() { MaxDepth = 5000 };

    private readonly MobileReplay _replay = new();
    private readonly Dictionary<long, JsonObject> _nodes = [];
    private readonly Dictionary<long, long> _parents = [];
    private JsonObject? _document;

    /// <summary>The events that were played so far.</summary>
    public List<JsonObject> Played { get; } = [];

    /// <summary>The sizes of the screen, in their order.</summary>
    public IEnumerable<string> Sizes => Played
        .Where(one => (int)one["type"]! == 4 || (int?)one["data"]!["source"] == 4)
        .Select(one => $"{one["data"]!["width"]}x{one["data"]!["height"]}");

    /// <summary>The body's wireframes as an outline: <c>1(2,3 "text")</c>.</summary>
    public string Outline => string.Join(",", Body["childNodes"]!.AsArray().Select(child => OutlineOf(child!)));

    public JsonObject Body => _nodes.Values.Single(node => (string?)node["tagName"] == "body");

    /// <summary>The body with everything in it, as JSON.</summary>
    public string All => _document?.ToJsonString(Written) ?? "";

    public PlayedScreen Play(string rrweb, string window = "w")
    {
        byte[] line = Encoding.UTF8.GetBytes(rrweb.ReplaceLineEndings(" "));
        if (_replay.Turn(window, line, null) is not { } turned)
        {
            Apply(JsonNode.Parse(line, null, Deep)!.AsObject());
            return this;
        }

        for (int i = 0; i < turned.Count; i++)
        {
            Apply(JsonNode.Parse(turned[i].Span, null, Deep)!.AsObject());
        }

        return this;
    }

    public PlayedScreen Full(string wireframes) =>
        Play("""{"type":2,"timestamp":1764444000001,"data":{"wireframes":""" + wireframes + ""","initialOffset":{"top":0,"left":0}}}""");

    public PlayedScreen Change(string data) => Play("""{"type":3,"timestamp":1764444000002,"data":{"source":0,""" + data + "}}");

    public JsonObject Node(long id) => _nodes[id];

    public string StyleOf(long id) => (string)_nodes[id]["attributes"]!["style"]!;

    public void Dispose() => _replay.Dispose();

    private static string OutlineOf(JsonNode node)
    {
        JsonNode[] children = [.. node["childNodes"]!.AsArray().Select(child => child!).Where(IsWireframe)];
        string inside = string.Join(",", children.Select(OutlineOf));
        string text = TextOf(node);
        string name = (long)node["id"]! < 1L << 52 ? $"{node["id"]}" : "?";
        return $"{name}{(text.Length > 0 ? $" \"{text}\"" : "")}{(inside.Length > 0 ? $"({inside})" : "")}";
    }

    private static bool IsWireframe(JsonNode node) => node["attributes"]?["data-wireframe"] is not null;

    private static string TextOf(JsonNode node) => string.Concat(node["childNodes"]!.AsArray()
        .Where(child => !IsWireframe(child!)).Select(child => (string?)child!["textContent"] ?? TextOf(child)));

    private void Apply(JsonObject rrweb)
    {
        Played.Add(rrweb);
        if ((int)rrweb["type"]! == 2)
        {
            _nodes.Clear();
            _parents.Clear();
            _document = rrweb["data"]!["node"]!.DeepClone().AsObject();
            Learn(_document, 0);
        }
        else if (_document is not null && (int)rrweb["type"]! == 3 && (double?)rrweb["data"]?["source"] == 0)
        {
            Assert.Empty(rrweb["data"]!["texts"]!.AsArray());
            Assert.Empty(rrweb["data"]!["attributes"]!.AsArray());
            foreach (JsonNode? removal in rrweb["data"]!["removes"]!.AsArray())
            {
                Remove((long)removal!["id"]!, (long)removal["parentId"]!);
            }

            foreach (JsonNode? addition in rrweb["data"]!["adds"]!.AsArray())
            {
                Add(addition!);
            }
        }
    }

    private void Learn(JsonObject node, long parent)
    {
        Assert.True(_nodes.TryAdd((long)node["id"]!, node), $"{node["id"]} is there twice");
        _parents[(long)node["id"]!] = parent;
        foreach (JsonNode? child in node["childNodes"] as JsonArray ?? [])
        {
            Learn(child!.AsObject(), (long)node["id"]!);
        }
    }

    private void Remove(long id, long parent)
    {
        Assert.Equal(parent, _parents[id]);
        JsonObject node = _nodes[id];
        Assert.True(_nodes[parent]["childNodes"]!.AsArray().Remove(node));
        Forget(node);
    }

    private void Forget(JsonObject node)
    {
        _nodes.Remove((long)node["id"]!);
        foreach (JsonNode? child in node["childNodes"] as JsonArray ?? [])
        {
            Forget(child!.AsObject());
        }
    }

    private void Add(JsonNode addition)
    {
        JsonObject node = addition["node"]!.DeepClone().AsObject();
        // rrweb does not build the children of an added node.
        Assert.Empty(node["childNodes"] as JsonArray ?? []);
        JsonArray siblings = _nodes[(long)addition["parentId"]!]["childNodes"]!.AsArray();
        long? next = (long?)addition["nextId"];
        siblings.Insert(next is null ? siblings.Count : siblings.IndexOf(_nodes[next.Value]), node);
        Learn(node, (long)addition["parentId"]!);
    }
}

/// <summary>Whether a window that is not mobile is left alone.</summary>
internal static class TurnedLines
{
    public static int? Count(this MobileReplay replay, string rrweb) => replay.Turn("w", Encoding.UTF8.GetBytes(rrweb), (ViewportSize?)null)?.Count;
}
