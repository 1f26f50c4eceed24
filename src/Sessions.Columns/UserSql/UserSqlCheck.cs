using System.Text.Json;
using DuckDB.NET.Data;
using Sessions.Columns.Asking;

namespace Sessions.Columns.UserSql;

/// <summary>
/// Decides whether people's SQL may run, by the tree that DuckDB's own parser makes of it: one query that reads the views and
/// its own common tables, and calls known functions. Everything that is not known to be harmless is refused.
/// </summary>
internal static class UserSqlCheck
{
    // DuckDB allows a depth of 1,000 of expressions, each of which is two or three levels of JSON, and some more of queries.
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 20_000 };

    private static readonly string[] Tables = ["BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY", "PIVOT"];

    // The views of DuckDB's catalog, which an unqualified name finds.
    private static readonly string[] CatalogPrefixes = ["duckdb_", "pg_", "pragma_", "sqlite_"];

    // DuckDB crashes when it makes a VARIANT of deep JSON. The other one has no use here.
    private static readonly string[] RefusedTypes = ["VARIANT", "GEOMETRY"];

    /// <summary>DuckDB's own parser decides what a statement is. It writes nothing but SELECTs as JSON.</summary>
    /// <returns>The statement as a tree.</returns>
    /// <exception cref="ColumnsRefusedException">It is no single SELECT.</exception>
    public static JsonDocument Parse(DuckDBCommand command, string sql)
    {
        JsonDocument parsed;
        try
        {
            parsed = JsonDocument.Parse((string)command.ExecuteScalar()!, Deep);
        }
        catch (JsonException)
        {
            throw new ColumnsRefusedException("The query is nested too deeply.");
        }

        try
        {
            RequireOneSelect(parsed.RootElement, sql);
            return parsed;
        }
        catch
        {
            parsed.Dispose();
            throw;
        }
    }

    /// <summary>Checks a statement.</summary>
    /// <param name="parsed">What <see cref="Parse"/> returned.</param>
    /// <param name="sql">Its text.</param>
    /// <exception cref="ColumnsRefusedException">It does or reads something else.</exception>
    public static void Check(JsonDocument parsed, string sql)
    {
        JsonElement statement = parsed.RootElement.GetProperty("statements")[0];
        HashSet<string> common = new(StringComparer.OrdinalIgnoreCase);
        foreach (JsonElement node in Nodes(statement))
        {
            if (node.TryGetProperty("cte_map", out JsonElement map))
            {
                common.UnionWith(map.GetProperty("map").EnumerateArray().Select(table => table.GetProperty("key").GetString()!));
            }
        }

        foreach (JsonElement node in Nodes(statement))
        {
            if (Fault(node, common) is { } fault)
            {
                throw new ColumnsRefusedException(fault) { Position = PositionOf(node, sql) };
            }
        }
    }

    private static void RequireOneSelect(JsonElement parsed, string sql)
    {
        if (parsed.GetProperty("error").GetBoolean())
        {
            if (Text(parsed, "error_type") == "not implemented")
            {
                throw new ColumnsRefusedException("There must be one query that reads: a SELECT, with or without WITH, or VALUES.");
            }

            throw new ColumnsRefusedException(Text(parsed, "error_message") ?? "The statement is no SELECT.")
            {
                Position = int.TryParse(Text(parsed, "position"), out int bytes) ? UserSqlMessage.PositionOf(sql, bytes) : 0,
            };
        }

        if (parsed.GetProperty("statements").GetArrayLength() != 1)
        {
            throw new ColumnsRefusedException("There must be exactly one statement.");
        }
    }

    private static string? Fault(JsonElement node, HashSet<string> common)
    {
        // Only references to tables have an alias and a sample, and no class.
        if (node.TryGetProperty("sample", out _) && node.TryGetProperty("alias", out _) && !node.TryGetProperty("class", out _))
        {
            return FaultOfTable(node, common);
        }

        if (Text(node, "class") == "PARAMETER")
        {
            return $"There is no parameter ${Text(node, "identifier")}: the query has to hold the value itself.";
        }

        if (Text(node, "function_name") is { } function && !UserFunctions.OfExpressions.Contains(function))
        {
            return UserFunctions.OfTables.Contains(function) ? null : $"The function {function} is not available.";
        }

        return (Text(node, "id") ?? Text(node, "name")) is { } type && node.TryGetProperty(Text(node, "id") is null ? "user_type_modifiers" : "type_info", out _)
            && RefusedTypes.Contains(type, StringComparer.OrdinalIgnoreCase)
                ? $"The type {type} is not available."
                : null;
    }

    private static string? FaultOfTable(JsonElement node, HashSet<string> common)
    {
        string type = Text(node, "type") ?? "";
        if (!Tables.Contains(type))
        {
            return "There must be one query that reads: DESCRIBE, SHOW and SUMMARIZE are not available.";
        }

        if (type == "TABLE_FUNCTION")
        {
            string? function = node.TryGetProperty("function", out JsonElement call) ? Text(call, "function_name") : null;
            return function is not null && UserFunctions.OfTables.Contains(function) ? null : $"The table function {function} is not available.";
        }

        if (type != "BASE_TABLE")
        {
            return null;
        }

        string name = Text(node, "table_name") ?? "", schema = Text(node, "schema_name") ?? "", catalog = Text(node, "catalog_name") ?? "";
        bool isKnown = schema.Length == 0 && catalog.Length == 0
            && (UserViews.Names.Contains(name, StringComparer.OrdinalIgnoreCase)
                || (common.Contains(name) && !CatalogPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))));
        return isKnown
            ? null
            : $"There is no table {string.Join('.', ((string[])[catalog, schema, name]).Where(part => part.Length > 0))}. "
                + $"A query reads {string.Join(", ", UserViews.Names.SkipLast(1))} and {UserViews.Names[^1]}.";
    }

    private static int PositionOf(JsonElement node, string sql) =>
        node.TryGetProperty("query_location", out JsonElement place) && place.TryGetInt32(out int bytes) ? UserSqlMessage.PositionOf(sql, bytes) : 0;

    private static string? Text(JsonElement node, string name) =>
        node.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>All objects of a tree. Without recursion, since the tree may be deep.</summary>
    private static IEnumerable<JsonElement> Nodes(JsonElement root)
    {
        Stack<JsonElement> open = new([root]);
        while (open.TryPop(out JsonElement node))
        {
            if (node.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement item in node.EnumerateArray())
                {
                    open.Push(item);
                }
            }
            else if (node.ValueKind == JsonValueKind.Object)
            {
                yield return node;
                foreach (JsonProperty property in node.EnumerateObject())
                {
                    open.Push(property.Value);
                }
            }
        }
    }
}
