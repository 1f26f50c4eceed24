using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Microsoft.OpenApi;
using Sessions.Queries.UserSql;
using Sessions.Web.Api;

namespace Sessions.Web.UserSql;

/// <summary>A query in SQL, as the API takes it.</summary>
/// <param name="Query">The query; null when it is missing.</param>
/// <param name="Engine">The engine to ask; null for the columns, or Postgres while they can't answer.</param>
[Description("A query in SQL.")]
internal sealed record SqlQueryJson(
    [property: Description("One statement that reads the views of the project, such as select count(*) from sessions.")] string Query,
    [property: Description("The engine to ask: columns (DuckDB's dialect; 503 when they can't answer) or postgres. Without it the columns, or Postgres while they can't answer.")] string? Engine = null);

/// <summary>A column of a result, as the API writes it.</summary>
[Description("A column of a result, with Postgres' name of its type.")]
internal sealed record SqlColumnJson(string Name, string Type);

/// <summary>The result of a query in SQL, as the API writes it.</summary>
[Description("Columns and rows. truncated: rows beyond the limit were left out. engine: columns or postgres, which answered.")]
internal sealed record SqlAnswerJson(IReadOnlyList<SqlColumnJson> Columns, SqlRowsJson Rows, bool Truncated, string Engine)
{
    public static SqlAnswerJson Of(SqlAnswer answer) => new(
        [.. answer.Columns.Select(column => new SqlColumnJson(column.Name, column.Type))], new SqlRowsJson(answer), answer.Truncated, SqlJson.Word(answer.Engine));
}

/// <summary>The rows of a result, as the API writes them: a list of values each, in the order of the columns.</summary>
/// <param name="Answer">The result.</param>
[Description("The rows: a list of values each, in the order of the columns.")]
[JsonConverter(typeof(SqlRowsConverter))]
internal sealed record SqlRowsJson(SqlAnswer Answer);

/// <summary>Reads queries in SQL and writes their results.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SqlQueryJson))]
[JsonSerializable(typeof(SqlAnswerJson))]
internal sealed partial class SqlJsonContext : JsonSerializerContext;

/// <summary>Writes rows without copying their values.</summary>
internal sealed class SqlRowsConverter : JsonConverter<SqlRowsJson>, IDescribedConverter
{
    public void Describe(OpenApiSchema schema)
    {
        schema.Type = JsonSchemaType.Array;
        schema.Items = new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            Items = new OpenApiSchema { Description = "Numbers, booleans and JSON as such, all other values as text; null where there is none." },
        };
    }

    public override SqlRowsJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Results can only be written, not read.");

    public override void Write(Utf8JsonWriter writer, SqlRowsJson value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (string?[] row in value.Answer.Rows)
        {
            writer.WriteStartArray();
            for (int column = 0; column < row.Length; column++)
            {
                SqlJson.WriteValue(writer, value.Answer.Columns[column].Type, row[column]);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }
}

/// <summary>Writes the values of SQL: numbers, booleans and JSON unchanged, lists as lists, all other types as text.</summary>
internal static partial class SqlJson
{
    /// <summary>An engine's word in the API.</summary>
    public static string Word(SqlEngine engine) => engine == SqlEngine.Columns ? "columns" : "postgres";

    /// <summary>Writes a value as JSON.</summary>
    public static void WriteValue(Utf8JsonWriter json, string type, string? value)
    {
        switch (KindOf(type))
        {
            case var _ when value is null:
                json.WriteNullValue();
                break;
            // JSON has no NaN and no infinities.
            case Kind.Number when value[^1] is >= '0' and <= '9':
                json.WriteRawValue(value, skipInputValidation: true);
                break;
            case Kind.Boolean:
                json.WriteBooleanValue(value == "t");
                break;
            case Kind.Json:
                json.WriteRawValue(value, skipInputValidation: true);
                break;
            case Kind.List when SqlList.TryRead(value, out IReadOnlyList<string?>? list):
                json.WriteStartArray();
                foreach (string? one in list)
                {
                    WriteValue(json, type[..^2], one);
                }

                json.WriteEndArray();
                break;
            default:
                json.WriteStringValue(Text(type, value));
                break;
        }
    }

    /// <summary>A value as text outside of JSON: times in ISO 8601, booleans as words.</summary>
    public static string Text(string type, string value) => KindOf(type) switch
    {
        Kind.Boolean => value == "t" ? "true" : "false",
        Kind.Time => Iso(value),
        _ => value,
    };

    /// <summary>
    /// Whether a column of this type holds numbers or JSON. JSON begins like a formula only if it is a number.
    /// </summary>
    public static bool IsNumberOrJson(string type) => KindOf(type) is Kind.Number or Kind.Json;

    private enum Kind
    {
        Text,
        Number,
        Boolean,
        Json,
        Time,
        List,
    }

    private static Kind KindOf(string type)
    {
        int modifier = type.IndexOf('(', StringComparison.Ordinal);
        return (modifier < 0 ? type : type[..modifier]) switch
        {
            "smallint" or "integer" or "bigint" or "numeric" or "real" or "double precision" or "oid" => Kind.Number,
            "boolean" => Kind.Boolean,
            "json" or "jsonb" => Kind.Json,
            var list when list.EndsWith("[]", StringComparison.Ordinal) => Kind.List,
            "timestamp with time zone" or "timestamp without time zone" or "timestamp" => Kind.Time,
            _ => Kind.Text,
        };
    }

    private static string Iso(string time) => PostgresTime().Replace(time, match =>
        $"{match.Groups["day"]}T{match.Groups["clock"]}{(match.Groups["utc"].Success ? "Z" : "")}");

    // Times after the year 9999, before year 1, or at infinity stay as Postgres writes them.
    [GeneratedRegex(@"^(?<day>\d{4}-\d\d-\d\d) (?<clock>[\d:.]+)(?<utc>\+00)?$", RegexOptions.CultureInvariant)]
    private static partial Regex PostgresTime();
}
