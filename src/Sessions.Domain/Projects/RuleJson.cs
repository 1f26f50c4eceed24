using System.Text.Json;

namespace Sessions.Domain.Projects;

/// <summary>
/// Channel rules, <c>{"id","combiner","items":[{"key","op","value"}],"channel_type"}</c>, and path rules,
/// <c>{"regex","replacement"}</c>, in JSON. A member that is missing or has the wrong type becomes null, which the
/// check of the rules reports with its place.
/// </summary>
internal static class RuleJson
{
    private static readonly string[] ChannelMembers = ["id", "combiner", "items", "channel_type"];

    // PostHog's conditions have an id too, which is ignored.
    private static readonly string[] ConditionMembers = ["key", "op", "value", "id"];

    private static readonly string[] PathMembers = ["regex", "replacement"];

    public static RulesKind<ProjectChannelRule> Channels { get; } = new(
        JsonShape.ObjectOf(
            ("id", JsonShape.Text),
            ("combiner", JsonShape.OneOf(Domain.Channels.ChannelRules.Combiners)),
            ("items", JsonShape.ListOf(JsonShape.ObjectOf(
                ("key", JsonShape.OneOf(Domain.Channels.ChannelRules.Keys)),
                ("op", JsonShape.OneOf(Domain.Channels.ChannelRules.Operators)),
                ("value", JsonShape.ListOf(JsonShape.Text) with
                {
                    Asked = new JsonShape("string", "array", "null") { Items = JsonShape.Text },
                    IsOptional = true,
                }),
                ("id", JsonShape.Anything with { IsIgnored = true })))),
            ("channel_type", JsonShape.Text)),
        ReadChannel,
        WriteChannel);

    public static RulesKind<ProjectPathRule> Paths { get; } = new(
        JsonShape.ObjectOf(("regex", JsonShape.Text), ("replacement", JsonShape.Text)), ReadPath, WritePath);

    private static ProjectChannelRule ReadChannel(JsonElement rule, string field, Refuse refuse)
    {
        if (rule.ValueKind != JsonValueKind.Object)
        {
            return null!;
        }

        RefuseUnknown(rule, field, refuse, ChannelMembers);
        ProjectChannelCondition[]? items = rule.TryGetProperty("items", out JsonElement list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select((item, i) => ReadCondition(item, $"{field}.items[{i}]", refuse))]
            : null;
        return new ProjectChannelRule(TextOf(rule, "id")!, TextOf(rule, "combiner")!, items!, TextOf(rule, "channel_type")!);
    }

    private static ProjectChannelCondition ReadCondition(JsonElement item, string field, Refuse refuse)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            return null!;
        }

        RefuseUnknown(item, field, refuse, ConditionMembers);
        return new ProjectChannelCondition(TextOf(item, "key")!, TextOf(item, "op")!, ValuesOf(item)!);
    }

    /// <summary>Reads one text or a list of texts; <c>is_set</c> needs none.</summary>
    private static string[]? ValuesOf(JsonElement item) =>
        !item.TryGetProperty("value", out JsonElement value) ? [] : value.ValueKind switch
        {
            JsonValueKind.Null => [],
            JsonValueKind.String => [value.GetString()!],
            JsonValueKind.Array => [.. value.EnumerateArray().Select(one => TextOf(one)!)],
            _ => null,
        };

    private static void WriteChannel(Utf8JsonWriter json, ProjectChannelRule rule)
    {
        json.WriteStartObject();
        json.WriteString("id", rule.Id);
        json.WriteString("combiner", rule.Combiner);
        json.WriteStartArray("items");
        foreach (ProjectChannelCondition item in rule.Items)
        {
            json.WriteStartObject();
            json.WriteString("key", item.Key);
            json.WriteString("op", item.Op);
            json.WriteStartArray("value");
            foreach (string value in item.Values)
            {
                json.WriteStringValue(value);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("channel_type", rule.ChannelType);
        json.WriteEndObject();
    }

    private static ProjectPathRule ReadPath(JsonElement rule, string field, Refuse refuse)
    {
        if (rule.ValueKind != JsonValueKind.Object)
        {
            refuse(field, "must be a JSON object");
            return new ProjectPathRule(null!, null!);
        }

        RefuseUnknown(rule, field, refuse, PathMembers);
        return new ProjectPathRule(Member("regex")!, Member("replacement")!);

        string? Member(string name)
        {
            if (rule.TryGetProperty(name, out JsonElement member) && member.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
            {
                refuse($"{field}.{name}", "must be a text");
            }

            return TextOf(rule, name);
        }
    }

    private static void WritePath(Utf8JsonWriter json, ProjectPathRule rule)
    {
        json.WriteStartObject();
        json.WriteString("regex", rule.Regex);
        json.WriteString("replacement", rule.Replacement);
        json.WriteEndObject();
    }

    private static void RefuseUnknown(JsonElement value, string field, Refuse refuse, string[] known)
    {
        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (!known.Contains(member.Name))
            {
                refuse($"{field}.{member.Name}", $"is not known: expected {string.Join(", ", known)}");
            }
        }
    }

    private static string? TextOf(JsonElement value, string name) =>
        value.TryGetProperty(name, out JsonElement member) ? TextOf(member) : null;

    private static string? TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
