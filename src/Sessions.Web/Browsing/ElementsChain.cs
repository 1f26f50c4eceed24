using System.Text;
using System.Text.Json;

namespace Sessions.Web.Browsing;

/// <summary>An element of a page, as an SDK's autocapture describes it.</summary>
/// <param name="Tag">Its tag in lower case; empty when it is unknown.</param>
/// <param name="Text">Its text; null for none.</param>
/// <param name="Attributes">Its attributes.</param>
internal sealed record CapturedElement(string Tag, string? Text, IReadOnlyDictionary<string, string> Attributes)
{
    /// <summary>The value of an attribute; null when it has none.</summary>
    public string? this[string attribute] => Attributes.GetValueOrDefault(attribute);
}

/// <summary>
/// Reads the elements of an event: the one that the user clicked or changed, then those around it. SDKs send them as one
/// text or as a list; neither is trusted to be well-formed.
/// </summary>
internal static class ElementsChain
{
    // The element and what is around it. The rest of the page doesn't name it.
    private const int MostElements = 5;
    private const int MostCharacters = 20_000;
    private const int MostAttributes = 40;

    private const string Attribute = "attr__";

    /// <summary>The elements in an event's properties.</summary>
    public static IReadOnlyList<CapturedElement> Of(JsonElement properties)
    {
        if (properties.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        foreach (string name in (string[])["$elements_chain", "elements_chain"])
        {
            if (properties.TryGetProperty(name, out JsonElement chain) && chain.ValueKind == JsonValueKind.String
                && Parse(chain.GetString()!) is [_, ..] parsed)
            {
                return parsed;
            }
        }

        return properties.TryGetProperty("$elements", out JsonElement list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Take(MostElements).Where(one => one.ValueKind == JsonValueKind.Object).Select(Read)]
            : [];
    }

    /// <summary>
    /// Reads a chain such as <c>button.primary:attr__id="buy"text="Add to basket";form:nth-child="1"</c>. What can't be read
    /// ends it.
    /// </summary>
    public static IReadOnlyList<CapturedElement> Parse(string chain)
    {
        ReadOnlySpan<char> rest = chain.AsSpan(0, Math.Min(chain.Length, MostCharacters));
        List<CapturedElement> elements = [];
        while (rest.Length > 0 && elements.Count < MostElements)
        {
            int tagEnd = rest.IndexOfAny('.', ':', ';');
            string tag = (tagEnd < 0 ? rest : rest[..tagEnd]).ToString().Trim().ToLowerInvariant();
            Dictionary<string, string> attributes = new(StringComparer.Ordinal);
            string? text = null;

            // Classes may contain colons, so attributes begin after the last colon before the first quoted value.
            int quote = rest.IndexOf("=\"", StringComparison.Ordinal), end = rest.IndexOf(';');
            if (quote >= 0 && (end < 0 || quote < end))
            {
                int colon = rest[..quote].LastIndexOf(':');
                rest = rest[(colon + 1)..];
                while (TryReadValue(ref rest, out string name, out string value))
                {
                    if (name == "text")
                    {
                        text = value;
                    }
                    else if (attributes.Count < MostAttributes)
                    {
                        attributes.TryAdd(WithoutMark(name), value);
                    }
                }

                end = rest.IndexOf(';');
            }

            elements.Add(new CapturedElement(tag, text, attributes));
            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return elements;
    }

    private static bool TryReadValue(ref ReadOnlySpan<char> rest, out string name, out string value)
    {
        (name, value) = ("", "");
        int equals = rest.IndexOf("=\"", StringComparison.Ordinal);
        int end = rest.IndexOf(';');
        if (equals < 0 || (end >= 0 && end < equals))
        {
            return false;
        }

        StringBuilder read = new();
        for (int at = equals + 2; at < rest.Length; at++)
        {
            if (rest[at] == '\\' && at + 1 < rest.Length)
            {
                read.Append(rest[++at]);
            }
            else if (rest[at] == '"')
            {
                (name, value) = (rest[..equals].ToString().Trim(), read.ToString());
                rest = rest[(at + 1)..];
                return true;
            }
            else
            {
                read.Append(rest[at]);
            }
        }

        // The value does not end, so the chain was cut.
        rest = [];
        return false;
    }

    private static CapturedElement Read(JsonElement element)
    {
        string tag = "";
        string? text = null;
        Dictionary<string, string> attributes = new(StringComparer.Ordinal);
        foreach (JsonProperty member in element.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.String)
            {
                continue;
            }

            string value = member.Value.GetString()!;
            switch (member.Name)
            {
                case "tag_name":
                    tag = value.ToLowerInvariant();
                    break;
                case "$el_text" or "text":
                    text = value;
                    break;
                default:
                    if (attributes.Count < MostAttributes)
                    {
                        attributes.TryAdd(WithoutMark(member.Name), value);
                    }

                    break;
            }
        }

        return new CapturedElement(tag, text, attributes);
    }

    private static string WithoutMark(string name) => name.StartsWith(Attribute, StringComparison.Ordinal) ? name[Attribute.Length..] : name;
}
