using System.Globalization;
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
    private const int Revision = 4;

    // Above it a group would take more than half a megabyte.
    private const long MostNumbers = 1L << 22;

    private static readonly TableColumn s_number = new("number", ColumnType.Place, IsNullable: false);

    /// <summary>The properties of a session, in their order.</summary>
    public static IReadOnlyList<TableColumn> Properties { get; } =
        [.. SessionProperties.All.Select(property => new TableColumn(property.Column, TypeOf(property.Type), !property.Always))];

    /// <summary>
    /// The columns of <c>sessions</c>: the properties, what the view <c>session_replays</c> has beside them, and the MD5 hash of
    /// the distinct id. Rows are sorted by start.
    /// </summary>
    public static IReadOnlyList<TableColumn> Sessions { get; } =
    [
        .. Properties,
        new("replay_end", ColumnType.Time),
        new("replay_event_count", ColumnType.Number),
        new("replay_block_count", ColumnType.Number),
        new("replay_bytes", ColumnType.Number),
        new("replay_first_url", ColumnType.Text),
        new("replay_source", ColumnType.Text),
        new("replay_library", ColumnType.Text),
        // By it the id gets its number.
        new("id_hash", ColumnType.Uuid, IsNullable: false),
    ];

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
    /// The columns of <c>persons</c>: each merged id with the id of its person, and the hashes of both. An id that is not in the
    /// table is its own person.
    /// </summary>
    public static IReadOnlyList<TableColumn> Persons { get; } =
    [
        new("distinct_id", ColumnType.Text, IsNullable: false),
        new("person", ColumnType.Text, IsNullable: false),
        new("id_hash", ColumnType.Uuid, IsNullable: false),
        new("person_hash", ColumnType.Uuid, IsNullable: false),
    ];

    /// <summary>The statements that create the tables of an empty file in which no property has a column.</summary>
    public static IReadOnlyList<string> CreateStatements { get; } =
    [
        Create("sessions", [.. Sessions, NumberOfId, NumberOfSession, NumberOfPerson]),
        Create(PropertyColumns.EventRows, EventColumns),
        Create("persons", [.. Persons, NumberOfId, NumberOfPerson]),
        Create("ids", [new("id_hash", ColumnType.Uuid, IsNullable: false), s_number]),
        Create("session_numbers", [new("session_id", ColumnType.Uuid, IsNullable: false), s_number]),
        Create(SessionNumbers.Nameless, [s_number]),
        Create("names", [new("event", ColumnType.Text, IsNullable: false)]),
        .. CreateCounts(FileNumbers.AtFirst),
        $"CREATE VIEW events AS SELECT {List(Events)} FROM {PropertyColumns.EventRows}",
        .. PropertyMacros.Create([]),
    ];

    /// <summary>Names what a file has. A file with another format is rebuilt.</summary>
    public static string Format { get; } =
        Revision + "-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', CreateStatements.Concat(PersonIds.Words))))[..8]);

    /// <summary>The columns' names as an SQL list.</summary>
    public static string List(IEnumerable<TableColumn> columns, string prefix = "") =>
        string.Join(", ", columns.Select(column => $"{prefix}\"{column.Name}\""));

    /// <summary>The statements that create the macros which count different numbers of ids and of sessions.</summary>
    internal static IEnumerable<string> CreateCounts(FileNumbers counted) =>
        [
            CreateCount(PersonNumbers.Count, counted.Ids),
            CreateCount(PersonNumbers.CountByName, counted.HaveManyNames ? long.MaxValue : counted.Ids),
            CreateCount(SessionNumbers.Count, counted.Sessions),
            CreateCount(SessionNumbers.CountByName, counted.HaveManyNames ? long.MaxValue : counted.Sessions),
        ];

    /// <summary>
    /// The statement that creates a table like <see cref="PropertyColumns.EventRows"/> for a while: only the JSON is compressed.
    /// </summary>
    internal static string CreateStage(string table) =>
        Create(table, EventColumns.Select(column => column with { Compression = column.Compression ?? "uncompressed" }));

    private static TableColumn NumberOfId => new(PersonNumbers.OfId, ColumnType.Place);

    private static TableColumn NumberOfPerson => new(PersonNumbers.OfPerson, ColumnType.Place);

    private static TableColumn NumberOfSession => new(SessionNumbers.Of, ColumnType.Place);

    private static IEnumerable<TableColumn> EventColumns =>
        [.. Events, .. PropertyMacros.Columns, new(PersonNumbers.NamesNobody, ColumnType.Boolean, IsNullable: false), NumberOfId, NumberOfSession, NumberOfPerson];

    private static string CreateCount(string macro, long bound) => string.Create(
        CultureInfo.InvariantCulture,
        $"CREATE OR REPLACE MACRO {macro}(number) AS {(bound > MostNumbers ? "count(DISTINCT number)" : $"coalesce(bit_count(bitstring_agg(number, 0, {bound - 1})), 0)")}");

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
