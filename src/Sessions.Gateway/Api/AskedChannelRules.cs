using System.Text.Json;

namespace Sessions.Gateway.Api;

/// <summary>
/// Reads channel rules: <c>[{"id","combiner","items":[{"key","op","value"}],"channel_type"}]</c>. What is missing or of
/// the wrong type becomes null, which the check of the rules names with its place.
/// </summary>
internal static class AskedChannelRules
{
    private static readonly string[] RuleMembers = ["id", "combiner", "items", "channel_type"];

    // PostHog's conditions have an id too. Nobody needs it here.
    private static readonly string[] ItemMembers = ["key", "op", "value", "id"];

    public static IReadOnlyList<ProjectChannelRule>? Read(AskedFields fields, JsonElement rules)
    {
        const string field = "channel_rules";
        if (rules.ValueKind != JsonValueKind.Array)
        {
            fields.Refuse(field, "must be a list of rules");
            return null;
        }

        return [.. rules.EnumerateArray().Select((rule, i) => Rule(fields, $"{field}[{i}]", rule))];
    }

    private static ProjectChannelRule Rule(AskedFields fields, string field, JsonElement rule)
    {
        if (rule.ValueKind != JsonValueKind.Object)
        {
            return null!;
        }

        RefuseUnknown(fields, field, rule, RuleMembers);
        ProjectChannelCondition[]? items = rule.TryGetProperty("items", out JsonElement list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select((item, i) => Item(fields, $"{field}.items[{i}]", item))]
            : null;
        return new ProjectChannelRule(Text(rule, "id")!, Text(rule, "combiner")!, items!, Text(rule, "channel_type")!);
    }

    private static ProjectChannelCondition Item(AskedFields fields, string field, JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            return null!;
        }

        RefuseUnknown(fields, field, item, ItemMembers);
        return new ProjectChannelCondition(Text(item, "key")!, Text(item, "op")!, Values(item)!);
    }

    /// <summary>One text or a list of them; <c>is_set</c> needs none.</summary>
    private static string[]? Values(JsonElement item) =>
        !item.TryGetProperty("value", out JsonElement value) ? [] : value.ValueKind switch
        {
            JsonValueKind.Null => [],
            JsonValueKind.String => [value.GetString()!],
            JsonValueKind.Array => [.. value.EnumerateArray().Select(one => TextOf(one)!)],
            _ => null,
        };

    private static void RefuseUnknown(AskedFields fields, string field, JsonElement value, string[] known)
    {
        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (!known.Contains(member.Name))
            {
                fields.Refuse($"{field}.{member.Name}", $"is not known: expected {string.Join(", ", known)}");
            }
        }
    }

    private static string? Text(JsonElement value, string name) =>
        value.TryGetProperty(name, out JsonElement member) ? TextOf(member) : null;

    private static string? TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
