using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Sessions.Domain.Projects;

namespace Sessions.Web.Projects;

/// <summary>A condition of a channel rule in the form; its values are one a line.</summary>
public sealed record ConditionRow(string Key, string Operator, string Values);

/// <summary>A channel rule in the form.</summary>
public sealed record ChannelRow(string Id, string Combiner, string Channel, IReadOnlyList<ConditionRow> Conditions);

/// <summary>A path rule in the form.</summary>
public sealed record PathRow(string Regex, string Replacement);

/// <summary>
/// Settings that are lists, as rows of a form. Between the form and the settings a list is one text, as users typed it before
/// there were rows: texts one a line, rules as JSON. A page that was opened before an upgrade still sends that text.
/// </summary>
internal static class RuleRows
{
    // The field that is in the form also when a list has no row left.
    private const string Marker = "rows";
    private const string NoText = "\"\"";

    private static readonly string[] s_withoutValues = ["is_set", "is_not_set"];

    private static readonly JsonSerializerOptions s_readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The name of the field that says that the form has the rows of a setting.</summary>
    public static string MarkerOf(string name) => $"{name}.{Marker}";

    /// <summary>The text of the rows in a form; null when the form does not have them.</summary>
    public static string? Text(IFormCollection form, string name, SettingRows rows) =>
        form.TryGetValue(name, out StringValues typed) ? string.Join('\n', typed.ToArray()).Trim()
        : !form.ContainsKey(MarkerOf(name)) ? null
        : (rows == SettingRows.ChannelRules ? Channels(form, name) : Paths(form, name)).ToJsonString(s_readable);

    /// <summary>The rows that are texts.</summary>
    public static IReadOnlyList<string> Texts(string text) =>
        text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The channel rules in a text; null when it is no list of rules.</summary>
    public static IReadOnlyList<ChannelRow>? Channels(string text) => Rules(text, rule => new ChannelRow(
        Member(rule, "id"),
        Member(rule, "combiner"),
        Member(rule, "channel_type"),
        [
            .. (rule["items"] as JsonArray ?? []).OfType<JsonObject>().Select(item => new ConditionRow(
                Member(item, "key"), Member(item, "op"), Lines(item["value"]))),
        ]));

    /// <summary>The path rules in a text; null when it is no list of rules.</summary>
    public static IReadOnlyList<PathRow>? Paths(string text) =>
        Rules(text, rule => new PathRow(Member(rule, "regex"), Member(rule, "replacement")));

    /// <summary>
    /// The first condition of each rule that has a property and no value. The API ignores such a condition; in a form it is a
    /// mistake, because a rule without conditions holds for every session.
    /// </summary>
    public static IEnumerable<(string Field, string Fault)> Missing(SettingsForm form)
    {
        const string field = "channel_rules";
        IReadOnlyList<ChannelRow> rules = form.Has(field) ? Channels(form[field]) ?? [] : [];
        return rules.Index().SelectMany(rule => rule.Item.Conditions.Index()
            .Where(one => one.Item.Values.Length == 0 && !s_withoutValues.Contains(one.Item.Operator))
            .Select(one => ($"{field}[{rule.Index}].items[{one.Index}].value", "is missing: type at least one")));
    }

    private static JsonArray Channels(IFormCollection form, string name)
    {
        JsonArray rules = [];
        HashSet<string> ids = [.. Places(form, name).Select(place => Field(form, $"{name}.{place}.id"))];
        foreach (int place in Places(form, name))
        {
            string rule = $"{name}.{place}", channel = Field(form, $"{rule}.channel_type"), id = Field(form, $"{rule}.id");
            JsonArray items = [];
            foreach (string item in Places(form, $"{rule}.items").Select(at => $"{rule}.items.{at}"))
            {
                if (Field(form, $"{item}.key") is { Length: > 0 } key)
                {
                    string[] values = [.. Texts(form[$"{item}.value"].ToString().ReplaceLineEndings("\n")).Select(Value)];
                    items.Add(new JsonObject
                    {
                        ["key"] = key,
                        ["op"] = Field(form, $"{item}.op"),
                        ["value"] = new JsonArray([.. values.Select(value => (JsonNode)value)]),
                    });
                }
            }

            // A row that the user left empty, or emptied to remove it.
            if (channel.Length == 0 && items.Count == 0)
            {
                continue;
            }

            rules.Add(new JsonObject
            {
                ["id"] = id.Length > 0 ? id : NewId(ids),
                ["combiner"] = Field(form, $"{rule}.combiner"),
                ["items"] = items,
                ["channel_type"] = channel,
            });
        }

        return rules;
    }

    private static JsonArray Paths(IFormCollection form, string name) =>
    [
        .. Places(form, name).Select(place => (Regex: Field(form, $"{name}.{place}.regex"), Replacement: Field(form, $"{name}.{place}.replacement")))
            .Where(rule => rule.Regex.Length > 0 || rule.Replacement.Length > 0)
            .Select(rule => new JsonObject { ["regex"] = rule.Regex, ["replacement"] = rule.Replacement }),
    ];

    private static IReadOnlyList<T>? Rules<T>(string text, Func<JsonObject, T> read)
    {
        try
        {
            return text.Length == 0 ? []
                : JsonNode.Parse(text) is JsonArray rules && rules.All(rule => rule is JsonObject) ? [.. rules.Select(rule => read(rule!.AsObject()))]
                : null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or ArgumentException)
        {
            // No JSON, half of a surrogate pair, or a member twice.
            return null;
        }
    }

    private static string Member(JsonObject rule, string name) =>
        rule[name] is JsonValue value && value.TryGetValue(out string? text) ? text : "";

    private static string Lines(JsonNode? value) => string.Join('\n', value switch
    {
        JsonArray values => values.Select(one => one is JsonValue text && text.TryGetValue(out string? read) ? Line(read) : ""),
        JsonValue one when one.TryGetValue(out string? read) => [Line(read)],
        _ => [],
    });

    // Spaces at the ends and empty texts would get lost on a line of their own.
    private static string Line(string value) =>
        value.Length == 0 ? NoText
        : value != value.Trim() || value is ['"', .., '"'] || value.Any(char.IsControl) ? JsonSerializer.Serialize(value, s_readable)
        : value;

    private static string Value(string line)
    {
        if (line is not ['"', .., '"'])
        {
            return line;
        }

        try
        {
            return JsonSerializer.Deserialize<string>(line)!;
        }
        catch (JsonException)
        {
            // A text that happens to have quotes around it.
            return line;
        }
    }

    private static string NewId(HashSet<string> taken)
    {
        int id = 1;
        while (!taken.Add(id.ToString(CultureInfo.InvariantCulture)))
        {
            id++;
        }

        return id.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The numbers of rows in a form, in their order.</summary>
    private static IEnumerable<int> Places(IFormCollection form, string list) => form.Keys
        .Where(key => key.StartsWith(list + ".", StringComparison.Ordinal))
        .Select(key => key[(list.Length + 1)..].Split('.')[0])
        .Distinct()
        .Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int place) ? place : -1)
        .Where(place => place >= 0)
        .Order();

    private static string Field(IFormCollection form, string field) => form[field].ToString().Trim();
}
