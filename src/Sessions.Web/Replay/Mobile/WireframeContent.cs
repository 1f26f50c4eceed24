using System.Text;
using System.Text.Json;

namespace Sessions.Web.Replay.Mobile;

/// <summary>Draws a wireframe without its children: a box with the wireframe's own content.</summary>
/// <remarks>
/// The kinds and members are those of the SDKs' own types: <c>RRWireframe</c> and <c>RRStyle</c> of posthog-android and
/// posthog-ios, which posthog-flutter and posthog-react-native-session-replay use too.
/// </remarks>
internal sealed class WireframeContent
{
    private const string Fill = "position:absolute;left:0;top:0;width:100%;height:100%;";
    private const string PlaceholderLook =
        "background-color:#eef1f5;color:#586174;font-size:12px;overflow:hidden;"
        + "background-image:repeating-linear-gradient(45deg,transparent 0 9px,#dfe4ea 9px 10px);";

    private readonly JsonElement _wireframe;
    private readonly JsonElement _style;
    private readonly long _id;
    private readonly StringBuilder _css = new(160);
    private int _parts;

    private WireframeContent(JsonElement wireframe, long id)
    {
        _wireframe = wireframe;
        _style = wireframe.Get("style"u8);
        _id = id;
    }

    /// <summary>The box of a wireframe.</summary>
    public static RrwebNode Of(JsonElement wireframe, long id)
    {
        var content = new WireframeContent(wireframe, id);
        return content.Draw();
    }

    private RrwebNode Draw()
    {
        string? type = _wireframe.Get("type"u8).Text();
        WireframeStyle.Place(_css, _wireframe, type);
        List<RrwebNode> inside = [];
        if (Picture("backgroundImage"u8, _style, Fill) is { } background)
        {
            inside.Add(background);
        }

        switch (type)
        {
            case "text":
                Text(inside, Shown("text"u8, "value"u8, "label"u8));
                break;
            case "image":
                Image(inside, "contain", "Image");
                break;
            case "screenshot":
                Image(inside, "fill", "Screenshot");
                break;
            case "input":
                inside.AddRange(new WireframeInput(this, _wireframe, _style, _css, hasBackground: inside.Count > 0).Draw());
                break;
            case "web_view":
                Placeholder(inside, Shown("url"u8, "text"u8, "label"u8) ?? "Web view");
                break;
            case "placeholder":
                Placeholder(inside, Shown("label"u8, "text"u8, "value"u8) ?? "Placeholder");
                break;
            case "status_bar":
                Bar(inside, Shown("text"u8, "label"u8, "value"u8));
                break;
            case "navigation_bar":
                Bar(inside, Shown("text"u8, "label"u8, "value"u8) ?? "\u25C1     \u25CB     \u25A1");
                break;
            default:
                // rectangle, div, radio_group, and kinds that are not known yet.
                Text(inside, Shown("text"u8, "value"u8, "label"u8));
                break;
        }

        WireframeStyle.Box(_css, _style);
        return Element("div", _id).With("style", _css.ToString()).With("data-wireframe", type ?? "div").With([.. inside]);
    }

    /// <summary>An element of the content.</summary>
    public RrwebNode Part(string tag, string? css = null) => Element(tag, WireframeIds.Inner(_id, _parts++)).With("style", css);

    /// <summary>A text of the content.</summary>
    public RrwebNode Words(string text) => RrwebNode.OfText(WireframeIds.Inner(_id, _parts++), text);

    /// <summary>A picture of the content; null when the member is no picture.</summary>
    public RrwebNode? Picture(ReadOnlySpan<byte> name, JsonElement of, string css) =>
        of.Get(name) is { ValueKind: JsonValueKind.String } picture && WireframePicture.Is(picture)
            ? Part("img", css).With("alt", "").WithPicture(picture)
            : null;

    private static RrwebNode Element(string tag, long id) => RrwebNode.Element(id, tag);

    private string? Shown(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third) =>
        _wireframe.Get(first).Shown() ?? _wireframe.Get(second).Shown() ?? _wireframe.Get(third).Shown();

    private void Text(List<RrwebNode> inside, string? text)
    {
        const string Icon = "flex:none;height:1.2em;max-width:40%;";
        RrwebNode? left = Picture("iconLeft"u8, _style, Icon + "margin-right:4px;");
        RrwebNode? right = Picture("iconRight"u8, _style, Icon + "margin-left:4px;");
        if (text is null && left is null && right is null)
        {
            return;
        }

        WireframeStyle.Align(_css, _style, isCentred: false);
        // A font of the viewer may be a little wider than the phone's, so a text of one line must not begin a second one.
        double line = (_style.Get("fontSize"u8).Length() ?? 14) * 2;
        bool isOneLine = _wireframe.Get("height"u8).Length() is { } height && height < line && text?.Contains('\n', StringComparison.Ordinal) != true;
        _css.Append(isOneLine ? "white-space:pre;" : "white-space:pre-wrap;overflow-wrap:anywhere;");
        inside.AddRange(((RrwebNode?[])[left, text is null ? null : Part("span").With(Words(text)), right]).OfType<RrwebNode>());
    }

    private void Image(List<RrwebNode> inside, string fit, string otherwise)
    {
        _css.Append("overflow:hidden;");
        if (Picture("base64"u8, _wireframe, $"{Fill}object-fit:{fit};") is { } picture)
        {
            inside.Add(picture);
        }
        else if (inside.Count == 0)
        {
            Placeholder(inside, Shown("label"u8, "text"u8, "value"u8) ?? otherwise);
        }
    }

    private void Placeholder(List<RrwebNode> inside, string label)
    {
        _css.Append(PlaceholderLook);
        WireframeStyle.Align(_css, _style, isCentred: true);
        inside.Add(Part("span").With(Words(label)));
    }

    private void Bar(List<RrwebNode> inside, string? label)
    {
        _css.Append("background-color:#d9dde3;color:#3c4450;white-space:pre;overflow:hidden;");
        WireframeStyle.Align(_css, _style, isCentred: true);
        if (label is not null)
        {
            inside.Add(Part("span").With(Words(label)));
        }
    }
}
