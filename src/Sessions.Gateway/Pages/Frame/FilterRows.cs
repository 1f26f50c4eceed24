using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Sessions.Gateway.Pages.Frame;

/// <summary>One row of a filter builder, as its person typed it.</summary>
/// <param name="Key">The property.</param>
/// <param name="Operator">How it is compared.</param>
/// <param name="Value">With what; several values have commas between them.</param>
public sealed record FilterRow(string Key, string Operator, string Value);

/// <summary>The filters of a page: in its address each is one key, one op and one value, in the same places.</summary>
public static class FilterRows
{
    private static readonly string[] Many = ["in", "not_in", "between"];
    private static readonly string[] None = ["is_set", "is_not_set"];

    /// <summary>The operators and how people say them.</summary>
    public static IReadOnlyList<(string Name, string Label)> Operators { get; } =
    [
        ("exact", "is"), ("is_not", "is not"), ("icontains", "contains"), ("not_icontains", "does not contain"),
        ("in", "is one of"), ("not_in", "is none of"), ("gt", "over"), ("gte", "at least"), ("lt", "under"), ("lte", "at most"),
        ("between", "is between"), ("regex", "matches"), ("not_regex", "does not match"), ("is_set", "is set"), ("is_not_set", "is not set"),
    ];

    public static IReadOnlyList<FilterRow> Read(PageQuery query)
    {
        IReadOnlyList<string> keys = query.All("key"), operators = query.All("op"), values = query.All("value");
        return
        [
            .. keys.Select((key, at) => new FilterRow(key, operators.ElementAtOrDefault(at) ?? "exact", values.ElementAtOrDefault(at) ?? ""))
                .Where(row => row.Key.Length > 0),
        ];
    }

    /// <summary>The same address with these filters.</summary>
    public static PageQuery Write(PageQuery query, IReadOnlyList<FilterRow> rows) => query
        .With("key", rows.Select(row => row.Key))
        .With("op", rows.Select(row => row.Operator))
        .With("value", rows.Select(row => row.Value));

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
            json.WriteString("type", "session");
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
