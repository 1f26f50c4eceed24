using System.Globalization;
using System.Text.Json;

namespace Sessions.Web.Replay.Mobile;

/// <summary>Writes the screen of a phone as rrweb writes a document.</summary>
internal static class MobileDocument
{
    private const string BodyLook =
        "margin:0;background:#fff;color:#000;font-family:sans-serif;font-size:14px;line-height:1.2;overflow:hidden;";

    /// <summary>Writes a document with all wireframes in it.</summary>
    public static void Write(Utf8JsonWriter json, WireframeNode body, RrwebNode? keyboard)
    {
        json.WriteStartObject("node"u8);
        json.WriteNumber("type"u8, 0);
        json.WriteNumber("id"u8, WireframeIds.Document);
        json.WriteStartArray("childNodes"u8);
        json.WriteStartObject();
        json.WriteNumber("type"u8, 1);
        json.WriteNumber("id"u8, WireframeIds.Doctype);
        json.WriteString("name"u8, "html");
        json.WriteString("publicId"u8, "");
        json.WriteString("systemId"u8, "");
        json.WriteEndObject();
        RrwebNode html = RrwebNode.Element(WireframeIds.Html, "html");
        html.WriteStart(json);
        RrwebNode.Element(WireframeIds.Head, "head").Write(json);
        RrwebNode shown = RrwebNode.Element(WireframeIds.Body, "body").With("style", BodyLook);
        shown.WriteStart(json);
        foreach (WireframeNode child in body.Children)
        {
            WriteNested(json, child);
        }

        keyboard?.Write(json);
        shown.WriteEnd(json);
        html.WriteEnd(json);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes what the present event has added.</summary>
    public static void WriteAdds(Utf8JsonWriter json, WireframeTree tree)
    {
        var parents = new HashSet<WireframeNode>(tree.New.Select(node => node.Parent!).Where(parent => !parent.IsNew));
        foreach (WireframeNode parent in parents)
        {
            IReadOnlyList<WireframeNode> children = parent.Children;
            var next = new long?[children.Count];
            long? sibling = null;
            for (int i = children.Count - 1; i >= 0; i--)
            {
                next[i] = sibling;
                sibling = children[i].IsNew ? sibling : children[i].Id;
            }

            for (int i = 0; i < children.Count; i++)
            {
                if (children[i].IsNew)
                {
                    WriteFlat(json, children[i], next[i]);
                }
            }
        }
    }

    public static void WriteRemoval(Utf8JsonWriter json, long id, long parent)
    {
        json.WriteStartObject();
        json.WriteNumber("parentId"u8, parent);
        json.WriteNumber("id"u8, id);
        json.WriteEndObject();
    }

    /// <summary>The keyboard, over the lower part of the screen.</summary>
    public static RrwebNode Keyboard(double height)
    {
        string css = string.Create(
            CultureInfo.InvariantCulture,
            $"position:fixed;left:0;bottom:0;width:100%;height:{height}px;z-index:2147483647;box-sizing:border-box;display:flex;align-items:center;justify-content:center;background:#d2d5db;border-top:1px solid #a9aeb8;color:#3c4450;");
        return RrwebNode.Element(WireframeIds.Keyboard, "div").With("style", css).With("data-wireframe", "keyboard").With(
            RrwebNode.OfText(WireframeIds.Inner(WireframeIds.Keyboard, 0), "Keyboard"));
    }

    // The depth of the tree is limited, so recursion is too.
    private static void WriteNested(Utf8JsonWriter json, WireframeNode node)
    {
        RrwebNode box = WireframeContent.Of(node.Shown, node.Id);
        box.WriteStart(json);
        foreach (RrwebNode part in box.Children)
        {
            part.Write(json);
        }

        foreach (WireframeNode child in node.Children)
        {
            WriteNested(json, child);
        }

        box.WriteEnd(json);
    }

    private static void WriteFlat(Utf8JsonWriter json, WireframeNode node, long? next)
    {
        WireframeContent.Of(node.Shown, node.Id).WriteAdds(json, node.Parent!.Id, next);
        foreach (WireframeNode child in node.Children)
        {
            WriteFlat(json, child, next: null);
        }
    }
}
