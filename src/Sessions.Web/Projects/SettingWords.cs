using System.Globalization;
using System.Text.RegularExpressions;
using Sessions.Domain.Projects;

namespace Sessions.Web.Projects;

/// <summary>The names of settings, and of the parts of their rows, for people.</summary>
internal static partial class SettingWords
{
    private static readonly Dictionary<string, string> s_parts = new()
    {
        ["regex"] = "pattern",
        ["channel_type"] = "channel",
        ["combiner"] = "combination",
        ["items"] = "list of conditions",
        ["key"] = "property",
        ["op"] = "comparison",
    };

    /// <summary>A field, such as <c>channel_rules[0].items[1].value</c>, in words: Channel rule 1, condition 2, value.</summary>
    public static string Of(string field)
    {
        Match place = Place().Match(field);
        string setting = place.Success ? place.Groups["setting"].Value : field;
        SettingInput? input = ProjectSettingList.All.FirstOrDefault(one => one.Name == setting)?.Input;
        if (!place.Success)
        {
            return input?.Label ?? Layout.Format.Label(field);
        }

        string words = $"{input?.Row ?? Layout.Format.Label(setting)} {Number("row")}";
        words += place.Groups["item"].Success ? $", condition {Number("item")}" : "";
        return place.Groups["part"] is { Success: true, Value: var part } ? $"{words}, {s_parts.GetValueOrDefault(part, part)}" : words;

        int Number(string group) => int.Parse(place.Groups[group].ValueSpan, CultureInfo.InvariantCulture) + 1;
    }

    [GeneratedRegex(@"^(?<setting>[^\[]+)\[(?<row>[0-9]{1,6})\](\.items\[(?<item>[0-9]{1,6})\])?(\.(?<part>\w+))?$")]
    private static partial Regex Place();
}
