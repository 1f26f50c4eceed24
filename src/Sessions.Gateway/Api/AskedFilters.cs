using System.Collections.Frozen;
using System.Text.Json;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Api;

/// <summary>Reads filters: a JSON list of <c>{"key","type","operator","value"}</c>.</summary>
internal static class AskedFilters
{
    private const string Field = "filters";

    private static readonly FrozenDictionary<string, FilterOperator> Operators = new Dictionary<string, FilterOperator>
    {
        ["exact"] = FilterOperator.Exact,
        ["is_not"] = FilterOperator.IsNot,
        ["in"] = FilterOperator.In,
        ["not_in"] = FilterOperator.NotIn,
        ["icontains"] = FilterOperator.IContains,
        ["not_icontains"] = FilterOperator.NotIContains,
        ["regex"] = FilterOperator.Regex,
        ["not_regex"] = FilterOperator.NotRegex,
        ["gt"] = FilterOperator.Gt,
        ["gte"] = FilterOperator.Gte,
        ["lt"] = FilterOperator.Lt,
        ["lte"] = FilterOperator.Lte,
        ["between"] = FilterOperator.Between,
        ["is_set"] = FilterOperator.IsSet,
        ["is_not_set"] = FilterOperator.IsNotSet,
    }.ToFrozenDictionary();

    /// <summary>The filters; what is wrong with them is remembered in the fields.</summary>
    public static IReadOnlyList<SessionFilter> Read(AskedFields fields, string? text, ApiOptions options)
    {
        if (string.IsNullOrEmpty(text))
        {
            return [];
        }

        List<SessionFilter> filters = [];
        try
        {
            using JsonDocument json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind != JsonValueKind.Array)
            {
                fields.Refuse(Field, "must be a JSON list");
            }
            else if (json.RootElement.GetArrayLength() > options.MaxFilters)
            {
                fields.Refuse(Field, $"must be at most {options.MaxFilters}");
            }
            else
            {
                int index = 0;
                foreach (JsonElement item in json.RootElement.EnumerateArray())
                {
                    string name = $"{Field}[{index++}]";
                    if (ReadOne(fields, name, item, options) is { } filter)
                    {
                        filters.Add(filter);
                    }
                }
            }
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // A string with half a character in it is only noticed when it is read.
            fields.Refuse(Field, "must be valid JSON");
        }

        return filters;
    }

    private static SessionFilter? ReadOne(AskedFields fields, string name, JsonElement item, ApiOptions options)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            fields.Refuse(name, "must be an object");
            return null;
        }

        if (Text(item, "type") is not (null or "session"))
        {
            fields.Refuse($"{name}.type", "must be session here");
            return null;
        }

        if (Text(item, "key") is not { } key || SessionProperties.Find(key) is not { } property)
        {
            fields.Refuse($"{name}.key", "must be a property of a session, such as $entry_pathname");
            return null;
        }

        if (!Operators.TryGetValue(Text(item, "operator") ?? "exact", out FilterOperator comparison))
        {
            fields.Refuse($"{name}.operator", $"must be one of {string.Join(", ", Operators.Keys.Order(StringComparer.Ordinal))}");
            return null;
        }

        return Values(fields, $"{name}.value", item, property, comparison, options);
    }

    private static SessionFilter? Values(
        AskedFields fields, string name, JsonElement item, SessionProperty property, FilterOperator comparison, ApiOptions options)
    {
        if (comparison is FilterOperator.IsSet or FilterOperator.IsNotSet)
        {
            return new SessionFilter(property, comparison, []);
        }

        bool isList = item.TryGetProperty("value", out JsonElement value) && value.ValueKind == JsonValueKind.Array;
        JsonElement[] given = isList ? [.. value.EnumerateArray()] : [value];
        // A list to be equal to means any of it.
        comparison = (comparison, isList) switch
        {
            (FilterOperator.Exact, true) => FilterOperator.In,
            (FilterOperator.IsNot, true) => FilterOperator.NotIn,
            _ => comparison,
        };

        bool isAnyNumber = comparison is FilterOperator.In or FilterOperator.NotIn;
        int expected = comparison == FilterOperator.Between ? 2 : 1;
        if (isAnyNumber ? given.Length < 1 || given.Length > options.MaxFilterValues : given.Length != expected)
        {
            fields.Refuse(name, isAnyNumber ? $"must be 1 to {options.MaxFilterValues} values" : $"must be {expected} value(s)");
            return null;
        }

        bool isText = comparison
            is FilterOperator.IContains or FilterOperator.NotIContains or FilterOperator.Regex or FilterOperator.NotRegex;
        PropertyType type = isText ? PropertyType.Text : property.Type;
        List<object> values = [];
        foreach (JsonElement one in given)
        {
            if (Scalar(one) is not { } text || !PropertyText.TryParse(type, text, out object? parsed))
            {
                fields.Refuse(name, $"must be of the type of {property.Name}: {Describe(type)}");
                return null;
            }

            values.Add(parsed);
        }

        return new SessionFilter(property, comparison, values);
    }

    private static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };

    private static string Describe(PropertyType type) => type switch
    {
        PropertyType.Text => "text",
        PropertyType.Number => "a number",
        PropertyType.Seconds => "a number of seconds",
        PropertyType.Time => "a time in ISO 8601",
        PropertyType.Boolean => "true or false",
        PropertyType.Uuid => "a UUID of 36 characters",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };
}
