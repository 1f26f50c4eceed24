using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sessions.Columns.UserSql;

/// <summary>
/// Where people's SQL reads properties of events as text, such as <c>properties -&gt;&gt; 'plan'</c>. Found are only those of which the
/// tree tells for sure that they read the view <c>events</c>, in queries that can't see that the view has more columns.
/// </summary>
internal sealed class PropertyReads
{
    /// <summary>Columns that people's SQL does not see have names with this character. SQL that has it is left alone.</summary>
    public const char Hidden = '\u0001';

    // .NET writes no deeper tree without an option, and SQL that people write is not as deep.
    private const int MostDepth = 500;

    // More than anybody writes. Each table costs a question to DuckDB.
    private const int MostTables = 20;
    private const int MostKeys = 100;

    private const string Events = "events";
    private const string Properties = "properties";

    private static readonly string[] Functions = ["->>", "json_extract_string", "json_extract_path_text"];

    private readonly JsonObject _tree;
    private readonly List<ReadTable> _tables = [];
    private readonly List<(JsonObject Function, ReadTable Table, string Column)> _reads = [];
    private bool _isUnknown;

    private PropertyReads(JsonObject tree) => _tree = tree;

    /// <summary>The tables that are read.</summary>
    public IReadOnlyList<ReadTable> Tables => _tables;

    /// <summary>Finds what a statement reads; null when that is nothing, or not sure.</summary>
    /// <param name="parsed">What DuckDB's parser made of it.</param>
    public static PropertyReads? In(JsonElement parsed)
    {
        if (IsDeep(parsed))
        {
            return null;
        }

        PropertyReads reads = new(JsonObject.Create(parsed)!);
        reads.LookInto(reads._tree["statements"], null, mayRead: false);
        return reads._isUnknown || reads._reads.Count == 0 || reads._tables.Count > MostTables || reads._tables.Sum(table => table.Keys.Count) > MostKeys
            ? null
            : reads;
    }

    /// <summary>
    /// The expressions of SELECT lists that are named after their text, and that <see cref="Replace"/> changes: they need these names as
    /// aliases.
    /// </summary>
    public IReadOnlyList<JsonObject> Unnamed()
    {
        HashSet<JsonObject> items = [];
        foreach (JsonNode changed in _reads.Select(read => (JsonNode)read.Function).Concat(_tables.Select(table => table.Node)))
        {
            for (JsonNode? node = changed; node?.Parent is { } parent; node = parent)
            {
                if (parent is JsonArray && parent.Parent is JsonObject && parent.GetPropertyName() == "select_list" && node is JsonObject item && Text(item, "alias") is "")
                {
                    items.Add(item);
                }
            }
        }

        return [.. items];
    }

    /// <summary>Lets the statement read columns. Afterwards this object is of no use.</summary>
    /// <param name="sources">For each of <see cref="Tables"/> the subquery in its place.</param>
    /// <param name="names">The names of <see cref="Unnamed"/>.</param>
    /// <returns>The new tree.</returns>
    public JsonObject Replace(IReadOnlyList<JsonObject> sources, IReadOnlyDictionary<JsonObject, string> names)
    {
        foreach ((JsonObject item, string name) in names)
        {
            item["alias"] = name;
        }

        foreach ((JsonObject function, ReadTable table, string column) in _reads)
        {
            function.ReplaceWith(new JsonObject
            {
                ["class"] = "COLUMN_REF",
                ["type"] = "COLUMN_REF",
                ["alias"] = Text(function, "alias"),
                ["query_location"] = function["query_location"]?.DeepClone(),
                ["column_names"] = new JsonArray(table.Alias, column),
            });
        }

        foreach ((ReadTable table, JsonObject source) in _tables.Zip(sources))
        {
            source["alias"] = table.Alias;
            table.Node.ReplaceWith(source);
        }

        return _tree;
    }

    private static bool IsDeep(JsonElement root)
    {
        Stack<(JsonElement Node, int Depth)> open = new([(root, 0)]);
        while (open.TryPop(out (JsonElement Node, int Depth) next))
        {
            if (next.Depth > MostDepth)
            {
                return true;
            }

            IEnumerable<JsonElement> children = next.Node.ValueKind switch
            {
                JsonValueKind.Array => next.Node.EnumerateArray(),
                JsonValueKind.Object => next.Node.EnumerateObject().Select(property => property.Value),
                _ => [],
            };
            foreach (JsonElement child in children)
            {
                open.Push((child, next.Depth + 1));
            }
        }

        return false;
    }

    /// <summary>Looks into a part of the tree.</summary>
    /// <param name="part">The part.</param>
    /// <param name="scope">The SELECT whose tables its expressions see; null when there is none that is known.</param>
    /// <param name="mayRead">Whether names mean columns for sure.</param>
    private void LookInto(JsonNode? part, Scope? scope, bool mayRead)
    {
        if (part is JsonArray items)
        {
            foreach (JsonNode? item in items)
            {
                LookInto(item, scope, mayRead);
            }
        }
        else if (part is JsonObject node)
        {
            _isUnknown |= IsUnknown(node);
            string type = Text(node, "type") ?? "";
            if (type == "SELECT_NODE")
            {
                LookIntoSelect(node);
                return;
            }

            bool isExpression = node.ContainsKey("class");
            if (isExpression)
            {
                scope?.See(node);
                mayRead &= type != "LAMBDA";
                if (mayRead && scope is not null && ReadOf(node) is { } read)
                {
                    scope.Reads.Add(read);
                    return;
                }
            }

            // Other queries, such as UNION, see the columns of their branches.
            bool isQuery = !isExpression && type.EndsWith("_NODE", StringComparison.Ordinal);
            foreach ((string _, JsonNode? child) in node)
            {
                LookInto(child, isQuery ? null : scope, mayRead && !isQuery);
            }
        }
    }

