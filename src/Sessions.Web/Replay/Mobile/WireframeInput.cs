using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Sessions.Web.Replay.Mobile;

/// <summary>Draws what is in the box of an input: fields, buttons, lists, switches and bars of progress.</summary>
/// <param name="content">Makes the parts.</param>
/// <param name="wireframe">The input.</param>
/// <param name="style">Its style.</param>
/// <param name="css">The CSS of its box so far.</param>
/// <param name="hasBackground">Whether the box has a picture in the background.</param>
internal sealed class WireframeInput(
    WireframeContent content, JsonElement wireframe, JsonElement style, StringBuilder css, bool hasBackground)
{
    private const string Control =
        "position:relative;box-sizing:border-box;width:100%;height:100%;margin:0;padding:0 4px;border:0;background:transparent;"
        + "color:inherit;font:inherit;text-align:inherit;";

    private const int MaxOptions = 500;
    private const int MaxStars = 10;

    private readonly string? _value = wireframe.Get("value"u8).Shown() ?? wireframe.Get("text"u8).Shown();
    private readonly string? _label = wireframe.Get("label"u8).Shown();

    private bool IsDisabled => wireframe.Get("disabled"u8).IsTrue();

    private bool IsChecked => wireframe.Get("checked"u8).IsTrue();

    /// <summary>The content of the box.</summary>
    public IEnumerable<RrwebNode> Draw()
    {
        string kind = wireframe.Get("inputType"u8).Text()?.ToLowerInvariant().Replace('-', '_') ?? "text";
        return kind switch
        {
            "button" or "submit" or "reset" => Button(),
            "checkbox" or "radio" => Choice(kind),
            "toggle" or "switch" => Toggle(),
            "select" => Select(),
            "text_area" or "textarea" => Field(Area()),
            "progress" => Progress(),
            "slider" or "range" => Field(Limits(content.Part("input", Control).With("type", "range"))),
            _ => Field(Line(kind)),
        };
    }

    private RrwebNode Able(RrwebNode control) => IsDisabled ? control.With("disabled", "") : control;

    /// <summary>A field has a border when the recording gives it neither a border nor a background.</summary>
    private RrwebNode[] Field(RrwebNode field)
    {
        Align(isCentred: false);
        if (!hasBackground && style.Get("borderWidth"u8).Length() is null && WireframeStyle.Colour(style.Get("backgroundColor"u8)) is null)
        {
            css.Append("border:1px solid #c4c9d1;");
        }

        return [Able(field)];
    }

    private RrwebNode Line(string kind)
    {
        bool isNumber = kind == "number" && double.TryParse(_value, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
        string type = kind is "password" or "email" or "search" or "tel" or "url" || isNumber ? kind : "text";
        return content.Part("input", Control).With("type", type).With("value", _value).With("placeholder", _value is null ? _label : null);
    }

    private RrwebNode Area()
    {
        RrwebNode area = content.Part("textarea", Control + "resize:none;overflow:hidden;");
        return _value is null ? area.With("placeholder", _label) : area.With(content.Words(_value));
    }

    private RrwebNode[] Button()
    {
        Align(isCentred: true);
        css.Append("overflow:hidden;");
        if (!hasBackground && WireframeStyle.Colour(style.Get("backgroundColor"u8)) is null)
        {
            css.Append("background-color:#f1f3f4;border-radius:4px;");
        }

        RrwebNode button = Able(content.Part("button", Control + "text-align:center;").With("type", "button"));
        // iOS sends the text of a button as the button's value, and as a label in it too.
        bool hasText = wireframe.Get("childWireframes"u8).Items().Any(child => child.Get("text"u8).Shown() is not null);
        return [(_value ?? _label) is { } text && !hasText ? button.With(content.Words(text)) : button];
    }

    private RrwebNode[] Choice(string kind)
    {
        Align(isCentred: false);
        RrwebNode box = Able(content.Part("input", "flex:none;margin:0 6px 0 0;").With("type", kind).With("checked", IsChecked ? "" : null));
        return Labelled(box);
    }

    private RrwebNode[] Toggle()
    {
        Align(isCentred: false);
        RrwebNode track = content.Part(
            "span",
            "position:relative;flex:none;width:36px;height:20px;margin-right:6px;border-radius:10px;"
                + (IsChecked ? "background:#34a853;" : "background:#b8bec7;"));
        track.With("role", "switch").With("aria-checked", IsChecked ? "true" : "false").With(
            content.Part("span", $"position:absolute;top:2px;left:{(IsChecked ? 18 : 2)}px;width:16px;height:16px;border-radius:50%;background:#fff;"));
        return Labelled(track);
    }

    private RrwebNode[] Labelled(RrwebNode control) =>
        (_label ?? _value) is { } label ? [control, content.Part("span").With(content.Words(label))] : [control];

    private RrwebNode[] Select()
    {
        List<string> options = [.. wireframe.Get("options"u8).Items().Select(option => option.Shown()).OfType<string>().Take(MaxOptions)];
        if (_value is not null && !options.Contains(_value))
        {
            options.Insert(0, _value);
        }

        RrwebNode list = content.Part("select", Control);
        bool isChosen = false;
        foreach (string option in options)
        {
            RrwebNode one = content.Part("option");
            if (!isChosen && option == _value)
            {
                one.With("selected", "");
                isChosen = true;
            }

            list.With(one.With(content.Words(option)));
        }

        return Field(list);
    }

    private RrwebNode[] Progress()
    {
        Align(isCentred: true);
        double? value = wireframe.Get("value"u8).Number();
        string? bar = style.Get("bar"u8).Text();
        if (bar == "rating")
        {
            double most = Math.Clamp(wireframe.Get("max"u8).Number() ?? 5, 1, MaxStars);
            int full = (int)Math.Round(Math.Clamp(value ?? 0, 0, most), MidpointRounding.AwayFromZero);
            string stars = new string('\u2605', full) + new string('\u2606', Math.Max(0, (int)most - full));
            return [content.Part("span", "white-space:pre;").With("role", "img").With(content.Words(stars))];
        }

        if (bar == "circular" || (bar is null && value is null))
        {
            return
            [
                content.Part(
                    "span",
                    "box-sizing:border-box;height:80%;max-height:48px;aspect-ratio:1;border:4px solid #c4c9d1;border-top-color:#3451c7;border-radius:50%;")
                    .With("role", "progressbar"),
            ];
        }

        return [Limits(content.Part("progress", "position:relative;width:100%;"))];
    }

    private RrwebNode Limits(RrwebNode control)
    {
        double? max = wireframe.Get("max"u8).Number();
        double? value = wireframe.Get("value"u8).Number();
        return control
            .With("max", (max is > 0 ? max : value > 1 ? 100 : null)?.ToString(CultureInfo.InvariantCulture))
            .With("value", value?.ToString(CultureInfo.InvariantCulture));
    }

    private void Align(bool isCentred) => WireframeStyle.Align(css, style, isCentred);
}
