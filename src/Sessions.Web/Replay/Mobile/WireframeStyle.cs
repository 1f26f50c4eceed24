using System.Text;
using System.Text.Json;

namespace Sessions.Web.Replay.Mobile;

/// <summary>
/// Turns a wireframe's place and style into CSS. It writes only numbers, names from a list and checked colours, so the CSS
/// loads nothing and ends where it should.
/// </summary>
internal static class WireframeStyle
{
    private const int MaxColourLength = 64;
    private const int MaxFontLength = 100;

    /// <summary>A colour that CSS knows and that contains nothing else; null otherwise.</summary>
    public static string? Colour(JsonElement of)
    {
        if (of.Text()?.Trim() is not { Length: > 0 and <= MaxColourLength } text)
        {
            return null;
        }

        bool isPlain = text.All(one => char.IsAsciiLetterOrDigit(one) || one is '#' or '(' or ')' or ',' or '.' or '%' or ' ' or '/' or '-');
        bool isFunction = text.Contains('(', StringComparison.Ordinal);
        bool isKnown = text[0] == '#' || !isFunction
            || text.StartsWith("rgb", StringComparison.OrdinalIgnoreCase) || text.StartsWith("hsl", StringComparison.OrdinalIgnoreCase);
        return isPlain && isKnown && text.Count(one => one == '(') <= 1 && text.Count(one => one == ')') <= 1 ? text : null;
    }

    /// <summary>
    /// Appends the place of a wireframe on the screen. SDKs send the place on the screen, not in the parent.
    /// </summary>
    public static void Place(StringBuilder css, JsonElement wireframe, string? type)
    {
        css.Append("position:fixed;box-sizing:border-box;");
        double? y = wireframe.Get("y"u8).Pixels();
        css.Append("left:").Append(WireframeJson.Css(wireframe.Get("x"u8).Pixels() ?? 0)).Append("px;");
        if (y is null && type == "navigation_bar")
        {
            css.Append("bottom:0;");
        }
        else
        {
            css.Append("top:").Append(WireframeJson.Css(y ?? 0)).Append("px;");
        }

        bool isBar = type is "status_bar" or "navigation_bar";
        Extent(css, "width:", wireframe.Get("width"u8), isBar ? "100%" : null);
        Extent(css, "height:", wireframe.Get("height"u8), isBar ? (type == "status_bar" ? "24px" : "48px") : null);
    }

    /// <summary>Appends the look of a wireframe's box: background, border, corners, padding, font and opacity.</summary>
    public static void Box(StringBuilder css, JsonElement style)
    {
        if (Colour(style.Get("backgroundColor"u8)) is { } background)
        {
            css.Append("background-color:").Append(background).Append(';');
        }

        if (style.Get("borderWidth"u8).Length() is > 0 and var border)
        {
            css.Append("border:").Append(WireframeJson.Css(border)).Append("px solid ")
                .Append(Colour(style.Get("borderColor"u8)) ?? "currentcolor").Append(';');
        }

        Length(css, "border-radius:", style.Get("borderRadius"u8));
        Length(css, "padding-top:", style.Get("paddingTop"u8));
        Length(css, "padding-right:", style.Get("paddingRight"u8));
        Length(css, "padding-bottom:", style.Get("paddingBottom"u8));
        Length(css, "padding-left:", style.Get("paddingLeft"u8));
        if (Colour(style.Get("color"u8)) is { } colour)
        {
            css.Append("color:").Append(colour).Append(';');
        }

        Length(css, "font-size:", style.Get("fontSize"u8));
        Font(css, style);
        if (style.Get("opacity"u8).Number() is { } opacity)
        {
            css.Append("opacity:").Append(WireframeJson.Css(Math.Clamp(opacity, 0, 1))).Append(';');
        }
    }

    /// <summary>Appends where in its box a wireframe's own content is.</summary>
    /// <param name="css">The CSS so far.</param>
    /// <param name="style">The wireframe's style.</param>
    /// <param name="isCentred">Whether it is in the middle when the style does not say.</param>
    public static void Align(StringBuilder css, JsonElement style, bool isCentred)
    {
        (string justify, string text) = style.Get("horizontalAlign"u8).Text() switch
        {
            "center" => ("center", "center"),
            "right" or "end" => ("flex-end", "right"),
            "left" or "start" => ("flex-start", "left"),
            _ => isCentred ? ("center", "center") : ("flex-start", "left"),
        };
        string align = style.Get("verticalAlign"u8).Text() switch
        {
            "top" => "flex-start",
            "bottom" => "flex-end",
            _ => "center",
        };
        css.Append("display:flex;align-items:").Append(align).Append(";justify-content:").Append(justify)
            .Append(";text-align:").Append(text).Append(';');
    }

    private static void Extent(StringBuilder css, string name, JsonElement value, string? otherwise)
    {
        if (value.Length() is { } pixels)
        {
            css.Append(name).Append(WireframeJson.Css(pixels)).Append("px;");
        }
        else if (value.Text() is "100%" or "100vw" or "100vh")
        {
            css.Append(name).Append("100%;");
        }
        else if (otherwise is not null)
        {
            css.Append(name).Append(otherwise).Append(';');
        }
    }

    private static void Length(StringBuilder css, string name, JsonElement value)
    {
        if (value.Length() is { } pixels)
        {
            css.Append(name).Append(WireframeJson.Css(pixels)).Append("px;");
        }
    }

    private static void Font(StringBuilder css, JsonElement style)
    {
        string family = style.Get("fontFamily"u8).Text() is { Length: <= MaxFontLength } text
            ? new string([.. text.Where(one => char.IsAsciiLetterOrDigit(one) || one is ' ' or '-' or '_' or '.')]).Trim()
            : "";
        // Android's name for the bold form of a font.
        bool isBold = family.EndsWith("-bold", StringComparison.OrdinalIgnoreCase);
        family = isBold ? family[..^"-bold".Length] : family;
        if (family.Length > 0)
        {
            bool isGeneric = family is "sans-serif" or "serif" or "monospace";
            css.Append("font-family:").Append(isGeneric ? family : $"'{family}',sans-serif").Append(';');
        }

        string? weight = style.Get("fontWeight"u8).Shown();
        if (isBold || weight == "bold")
        {
            css.Append("font-weight:bold;");
        }
        else if (style.Get("fontWeight"u8).Number() is >= 1 and <= 1000 and var number)
        {
            css.Append("font-weight:").Append(WireframeJson.Css(number)).Append(';');
        }

        if (style.Get("fontStyle"u8).Text() == "italic")
        {
            css.Append("font-style:italic;");
        }
    }
}
