using System.Globalization;
using System.Text;
using System.Text.Json;
using Sessions.Queries;
using Sessions.Web.Layout;

namespace Sessions.Web.Browsing;

/// <summary>
/// What happened, in words: the timeline of a session and the list beside its recording use the same. Never has what a user
/// typed.
/// </summary>
/// <param name="Name">What happened, such as <c>Click “Add to basket”</c>.</param>
/// <param name="About">Where, or another detail; null for none.</param>
/// <param name="Kind">The kind of its mark: view, click, own or other.</param>
public sealed record EventTitle(string Name, string? About, string Kind)
{
    /// <summary>The most characters of a text in a name.</summary>
    public const int MostText = 80;

    private const int MostAbout = 200;

    private const string View = "view";
    private const string Click = "click";
    private const string Own = "own";
    private const string Other = "other";

    // The attributes that name an element, the best first. The value is not among them: users type it.
    private static readonly string[] Naming = ["aria-label", "title", "alt", "placeholder", "name", "id", "data-testid"];
    private static readonly string[] NamingFields = ["aria-label", "name", "id", "placeholder", "title", "data-testid", "type"];
    private static readonly string[] Fields = ["input", "textarea", "select", "textinput"];
    private static readonly string[] Pressed = ["a", "button", "summary", "label", "option"];

    /// <summary>The title of an event.</summary>
    public static EventTitle Of(EventRow happened)
    {
        using var document = JsonDocument.Parse(happened.PropertiesJson ?? "{}");
        JsonElement properties = document.RootElement;
        string? page = Cut(happened.Pathname ?? happened.CurrentUrl, MostAbout);
        return happened.Event switch
        {
            "$pageview" => new("Page view", page, View),
            "$screen" => new("Screen", Text(properties, "$screen_name", MostAbout) ?? "without a name", View),
            "$pageleave" => new("Page leave", page, Other),
            "$autocapture" => Captured(properties, page),
            "$rageclick" => new(Named("Rage click", "on", properties), page, Click),
            "$dead_click" => new(Named("Dead click", "on", properties), page, Click),
            "$copy_autocapture" => new("Copied text", page, Click),
            "$identify" => new("Identified", null, Other),
            "$exception" => new("Exception", Problem(properties) ?? page, Other),
            "$feature_flag_called" => new("Feature flag called", Text(properties, "$feature_flag", MostText), Other),
            ['$', ..] => new(Cut(Format.Label(happened.Event), MostText)!, page, Other),
            _ => new(Cut(happened.Event, MostText) ?? happened.Event, page, Own),
        };
    }

    /// <summary>
    /// A text in one line, without characters that change the direction of what follows, and shortened. Null when nothing is
    /// left.
    /// </summary>
    public static string? Cut(string? text, int most)
    {
        if (text is null)
        {
            return null;
        }

        StringBuilder line = new();
        bool isBlank = false;
        // Enough for a text with many characters that are left out.
        foreach (Rune rune in text.AsSpan(0, Math.Min(text.Length, most * 8)).EnumerateRunes())
        {
            UnicodeCategory category = Rune.GetUnicodeCategory(rune);
            if (Rune.IsWhiteSpace(rune) || category == UnicodeCategory.Control)
            {
                isBlank = line.Length > 0;
                continue;
            }

            if (rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0x200E or 0x200F or 0xFEFF)
            {
                continue;
            }

            if (line.Length + (isBlank ? 1 : 0) + rune.Utf16SequenceLength > most)
            {
                return line.Append('…').ToString();
            }

            line.Append(isBlank ? " " : "").Append(rune.ToString());
            isBlank = false;
        }

        return line.Length == 0 ? null : line.ToString();
    }

    private static EventTitle Captured(JsonElement properties, string? page)
    {
        IReadOnlyList<CapturedElement> elements = ElementsChain.Of(properties);
        CapturedElement? target = elements.Count > 0 ? elements[0] : null;
        switch (Text(properties, "$event_type", MostText))
        {
            case "change":
                return new(Quoted("Changed field", NameOf(target, NamingFields)), page, Click);
            case "submit":
                return new(Quoted("Submitted form", NameOf(target, NamingFields)), page, Click);
            case "touch":
                return new(Named("Touch", "on", properties), Text(properties, "$screen_name", MostAbout) ?? page, Click);
            case "copy" or "cut":
                return new("Copied text", page, Click);
            default:
                return target is not null && Fields.Contains(target.Tag) && target["type"] is not ("submit" or "button" or "checkbox" or "radio")
                    ? new(Quoted("Click in field", NameOf(target, NamingFields)), page, Click)
                    : new(Named("Click", "on", properties), page, Click);
        }
    }

    /// <summary>The verb with the name of what was clicked: its text, else what is read out for it, else its tag.</summary>
    private static string Named(string verb, string preposition, JsonElement properties)
    {
        IReadOnlyList<CapturedElement> elements = ElementsChain.Of(properties);
        string? name = Text(properties, "$el_text", MostText);
        foreach (CapturedElement element in elements)
        {
            name ??= Cut(element.Text, MostText) ?? NameOf(element, Naming);
            // What is around a button or link doesn't name it.
            if (name is not null || Pressed.Contains(element.Tag))
            {
                break;
            }
        }

        return name is not null ? Quoted(verb, name)
            : elements is [{ Tag.Length: > 0 } first, ..] ? $"{verb} {preposition} {Cut(first.Tag, MostText)}"
            : verb;
    }

    private static string Quoted(string verb, string? name) => name is null ? verb : $"{verb} “{name}”";

    private static string? NameOf(CapturedElement? element, string[] attributes) =>
        element is null ? null : attributes.Select(attribute => Cut(element[attribute], MostText)).FirstOrDefault(name => name is not null);

    private static string? Problem(JsonElement properties)
    {
        if (properties.TryGetProperty("$exception_list", out JsonElement list) && list.ValueKind == JsonValueKind.Array
            && list.GetArrayLength() > 0 && list[0].ValueKind == JsonValueKind.Object)
        {
            string? type = Text(list[0], "type", MostText), value = Text(list[0], "value", MostAbout);
            return type is null ? value : value is null ? type : $"{type}: {value}";
        }

        return Text(properties, "$exception_message", MostAbout) ?? Text(properties, "$exception_type", MostAbout);
    }

    private static string? Text(JsonElement properties, string name, int most) =>
        properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? Cut(value.GetString(), most)
            : null;
}
