using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>Filters, read off the contract's words.</summary>
internal static class NaiveFilters
{
    public static bool OnSession(StoredSession session, JsonNode filter) => (string?)filter["type"] == "event"
        ? session.Events.Any(happened => OnEvent(session, happened, filter))
        : Matches(session[(string)filter["key"]!], filter, isFreeForm: false);

    public static bool OnEvent(StoredSession session, StoredEvent happened, JsonNode filter)
    {
        string key = (string)filter["key"]!;
        return (string?)filter["type"] != "event" ? OnSession(session, filter)
            : key == "event" ? Matches(happened.Name, filter, isFreeForm: false)
            : Matches(happened.Properties.GetValueOrDefault(key), filter, isFreeForm: true);
    }

    private static bool Matches(object? actual, JsonNode filter, bool isFreeForm)
    {
        string comparison = (string?)filter["operator"] ?? "exact";
        JsonNode?[] values = filter["value"] is JsonArray list ? [.. list] : [filter["value"]];
        if (actual is null)
        {
            return comparison is "is_not" or "not_in" or "not_icontains" or "not_regex" or "not_contains" or "is_not_set";
        }

        if (actual is string[] names)
        {
            bool has = values.Any(value => names.Contains((string?)value));
            return comparison switch { "contains" => has, "not_contains" => !has, _ => comparison == "is_set" };
        }

        string text = Text(actual);
        return comparison switch
        {
            "exact" or "in" => values.Any(Equal),
            "is_not" or "not_in" => !values.Any(Equal),
            "icontains" => text.Contains((string)values[0]!, StringComparison.OrdinalIgnoreCase),
            "not_icontains" => !text.Contains((string)values[0]!, StringComparison.OrdinalIgnoreCase),
            "regex" => Regex.IsMatch(text, (string)values[0]!),
            "not_regex" => !Regex.IsMatch(text, (string)values[0]!),
            "gt" => Order(values[0]!) > 0,
            "gte" => Order(values[0]!) >= 0,
            "lt" => Order(values[0]!) < 0,
            "lte" => Order(values[0]!) <= 0,
            "between" => Order(values[0]!) >= 0 && Order(values[1]!) <= 0,
            "is_set" => true,
            "is_not_set" => false,
            _ => throw new ArgumentOutOfRangeException(nameof(filter), comparison, null),
        };

        bool Equal(JsonNode? value) => IsNumber(value) ? Order(value!) == 0 : text == Plain(value!);

        // Null where there is no order: a text beside a number.
        int? Order(JsonNode value)
        {
            if (!IsNumber(value))
            {
                return actual is DateTimeOffset time
                    ? time.CompareTo(DateTimeOffset.Parse(Plain(value), CultureInfo.InvariantCulture))
                    : Math.Sign(string.CompareOrdinal(text, Plain(value)));
            }

            decimal? number = actual as decimal?
                ?? (isFreeForm && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal parsed) ? parsed : null);
            return number?.CompareTo((decimal)value);
        }
    }

    private static bool IsNumber(JsonNode? value) => value?.GetValueKind() == System.Text.Json.JsonValueKind.Number;

    private static string Plain(JsonNode value) => value.GetValueKind() switch
    {
        System.Text.Json.JsonValueKind.True => "true",
        System.Text.Json.JsonValueKind.False => "false",
        _ => value.ToString(),
    };

    private static string Text(object value) => value switch
    {
        bool yes => yes ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
