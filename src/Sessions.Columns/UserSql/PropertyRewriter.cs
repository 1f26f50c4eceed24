using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sessions.Columns.UserSql;

/// <summary>
/// Writes people's SQL anew so that it reads the columns that a file has for frequent properties, not the JSON. It has the same answer, or
/// fails; then the SQL has to be run as it was written.
/// </summary>
internal static class PropertyRewriter
{
    private const string Serialize = "SELECT json_serialize_sql($1::VARCHAR)";
    private const string Deserialize = "SELECT json_deserialize_sql($1::JSON)";

    private const string Select = "SELECT ";

    // DuckDB may write a few levels more than it read.
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 1_000 };

    /// <summary>The new SQL; null when there is nothing to gain, or when it is not sure that it means the same.</summary>
    /// <param name="parsed">What DuckDB's parser made of the SQL, and <see cref="UserSqlCheck"/> found harmless.</param>
    /// <param name="sql">The SQL.</param>
    /// <param name="file">The name under which the project's file is attached.</param>
    /// <param name="ask">Asks DuckDB: a statement, and its parameter.</param>
    public static string? Rewrite(JsonElement parsed, string sql, string file, Func<string, string, string> ask)
    {
        try
        {
            return Write(parsed, sql, file, ask);
        }
        catch (Exception unknown) when (unknown is JsonException or InvalidOperationException or ArgumentException)
        {
            // The tree has another form than those that are known.
            return null;
        }
    }

    private static string? Write(JsonElement parsed, string sql, string file, Func<string, string, string> ask)
    {
        if (sql.Contains(PropertyReads.Hidden, StringComparison.Ordinal) || PropertyReads.In(parsed) is not { } reads)
        {
            return null;
        }

        JsonNode template = Parse(ask(Serialize, "SELECT 1"));
        Dictionary<JsonObject, string> names = reads.Unnamed().ToDictionary(item => item, item => NameOf(item, template, ask));
        JsonObject[] sources = [.. reads.Tables.Select(table => SourceOf(table, file, ask))];
        JsonObject tree = reads.Replace(sources, names);
        string written = ask(Deserialize, tree.ToJsonString());
        // The text has to mean what the tree means.
        JsonNode again = Parse(ask(Serialize, written));
        Strip(again);
        Strip(tree);
        return JsonNode.DeepEquals(again, tree) ? written : null;
    }

    /// <summary>The name that DuckDB gives to an expression.</summary>
    private static string NameOf(JsonObject item, JsonNode template, Func<string, string, string> ask)
    {
        JsonNode alone = template.DeepClone();
        alone["statements"]![0]!["node"]!["select_list"] = new JsonArray(item.DeepClone());
        return ask(Deserialize, alone.ToJsonString())[Select.Length..];
    }

    private static JsonObject SourceOf(ReadTable table, string file, Func<string, string, string> ask)
    {
        JsonNode parsed = Parse(ask(Serialize, $"SELECT 1 FROM ({PropertySource.Select(file, table.Keys)}) AS x"));
        JsonObject node = parsed["statements"]![0]!["node"]!.AsObject();
        JsonObject source = node["from_table"]!.AsObject();
        node.Remove("from_table");
        return source;
    }

    private static JsonNode Parse(string json) => JsonNode.Parse(json, documentOptions: Deep)!;

    /// <summary>Leaves out what means nothing: places in the text, and how <c>true</c> and <c>false</c> were made.</summary>
    private static void Strip(JsonNode? part)
    {
        if (part is JsonArray items)
        {
            foreach (JsonNode? item in items.ToArray())
            {
                Strip(item);
            }
        }
        else if (part is JsonObject node)
        {
            node.Remove("query_location");
            foreach ((string _, JsonNode? child) in node.ToArray())
            {
                Strip(child);
            }

            if (node["class"] is JsonValue kind && kind.ToString() == "CONSTANT" && node["value"]?["type"]?["id"]?.ToString() == "BOOLEAN" && node["value"]!["value"] is JsonValue value)
            {
                // The parser reads the word as this cast.
                node.ReplaceWith(new JsonObject
                {
                    ["class"] = "CAST",
                    ["type"] = "OPERATOR_CAST",
                    ["alias"] = node["alias"]?.DeepClone(),
                    ["child"] = new JsonObject
                    {
                        ["class"] = "CONSTANT",
                        ["type"] = "VALUE_CONSTANT",
                        ["alias"] = "",
                        ["value"] = new JsonObject
                        {
                            ["type"] = new JsonObject { ["id"] = "VARCHAR", ["type_info"] = null },
                            ["is_null"] = false,
                            ["value"] = value.GetValue<bool>() ? "t" : "f",
                        },
                    },
                    ["cast_type"] = new JsonObject { ["id"] = "BOOLEAN", ["type_info"] = null },
                    ["try_cast"] = false,
                });
            }
        }
    }
}
