using System.Buffers;
using System.Text;
using System.Text.Json;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Pages.Frame;

/// <summary>One row of a filter builder, as its person typed it.</summary>
/// <param name="Key">The property.</param>
/// <param name="Operator">How it is compared.</param>
/// <param name="Value">With what; several values have commas between them.</param>
/// <param name="IsOfEvent">Whether an event of the session has it, and not the session itself.</param>
public sealed record FilterRow(string Key, string Operator, string Value, bool IsOfEvent = false);

/// <summary>The filters of a page: in its address each is one key, one op, one value and one "of", in the same places.</summary>
public static class FilterRows
{
    /// <summary>The fields of an address that hold the filters.</summary>
    public static readonly string[] Fields = ["of", "key", "op", "value"];

    private const string OfEvent = "event";
    private const string OfSession = "session";

    private static readonly string[] Many = ["in", "not_in", "between"];
    private static readonly string[] None = ["is_set", "is_not_set"];

    /// <summary>The operators and how people say them.</summary>
    public static IReadOnlyList<(string Name, string Label)> Operators { get; } =
    [
        ("exact", "is"), ("is_not", "is not"), ("icontains", "contains"), ("not_icontains", "does not contain"),
        ("in", "is one of"), ("not_in", "is none of"), ("gt", "over"), ("gte", "at least"), ("lt", "under"), ("lte", "at most"),
        ("between", "is between"), ("regex", "matches"), ("not_regex", "does not match"), ("is_set", "is set"), ("is_not_set", "is not set"),
    ];

    /// <summary>What is filtered by, as an address names it and as people say it.</summary>
    public static IReadOnlyList<(string Name, string Label)> Subjects { get; } =
        [(OfSession, "The session"), (OfEvent, "Has an event")];

    /// <summary>What events are most often asked for by: columns of theirs and properties that SDKs send.</summary>
    public static IReadOnlyList<string> EventKeys { get; } =
    [
        .. EventField.ColumnNames.Except(["event_id", "received_at"]),
        "$browser", "$device_type", "$lib", "$os", "$referrer", "$screen_name", "$viewport_width",
    ];

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
                .Where(row => row.Key.Length > 0),
        ];
    }

    /// <summary>The same address with these filters.</summary>
    public static PageQuery Write(PageQuery query, IReadOnlyList<FilterRow> rows) => query
        .With("of", rows.Any(row => row.IsOfEvent) ? rows.Select(row => row.IsOfEvent ? OfEvent : OfSession) : [])
        .With("key", rows.Select(row => row.Key))
        .With("op", rows.Select(row => row.Operator))
        .With("value", rows.Select(row => TypedText.Write(row.Value)));

    /// <summary>The filters as the API takes them.</summary>
    public static string ToJson(IReadOnlyList<FilterRow> rows)
    {
        ArrayBufferWriter<byte> text = new();
        using (Utf8JsonWriter json = new(text))
        {
            Write(json, rows);
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    /// <summary>Writes the filters as the API takes them.</summary>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<FilterRow> rows)
    {
        json.WriteStartArray();
        foreach (FilterRow row in rows)
        {
            json.WriteStartObject();
            json.WriteString("key", row.Key);
            json.WriteString("type", row.IsOfEvent ? OfEvent : OfSession);
            json.WriteString("operator", row.Operator);
            if (Many.Contains(row.Operator))
            {
                json.WriteStartArray("value");
                foreach (string value in row.Value.Split(',', StringSplitOptions.TrimEntries))
                {
                    json.WriteStringValue(value);
                }

                json.WriteEndArray();
            }
            else if (!None.Contains(row.Operator))
            {
                json.WriteString("value", row.Value);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
