using System.Text.Json.Nodes;

namespace Sessions.Columns.UserSql;

/// <summary>The view <c>events</c> in a FROM clause, and the properties that are read of it.</summary>
/// <param name="node">Its part of the tree.</param>
/// <param name="alias">The name that the query has for it.</param>
internal sealed class ReadTable(JsonObject node, string alias)
{
    /// <summary>Its part of the tree.</summary>
    public JsonObject Node { get; } = node;

    /// <summary>The name that the query has for it.</summary>
    public string Alias { get; } = alias;

    /// <summary>The properties, and the names of the columns that have their values.</summary>
    public Dictionary<string, string> Keys { get; } = [];
}
