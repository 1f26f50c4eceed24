using System.Globalization;

namespace Sessions.Columns.UserSql;

/// <summary>A type of an answer's column: its name is Postgres', whichever engine answers.</summary>
/// <param name="Name">The name, such as <c>bigint</c>, <c>text[]</c> or <c>timestamp with time zone</c>.</param>
/// <param name="Scale">The digits after the point of a <c>numeric</c> that has a fixed number of them.</param>
/// <param name="Item">The type of the items of a list.</param>
/// <param name="Duck">DuckDB's name of the type, without what stands in parentheses.</param>
internal sealed record UserType(string Name, int Scale = 0, UserType? Item = null, string Duck = "")
{
    /// <summary>Lists of lists, objects and maps are JSON.</summary>
    public const string Json = "jsonb";

    /// <summary>The type that DuckDB calls so.</summary>
    public static UserType Of(string duck)
    {
        if (duck.EndsWith(']'))
        {
            UserType item = Of(duck[..duck.LastIndexOf('[')]);
            return item.Item is null && item.Name != Json ? new UserType(item.Name + "[]", Item: item) : new UserType(Json);
        }

        int modifier = duck.IndexOf('(', StringComparison.Ordinal);
        string name = modifier < 0 ? duck : duck[..modifier];
        UserType type = name switch
        {
            "BOOLEAN" => new UserType("boolean"),
            "TINYINT" or "UTINYINT" or "SMALLINT" => new UserType("smallint"),
            "USMALLINT" or "INTEGER" => new UserType("integer"),
            "UINTEGER" or "BIGINT" => new UserType("bigint"),
            "UBIGINT" or "HUGEINT" or "UHUGEINT" => new UserType("numeric"),
            "DECIMAL" => new UserType("numeric", int.Parse(duck[(duck.IndexOf(',', StringComparison.Ordinal) + 1)..^1], CultureInfo.InvariantCulture)),
            "FLOAT" => new UserType("real"),
            "DOUBLE" => new UserType("double precision"),
            "UUID" => new UserType("uuid"),
            "DATE" => new UserType("date"),
            "TIME" => new UserType("time without time zone"),
            "TIMESTAMP" or "TIMESTAMP_S" or "TIMESTAMP_MS" or "TIMESTAMP_NS" => new UserType("timestamp without time zone"),
            "TIMESTAMP WITH TIME ZONE" => new UserType("timestamp with time zone"),
            "INTERVAL" => new UserType("interval"),
            "BLOB" => new UserType("bytea"),
            "JSON" or "STRUCT" or "MAP" => new UserType(Json),
            "VARCHAR" or "ENUM" or "BIT" or "\"NULL\"" => new UserType("text"),
            var other => throw new Asking.ColumnsRefusedException($"An answer can't hold the type {other}: cast it to VARCHAR."),
        };
        return type with { Duck = name };
    }
}
