using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Sessions.Domain.Querying;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Api;

/// <summary>Reads filters: a JSON list of <c>{"key","type","operator","value"}</c>.</summary>
internal static class AskedFilters
{
    private const string Field = "filters";
    private const int MaxKeyLength = 1000;

    private static readonly string[] Known = ["key", "type", "operator", "value"];

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

    /// <summary>The filters in a text of JSON; what is wrong with them is remembered in the fields.</summary>
    /// <param name="fields">Remembers what is wrong.</param>
    /// <param name="text">The text; null and empty are no filters.</param>
    /// <param name="calendar">Whose clocks show the times that have no offset.</param>
    /// <param name="options">How many there may be.</param>
    public static IReadOnlyList<Filter> Read(AskedFields fields, string? text, LocalCalendar calendar, ApiOptions options)
    {
        if (string.IsNullOrEmpty(text))
        {
            return [];
        }

        try
        {
            using JsonDocument json = JsonDocument.Parse(text);
            return Read(fields, Field, json.RootElement, calendar, options);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // A string with half a character in it is only noticed when it is read.
            fields.Refuse(Field, "must be valid JSON");
            return [];
        }
    }

    /// <summary>The filters in a list; what is wrong with them is remembered in the fields.</summary>
    /// <exception cref="InvalidOperationException">A string has half a character in it.</exception>
    public static IReadOnlyList<Filter> Read(
        AskedFields fields, string field, JsonElement list, LocalCalendar calendar, ApiOptions options)
    {
        List<Filter> filters = [];
        if (list.ValueKind != JsonValueKind.Array)
        {
            fields.Refuse(field, "must be a JSON list");
        }
        else if (list.GetArrayLength() > options.MaxFilters)
        {
            fields.Refuse(field, $"must be at most {options.MaxFilters}");
        }
        else
        {
            int index = 0;
            foreach (JsonElement item in list.EnumerateArray())
            {
                string name = $"{field}[{index++}]";
                if (ReadOne(fields, name, item, calendar, options) is { } filter)
                {
                    filters.Add(filter);
                }
            }
        }

        return filters;
    }

    private static Filter? ReadOne(AskedFields fields, string name, JsonElement item, LocalCalendar calendar, ApiOptions options)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            fields.Refuse(name, "must be an object");
            return null;
        }

        // Without its operator, say, a filter would mean another one.
        if (item.EnumerateObject().FirstOrDefault(member => !Known.Contains(member.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } slip)
        {
            fields.Refuse($"{name}.{slip.Name}", $"is not known: expected {string.Join(", ", Known)}");
            return null;
        }

        bool hasType = item.TryGetProperty("type", out JsonElement type) && type.ValueKind != JsonValueKind.Null;
        bool isEvent = hasType && Text(item, "type") == "event";
        if (hasType && !isEvent && Text(item, "type") != "session")
        {
            fields.Refuse($"{name}.type", "must be session or event");
            return null;
        }

        string? key = Text(item, "key");
        SessionProperty? property = isEvent || key is null ? null : SessionProperties.Find(key);
        if (isEvent ? !IsEventKey(key) : property is null)
        {
            fields.Refuse(
                $"{name}.key",
                isEvent ? "must be a column or a property of events, such as event or $current_url"
                    : "must be a property of a session, such as $entry_pathname");
            return null;
        }

        bool hasOperator = item.TryGetProperty("operator", out JsonElement given) && given.ValueKind != JsonValueKind.Null;
        if (!Operators.TryGetValue(hasOperator ? Text(item, "operator") ?? "" : "exact", out FilterOperator comparison))
        {
            fields.Refuse($"{name}.operator", $"must be one of {string.Join(", ", Operators.Keys.Order(StringComparer.Ordinal))}");
            return null;
        }

        EventField? column = isEvent ? EventField.Find(key!) : null;
        PropertyType itsType = column?.Type ?? property!.Type;
        if (Values(fields, $"{name}.value", item, ref comparison, key!, itsType, column is { Column: null }, calendar, options) is not { } values)
        {
            return null;
        }

        values = IdForms.Of(key!, ref comparison, values);
        return column is null
            ? new SessionFilter(property!, comparison, values)
            : new EventPropertyFilter(column, comparison, values);
    }

    // What Postgres can't hold no event has, but asking for it must not fail either.
    private static bool IsEventKey(string? key) =>
        key is { Length: >= 1 and <= MaxKeyLength } && PropertyText.TryParse(PropertyType.Text, key, out _);

    private static List<object>? Values(
        AskedFields fields,
        string name,
        JsonElement item,
        ref FilterOperator comparison,
        string key,
        PropertyType itsType,
        bool mayBeAnything,
        LocalCalendar calendar,
        ApiOptions options)
    {
        if (comparison is FilterOperator.IsSet or FilterOperator.IsNotSet)
        {
            return [];
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

        PropertyType type = IsOnText(comparison) ? PropertyType.Text : itsType;
        bool isOrder = comparison >= FilterOperator.Gt;
        List<object> values = [];
        foreach (JsonElement one in given)
        {
            if (Scalar(one) is not { } text || !TryParse(type, text, calendar, out object? parsed))
            {
                fields.Refuse(name, $"must be of the type of {key}: {Describe(type)}");
                return null;
            }

            // An event's property may hold anything: a number is compared as one, and so is what looks like one where
            // there is more and less.
            if (mayBeAnything && !IsOnText(comparison) && (isOrder || one.ValueKind == JsonValueKind.Number)
                && PropertyText.TryParse(PropertyType.Number, text, out object? number))
            {
                parsed = number;
            }

            values.Add(parsed);
        }

        if (isOrder && values.Any(one => one is string) && values.Any(one => one is decimal))
        {
            fields.Refuse(name, "must be two numbers or two texts");
            return null;
        }

        return values;
    }

    private static bool TryParse(PropertyType type, string text, LocalCalendar calendar, [NotNullWhen(true)] out object? value)
    {
        if (type != PropertyType.Time)
        {
            return PropertyText.TryParse(type, text, out value);
        }

        value = AskedTime.Point(text, calendar);
        return value is not null;
    }

    private static bool IsOnText(FilterOperator comparison) => comparison
        is FilterOperator.IContains or FilterOperator.NotIContains or FilterOperator.Regex or FilterOperator.NotRegex;

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
        PropertyType.Time => "a time in ISO 8601 (2026-01-31T12:00:00Z), or a date",
        PropertyType.Boolean => "true or false",
        PropertyType.Uuid => "a UUID of 36 characters",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };
}