    private void LookIntoSelect(JsonObject select)
    {
        Scope scope = new() { GivesUp = select["sample"] is not null };
        foreach ((string name, JsonNode? part) in select)
        {
            if (name == "from_table")
            {
                LookIntoTable(part as JsonObject, scope);
            }
            else
            {
                LookInto(part, name == "cte_map" ? null : scope, mayRead: name != "cte_map");
            }
        }

        scope.GivesUp |= select["select_list"]!.AsArray().Any(item => Is(Text((JsonObject)item!, "alias"), Properties));
        if (scope.GivesUp)
        {
            return;
        }

        foreach ((JsonObject function, string? qualifier, string key) in scope.Reads)
        {
            ReadTable[] meant = [.. scope.Tables.Where(table => qualifier is null || Is(table.Alias, qualifier))];
            if (meant is not [var table])
            {
                continue;
            }

            if (!_tables.Contains(table))
            {
                // A reference to the row would show the columns.
                if (RefersTo(select, table.Alias))
                {
                    continue;
                }

                _tables.Add(table);
            }

            if (!table.Keys.TryGetValue(key, out string? column))
            {
                // No two tables have the same, so that none can stand in for another.
                column = $"{Hidden}{_reads.Count}";
                table.Keys.Add(key, column);
            }

            _reads.Add((function, table, column));
        }
    }

    private void LookIntoTable(JsonObject? table, Scope scope)
    {
        if (table is null)
        {
            return;
        }

        _isUnknown |= IsUnknown(table);
        switch (Text(table, "type"))
        {
            case "BASE_TABLE" when Is(Text(table, "table_name"), Events) && Text(table, "schema_name") is "" && Text(table, "catalog_name") is "":
                scope.GivesUp |= table["sample"] is not null || table["at_clause"] is not null || table["column_name_alias"] is not JsonArray { Count: 0 };
                scope.Tables.Add(new ReadTable(table, Text(table, "alias") is { Length: > 0 } alias ? alias : Text(table, "table_name")!));
                break;
            case "JOIN":
                bool isPlain = Text(table, "ref_type") is "REGULAR" or "CROSS" && Text(table, "join_type") is "INNER" or "LEFT" or "RIGHT" or "OUTER";
                scope.GivesUp |= !isPlain || table["using_columns"]!.AsArray().Any(column => Is(column!.GetValue<string>(), Properties));
                LookIntoTable(table["left"] as JsonObject, scope);
                LookIntoTable(table["right"] as JsonObject, scope);
                LookInto(table["condition"], scope, mayRead: true);
                break;
            case "SUBQUERY":
                LookInto(table["subquery"], null, mayRead: false);
                break;
            default:
                // Functions and lists see what stands before them.
                foreach ((string _, JsonNode? child) in table)
                {
                    LookInto(child, scope, mayRead: false);
                }

                break;
        }
    }

    /// <summary>Whether a part makes the meaning of the others unsure.</summary>
    private static bool IsUnknown(JsonObject node) =>
        Text(node, "type") == "PIVOT"
        // It tells the name of a column.
        || Is(Text(node, "function_name"), "alias")
        || (node["map"] is JsonArray common && common.Any(table => table is JsonObject named && Is(Text(named, "key"), Events)));

    private static (JsonObject Function, string? Qualifier, string Key)? ReadOf(JsonObject node)
    {
        bool isRead = Text(node, "class") == "FUNCTION" && Functions.Any(name => Is(Text(node, "function_name"), name))
            && Text(node, "schema") is "" && Text(node, "catalog") is ""
            && node["filter"] is null && node["order_bys"]?["orders"] is JsonArray { Count: 0 } && node["distinct"] is JsonValue distinct && !distinct.GetValue<bool>();
        if (!isRead || node["children"] is not JsonArray { Count: 2 } children
            || children[0] is not JsonObject { } column || children[1] is not JsonObject { } constant
            || Text(column, "class") != "COLUMN_REF" || column["column_names"] is not JsonArray { Count: 1 or 2 } names || !Is(names[^1]!.GetValue<string>(), Properties)
            || Text(constant, "class") != "CONSTANT" || constant["value"] is not JsonObject value || value["type"] is not JsonObject type || Text(type, "id") != "VARCHAR"
            || PropertyPath.KeyOf(Text(value, "value") ?? "") is not { } key)
        {
            return null;
        }

        return (node, names.Count == 2 ? names[0]!.GetValue<string>() : null, key);
    }

    private static bool RefersTo(JsonNode? part, string name) => part switch
    {
        JsonArray items => items.Any(item => RefersTo(item, name)),
        JsonObject node => Is(Text(node, "relation_name"), name)
            || (Text(node, "class") == "COLUMN_REF" && node["column_names"] is JsonArray { Count: > 0 } names && Is(names[^1]!.GetValue<string>(), name))
            || node.Any(child => RefersTo(child.Value, name)),
        _ => false,
    };

    private static bool Is(string? text, string name) => string.Equals(text, name, StringComparison.OrdinalIgnoreCase);

    private static string? Text(JsonObject node, string name) => node[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>A SELECT: what stands in its own expressions, and its own tables.</summary>
    private sealed class Scope
    {
        public List<ReadTable> Tables { get; } = [];

        public List<(JsonObject Function, string? Qualifier, string Key)> Reads { get; } = [];

        public bool GivesUp { get; set; }

        // Both show, or count, all columns.
        public void See(JsonObject expression) => GivesUp |= Text(expression, "class") is "STAR" or "POSITIONAL_REFERENCE";
    }
}
