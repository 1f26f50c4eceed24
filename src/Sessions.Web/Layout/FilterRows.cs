using Sessions.Database.Properties;
using Sessions.Queries;
using Sessions.Web.Api;

namespace Sessions.Web.Layout;

/// <summary>One row of a filter builder, as the user typed it.</summary>
/// <param name="Key">The property.</param>
/// <param name="Operator">The operator.</param>
/// <param name="Value">The value; several values are separated by commas.</param>
/// <param name="IsOfEvent">Whether it is a property of an event of the session, not of the session itself.</param>
public sealed record FilterRow(string Key, string Operator, string Value, bool IsOfEvent = false)
{
    /// <summary>Why the filter can't be applied; null when it can. The page shows the rest without it.</summary>
    public string? Fault { get; init; }

    /// <summary>The value as its field has it.</summary>
    public string Typed => TypedText.Write(DirectReferrer.Show(Key, Operator, Value));

    /// <summary>The filter as a sentence.</summary>
    public string Text
    {
        get
        {
            string subject = !IsOfEvent ? Format.Label(Key) : Key == "event" ? "Has an event that" : $"Has an event whose {Key}";
            string comparison = FilterRows.Operators.FirstOrDefault(one => one.Name == Operator).Label ?? Operator;
            return FilterRows.TakesNoValue(Operator) ? $"{subject} {comparison}" : $"{subject} {comparison} {(Value.Length == 0 ? "(empty)" : Typed)}";
        }
    }
}

/// <summary>
/// The filters of a page. In its address each filter is one key, one op, one value and one "of", at the same
/// positions.
/// </summary>
public static class FilterRows
{
    /// <summary>The fields of an address that hold the filters.</summary>
    public static readonly string[] Fields = ["of", "key", "op", "value"];

    private const string OfEvent = "event";
    private const string OfSession = "session";

    private static readonly string[] Many = ["in", "not_in", "between"];
    private static readonly string[] None = ["is_set", "is_not_set"];

    /// <summary>The operators and their labels.</summary>
    public static IReadOnlyList<(string Name, string Label)> Operators { get; } =
    [
        ("exact", "is"), ("is_not", "is not"), ("icontains", "contains"), ("not_icontains", "does not contain"),
        ("in", "is one of"), ("not_in", "is none of"), ("gt", "greater than"), ("gte", "at least"), ("lt", "less than"), ("lte", "at most"),
        ("between", "is between"), ("regex", "matches"), ("not_regex", "does not match"), ("is_set", "is set"), ("is_not_set", "is not set"),
    ];

    /// <summary>The subjects of filters, with their labels.</summary>
    public static IReadOnlyList<(string Name, string Label)> Subjects { get; } =
        [(OfSession, "The session"), (OfEvent, "Has an event")];

    /// <summary>The most frequent keys of filters on events: columns, and properties that SDKs send.</summary>
    public static IReadOnlyList<string> EventKeys { get; } =
    [
        .. EventField.ColumnNames.Except(["event_id", "received_at"]),
        "$browser", "$device_type", "$lib", "$os", "$referrer", "$screen_name", "$viewport_width",
    ];

    /// <summary>Whether an operator compares with nothing.</summary>
    public static bool TakesNoValue(string comparison) => None.Contains(comparison);

    /// <summary>The filters in an address, unchecked: see <see cref="PageFilters"/>.</summary>
    public static IReadOnlyList<FilterRow> Read(PageQuery query)
    {
        IReadOnlyList<string> keys = query.All("key"), operators = query.All("op"), values = query.All("value"), subjects = query.All("of");
        return
        [
            .. keys.Select((key, at) => new FilterRow(
                    key.Trim(),
                    operators.ElementAtOrDefault(at) ?? "exact",
                    TypedText.Read(values.ElementAtOrDefault(at) ?? ""),
                    subjects.ElementAtOrDefault(at) == OfEvent))
                .Where(row => row.Key.Length > 0)
                .Select(row => row with { Value = DirectReferrer.Read(row.Key, row.Operator, row.Value) }),
        ];
    }

    /// <summary>The same address with these filters.</summary>
    public static PageQuery Write(PageQuery query, IReadOnlyList<FilterRow> rows) => query
        .With("of", rows.Any(row => row.IsOfEvent) ? rows.Select(row => row.IsOfEvent ? OfEvent : OfSession) : [])
        .With("key", rows.Select(row => row.Key))
        .With("op", rows.Select(row => row.Operator))
        .With("value", rows.Select(row => TypedText.Write(row.Value)));

    /// <summary>The filters as the API takes them, without those that can't be applied.</summary>
    public static IReadOnlyList<FilterJson> ToJson(IReadOnlyList<FilterRow> rows) =>
    [
        .. rows.Where(row => row.Fault is null).Select(row => new FilterJson(
            row.Key,
            row.IsOfEvent ? OfEvent : OfSession,
            OperatorOf(row),
            None.Contains(row.Operator) ? null
                : Many.Contains(row.Operator) ? FilterJson.ValueOf(row.Value.Split(',', StringSplitOptions.TrimEntries))
                : FilterJson.ValueOf(row.Value))),
    ];

    // On the page the operators have one meaning for a text and for a list.
    private static string OperatorOf(FilterRow row) =>
        row.IsOfEvent || SessionProperties.Find(row.Key)?.Type != PropertyType.List ? row.Operator : row.Operator switch
        {
            "exact" or "icontains" or "in" => "contains",
            "is_not" or "not_icontains" or "not_in" => "not_contains",
            _ => row.Operator,
        };
}
