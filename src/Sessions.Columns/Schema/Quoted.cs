namespace Sessions.Columns.Schema;

/// <summary>Texts and names as they stand in a statement of DuckDB.</summary>
internal static class Quoted
{
    /// <summary>A constant text in a statement.</summary>
    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>A name in a statement.</summary>
    public static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
