using System.Security.Cryptography;
using System.Text;
using Sessions.Database.Properties;

namespace Sessions.Columns.Schema;

/// <summary>
/// The tables of a project's DuckDB file: <c>sessions</c>, <c>events</c> and <c>persons</c>. They have the rows of
/// Postgres' <c>tracking.all_sessions</c>, <c>tracking.all_events</c> and <c>tracking.persons_of</c>, for one project and
/// without the column of the project.
/// </summary>
public static class ColumnsSchema
{
    // Raise it when the meaning of a file changes without a change of its columns: existing files are then rebuilt.
    private const int Revision = 1;

    /// <summary>The columns of <c>sessions</c>: the properties of a session, in their order. Rows are sorted by start.</summary>
    public static IReadOnlyList<TableColumn> Sessions { get; } =
        [.. SessionProperties.All.Select(property => new TableColumn(property.Column, TypeOf(property.Type), !property.Always))];

    /// <summary>
    /// The columns of <c>events</c>. Rows are sorted by event name, then by time, so that a question about one event in a
    /// range of days reads few row groups. Rows that came after the file was written follow unsorted.
    /// </summary>
    public static IReadOnlyList<TableColumn> Events { get; } =
    [
        new("session_id", ColumnType.Uuid, IsNullable: false),
        new("event_id", ColumnType.Uuid, IsNullable: false),
        new("timestamp", ColumnType.Time, IsNullable: false),
        new("received_at", ColumnType.Time, IsNullable: false),
        new("event", ColumnType.Text, IsNullable: false),
        new("distinct_id", ColumnType.Text, IsNullable: false),
        new("device_id", ColumnType.Text),
        new("window_id", ColumnType.Text),
        new("current_url", ColumnType.Text),
        new("pathname", ColumnType.Text),
        // JSON. With zstd it takes a third of the place.
        new("properties", ColumnType.Text, IsNullable: false, Compression: "zstd"),
        new("born", ColumnType.Date, IsNullable: false),
        new("sender_order", ColumnType.Number, IsNullable: false),
    ];

    /// <summary>
    /// The columns of <c>persons</c>: each merged id with the id of its person. An id that is not in the table is its own
    /// person.
    /// </summary>
    public static IReadOnlyList<TableColumn> Persons { get; } =
    [
        new("distinct_id", ColumnType.Text, IsNullable: false),
        new("person", ColumnType.Text, IsNullable: false),
    ];

    /// <summary>The statements that create the tables of an empty file.</summary>
    public static IReadOnlyList<string> CreateStatements { get; } =
    [
        Create("sessions", Sessions),
        Create("events", Events),
        Create("persons", Persons),
    ];

    /// <summary>Names what a file has. A file with another format is rebuilt.</summary>
    public static string Format { get; } =
        Revision + "-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', CreateStatements)))[..8]);

    /// <summary>The columns' names as an SQL list.</summary>
    public static string List(IEnumerable<TableColumn> columns, string prefix = "") =>
        string.Join(", ", columns.Select(column => $"{prefix}\"{column.Name}\""));

    private static string Create(string table, IEnumerable<TableColumn> columns) =>
        $"CREATE TABLE {table} (\n    {string.Join(",\n    ", columns.Select(column => column.Declaration))}\n)";

    private static ColumnType TypeOf(PropertyType type) => type switch
    {
        PropertyType.Text => ColumnType.Text,
        PropertyType.Number => ColumnType.Number,
        PropertyType.Seconds => ColumnType.Seconds,
        PropertyType.Time => ColumnType.Time,
        PropertyType.Boolean => ColumnType.Boolean,
        PropertyType.Uuid => ColumnType.Uuid,
        PropertyType.List => ColumnType.List,
        _ => throw new InvalidOperationException($"{type} is no known type."),
    };
}
