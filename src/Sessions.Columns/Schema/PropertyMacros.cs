using Sessions.Database.Properties;

namespace Sessions.Columns.Schema;

/// <summary>The columns of properties in a file, and the macros that name them.</summary>
internal static class PropertyMacros
{
    /// <summary>The columns.</summary>
    public static IReadOnlyList<TableColumn> Columns { get; } =
        [.. PropertyColumns.Names.Select(name => new TableColumn(name, ColumnType.Text)), new(PropertyColumns.Numbers, ColumnType.Number, IsNullable: false)];

    /// <summary>The statements that create the macros.</summary>
    /// <param name="properties">The names of the properties, in the order of their columns.</param>
    public static IReadOnlyList<string> Create(IReadOnlyList<string> properties)
    {
        string[] literals = [.. properties.Select(Quoted.Literal)];
        string values = string.Concat(literals.Select((name, place) => $" WHEN {name} THEN {PropertyColumns.Names[place]}"));
        string numbers = string.Concat(literals.Select((name, place) => $" WHEN {name} THEN (numbers & {1L << place}) <> 0"));
        return
        [
            $"CREATE OR REPLACE MACRO {PropertyColumns.Has}(name) AS {(literals is [] ? "false" : $"name IN ({string.Join(", ", literals)})")}",
            $"CREATE OR REPLACE MACRO {PropertyColumns.Value}(name, {string.Join(", ", PropertyColumns.Names)}) AS {(literals is [] ? "NULL::VARCHAR" : $"CASE name{values} END")}",
            $"CREATE OR REPLACE MACRO {PropertyColumns.IsNumber}(name, numbers) AS {(literals is [] ? "false" : $"CASE name{numbers} ELSE false END")}",
        ];
    }
}
