using System.Collections.Frozen;
using Sessions.Database.Properties;
using Sessions.Domain;
using Sessions.Domain.Querying;
using Sessions.Queries;

namespace Sessions.Web.Api;

/// <summary>Checks one filter of a request.</summary>
/// <param name="errors">Collects the faults.</param>
/// <param name="name">The filter's name in the request.</param>
/// <param name="calendar">The time zone of times without an offset.</param>
/// <param name="options">The limit for values.</param>
internal sealed class OneFilterCheck(RequestErrors errors, string name, LocalCalendar calendar, ApiOptions options)
{
    private const int MaxKeyLength = 1000;

    private static readonly (string Name, FilterOperator Operator)[] AllOperators =
    [
        ("exact", FilterOperator.Exact),
        ("is_not", FilterOperator.IsNot),
        ("in", FilterOperator.In),
        ("not_in", FilterOperator.NotIn),
        ("icontains", FilterOperator.IContains),
        ("not_icontains", FilterOperator.NotIContains),
        ("regex", FilterOperator.Regex),
        ("not_regex", FilterOperator.NotRegex),
        ("contains", FilterOperator.Contains),
        ("not_contains", FilterOperator.NotContains),
        ("gt", FilterOperator.Gt),
        ("gte", FilterOperator.Gte),
        ("lt", FilterOperator.Lt),
        ("lte", FilterOperator.Lte),
        ("between", FilterOperator.Between),
        ("is_set", FilterOperator.IsSet),
        ("is_not_set", FilterOperator.IsNotSet),
    ];

    private static readonly FrozenDictionary<string, FilterOperator> Operators = AllOperators.ToFrozenDictionary(one => one.Name, one => one.Operator);

    private static readonly string OfLists = Listed(of => IsOnList(of) || IsOnAny(of));
    private static readonly string OfOthers = Listed(of => !IsOnList(of));

    /// <summary>The names of the operators.</summary>
    public static IReadOnlyList<string> OperatorNames { get; } = [.. AllOperators.Select(one => one.Name)];

    /// <summary>
    /// Returns the filter of a query. Returns null and adds a fault when the request's filter is wrong.
    /// </summary>
    public Filter? Check(FilterJson asked)
    {
        bool isEvent = asked.Type == "event";
        if (!isEvent && asked.Type is not (null or "session"))
        {
            errors.Refuse($"{name}.type", "must be session or event");
            return null;
        }

        SessionProperty? property = isEvent || asked.Key is null ? null : SessionProperties.Find(asked.Key);
        if (isEvent ? FieldOf(asked.Key) is null : property is null)
        {
            errors.Refuse(
                $"{name}.key",
                isEvent ? "must be a column or a property of events, such as event or $current_url"
                    : "must be a property of a session, such as $entry_pathname");
            return null;
        }

        if (!Operators.TryGetValue(asked.Operator ?? "exact", out FilterOperator comparison))
        {
            errors.Refuse($"{name}.operator", $"must be one of {string.Join(", ", Operators.Keys.Order(StringComparer.Ordinal))}");
            return null;
        }

        bool isList = property?.Type == PropertyType.List;
        if (isList ? !IsOnList(comparison) && !IsOnAny(comparison) : IsOnList(comparison))
        {
            errors.Refuse(
                $"{name}.operator",
                isList ? $"must be one of {OfLists}, because {asked.Key} is a list" : $"must be one of {OfOthers}, because {asked.Key} is no list");
            return null;
        }

        // Equality with a list means equality with any of its values.
        comparison = (comparison, asked.IsList) switch
        {
            (FilterOperator.Exact, true) => FilterOperator.In,
            (FilterOperator.IsNot, true) => FilterOperator.NotIn,
            _ => comparison,
        };
        EventField? column = isEvent ? FieldOf(asked.Key) : null;
        if (Values(asked, comparison, column?.Type ?? property!.Type, column is { Column: null }) is not { } values)
        {
            return null;
        }

        (comparison, IReadOnlyList<object> all) = IdForms.Of(asked.Key!, comparison, values);
        return column is null
            ? new SessionFilter(property!, comparison, all)
            : new EventPropertyFilter(column, comparison, all);
    }

    private List<object>? Values(FilterJson asked, FilterOperator comparison, PropertyType itsType, bool mayBeAnything)
    {
        if (asked.TakesNoValue)
        {
            return [];
        }

        bool isAnyNumber = comparison is FilterOperator.In or FilterOperator.NotIn || IsOnList(comparison);
        int expected = comparison == FilterOperator.Between ? 2 : 1;
        int count = asked.Values.Count;
        if (isAnyNumber ? count < 1 || count > options.MaxFilterValues : count != expected)
        {
            errors.Refuse($"{name}.value", isAnyNumber ? $"must be 1 to {options.MaxFilterValues} values" : $"must be {expected} value(s)");
            return null;
        }

        PropertyType type = IsOnText(comparison) ? PropertyType.Text : itsType;
        bool isOrder = comparison >= FilterOperator.Gt;
        List<object> values = [];
        foreach (FilterValue one in asked.Values)
        {
            // A property of an event may have any type. A number is compared as a number, and so is a text that looks
            // like one if the operator needs an order.
            bool mayBeNumber = mayBeAnything && !IsOnText(comparison) && (isOrder || one.IsNumber);
            if (ValueOf(type, one.Text, mayBeNumber) is not { } value)
            {
                errors.Refuse($"{name}.value", $"must be of the type of {asked.Key}: {Describe(type)}");
                return null;
            }

            values.Add(value);
        }

        if (isOrder && values.Any(one => one is string) && values.Any(one => one is decimal))
        {
            errors.Refuse($"{name}.value", "must be two numbers or two texts");
            return null;
        }

        return values;
    }

    private object? ValueOf(PropertyType type, string? text, bool mayBeNumber)
    {
        if (text is null)
        {
            return null;
        }

        if (type == PropertyType.Time)
        {
            return RequestTime.Point(text, calendar);
        }

        return !PropertyText.TryParse(type, text, out object? value) ? null
            : mayBeNumber && PropertyText.TryParse(PropertyType.Number, text, out object? number) ? number
            : value;
    }

    /// <summary>The column or property of events of this name, as capture stores names; null when no event can have one.</summary>
    public static EventField? FieldOf(string? key) =>
        key is { Length: >= 1 and <= MaxKeyLength } ? EventField.Find(PlainText.Storable(key)) : null;

    private static bool IsOnText(FilterOperator comparison) => comparison
        is FilterOperator.IContains or FilterOperator.NotIContains or FilterOperator.Regex or FilterOperator.NotRegex;

    private static bool IsOnList(FilterOperator comparison) => comparison is FilterOperator.Contains or FilterOperator.NotContains;

    private static bool IsOnAny(FilterOperator comparison) => comparison is FilterOperator.IsSet or FilterOperator.IsNotSet;

    private static string Listed(Func<FilterOperator, bool> which) =>
        string.Join(", ", AllOperators.Where(one => which(one.Operator)).Select(one => one.Name).Order(StringComparer.Ordinal));

    private static string Describe(PropertyType type) => type switch
    {
        PropertyType.Text or PropertyType.List => "text",
        PropertyType.Number => "a number",
        PropertyType.Seconds => "a number of seconds",
        PropertyType.Time => "a time in ISO 8601 (2026-01-31T12:00:00Z), or a date",
        PropertyType.Boolean => "true or false",
        PropertyType.Uuid => "a UUID of 36 characters",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };
}
