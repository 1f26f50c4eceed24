using System.Text.Json;
using System.Text.RegularExpressions;
using Sessions.Postgres.Sql;

namespace Sessions.Gateway.Api.Querying;

/// <summary>Writes what SQL gave as JSON: numbers, booleans and JSON as themselves, all else as text.</summary>
internal static partial class SqlJson
{
    public static void Write(Utf8JsonWriter json, SqlAnswer answer)
    {
        json.WriteStartObject();
        SessionJson.WriteList(json, "columns", answer.Columns, (writer, column) =>
        {
            writer.WriteStartObject();
            writer.WriteString("name", column.Name);
            writer.WriteString("type", column.Type);
            writer.WriteEndObject();
        });
        SessionJson.WriteList(json, "rows", answer.Rows, (writer, row) =>
        {
            writer.WriteStartArray();
            for (int column = 0; column < row.Length; column++)
            {
                WriteValue(writer, answer.Columns[column].Type, row[column]);
            }

            writer.WriteEndArray();
        });
        json.WriteBoolean("truncated", answer.Truncated);
        json.WriteEndObject();
    }

    /// <summary>A value as text outside of JSON: times in ISO 8601, booleans in words.</summary>
    public static string Text(string type, string value) => KindOf(type) switch
    {
        Kind.Boolean => value == "t" ? "true" : "false",
        Kind.Time => Iso(value),
        _ => value,
    };

    /// <summary>Whether a column of this type holds numbers, or JSON, which begins like a formula only where it is a number.</summary>
    public static bool IsNumberOrJson(string type) => KindOf(type) is Kind.Number or Kind.Json;

    private enum Kind
    {
        Text,
        Number,
        Boolean,
        Json,
        Time,
    }

    private static void WriteValue(Utf8JsonWriter json, string type, string? value)
    {
        switch (KindOf(type))
        {
            case var _ when value is null:
                json.WriteNullValue();
                break;
            // NaN and the infinities are no numbers in JSON.
            case Kind.Number when value[^1] is >= '0' and <= '9':
                json.WriteRawValue(value, skipInputValidation: true);
                break;
            case Kind.Boolean:
                json.WriteBooleanValue(value == "t");
                break;
            case Kind.Json:
                json.WriteRawValue(value, skipInputValidation: true);
                break;
            default:
                json.WriteStringValue(Text(type, value));
                break;
        }
    }

    private static Kind KindOf(string type)
    {
        int modifier = type.IndexOf('(', StringComparison.Ordinal);
        return (modifier < 0 ? type : type[..modifier]) switch
        {
            "smallint" or "integer" or "bigint" or "numeric" or "real" or "double precision" or "oid" => Kind.Number,
            "boolean" => Kind.Boolean,
            "json" or "jsonb" => Kind.Json,
            "timestamp with time zone" or "timestamp without time zone" or "timestamp" => Kind.Time,
            _ => Kind.Text,
        };
    }

    private static string Iso(string time) => PostgresTime().Replace(time, match =>
        $"{match.Groups["day"]}T{match.Groups["clock"]}{(match.Groups["utc"].Success ? "Z" : "")}");

    // What lies beyond the year 9999, before the first, or at infinity stays as Postgres writes it.
    [GeneratedRegex(@"^(?<day>\d{4}-\d\d-\d\d) (?<clock>[\d:.]+)(?<utc>\+00)?$", RegexOptions.CultureInvariant)]
    private static partial Regex PostgresTime();
}
