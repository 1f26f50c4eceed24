using System.Text.Json;

namespace Sessions.Web.Replay.Mobile;

/// <summary>An element or a text as rrweb writes it.</summary>
internal sealed class RrwebNode
{
    private static readonly JsonEncodedText SrcName = JsonEncodedText.Encode("src");

    private readonly string? _tag;
    private readonly string? _text;
    private readonly List<(string Name, string Value)> _attributes = [];
    private JsonElement _picture;

    private RrwebNode(long id, string? tag, string? text) => (Id, _tag, _text) = (id, tag, text);

    /// <summary>Its rrweb id.</summary>
    public long Id { get; }

    /// <summary>What is in it.</summary>
    public List<RrwebNode> Children { get; } = [];

    public static RrwebNode Element(long id, string tag) => new(id, tag, null);

    /// <summary>A text. Players show it as it is; markup in it is no markup.</summary>
    public static RrwebNode OfText(long id, string text) => new(id, null, text);

    public RrwebNode With(string attribute, string? value)
    {
        if (value is not null)
        {
            _attributes.Add((attribute, value));
        }

        return this;
    }

    /// <summary>Shows a picture, which <see cref="WireframePicture.Is"/> has accepted.</summary>
    public RrwebNode WithPicture(JsonElement picture)
    {
        _picture = picture;
        return this;
    }

    public RrwebNode With(params ReadOnlySpan<RrwebNode> children)
    {
        Children.AddRange(children);
        return this;
    }

    /// <summary>Writes the start of the node, up to its children: <see cref="WriteEnd"/> must follow.</summary>
    public void WriteStart(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("type"u8, _text is null ? 2 : 3);
        json.WriteNumber("id"u8, Id);
        if (_text is not null)
        {
            json.WriteString("textContent"u8, _text);
            return;
        }

        json.WriteString("tagName"u8, _tag);
        json.WriteStartObject("attributes"u8);
        foreach ((string name, string value) in _attributes)
        {
            json.WriteString(name, value);
        }

        if (_picture.ValueKind == JsonValueKind.String)
        {
            WireframePicture.TryUse(_picture, address => json.WriteString(SrcName, address));
        }

        json.WriteEndObject();
        json.WriteStartArray("childNodes"u8);
    }

    public void WriteEnd(Utf8JsonWriter json)
    {
        if (_text is null)
        {
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>Writes it with all that is in it.</summary>
    public void Write(Utf8JsonWriter json)
    {
        WriteStart(json);
        foreach (RrwebNode child in Children)
        {
            child.Write(json);
        }

        WriteEnd(json);
    }

    /// <summary>
    /// Writes it as additions of a mutation, which rrweb wants one by one: an element before what is in it.
    /// </summary>
    public void WriteAdds(Utf8JsonWriter json, long parent, long? next)
    {
        json.WriteStartObject();
        json.WriteNumber("parentId"u8, parent);
        if (next is { } sibling)
        {
            json.WriteNumber("nextId"u8, sibling);
        }
        else
        {
            json.WriteNull("nextId"u8);
        }

        json.WritePropertyName("node"u8);
        WriteStart(json);
        WriteEnd(json);
        json.WriteEndObject();
        foreach (RrwebNode child in Children)
        {
            child.WriteAdds(json, Id, next: null);
        }
    }
}
