using System.Globalization;
using System.Text.Json;
using DuckDB.NET.Data;
using Sessions.Columns.Schema;

namespace Sessions.Columns.Files;

/// <summary>
/// What a file knows of its origin: which server and project it was read from, and in which snapshot. It is written in the
/// transaction that changes the rows, so that both are always of the same state.
/// </summary>
internal sealed record FileState
{
    private const string Table = "holding.state";
    private const long WornRows = 2_000_000;
    private const long FewEvents = 20_000;

    /// <summary>The format of the file.</summary>
    public required string Format { get; init; }

    /// <summary>The process' identity: a file of another holder is not used, because deletions did not wait for that file.</summary>
    public required Guid Holder { get; init; }

    /// <summary>The server's identifier.</summary>
    public required long System { get; init; }

    /// <summary>Each promotion of a standby raises it.</summary>
    public required long Timeline { get; init; }

    /// <summary>The database in the server.</summary>
    public required long Database { get; init; }

    /// <summary>When the project was made. One of the same id that was made later is another project.</summary>
    public required DateTimeOffset ProjectMade { get; init; }

    /// <summary>The snapshot of which the rows are, as <c>pg_current_snapshot()</c> gives it.</summary>
    public required string Snapshot { get; init; }

    /// <summary>Every transaction before this one had ended in the snapshot.</summary>
    public required long Oldest { get; init; }

    /// <summary>The position of the server's log. A server that is behind it was restored from a backup.</summary>
    public required decimal Log { get; init; }

    /// <summary>The version of the project's removed identities.</summary>
    public required Guid Identities { get; init; }

    /// <summary>The file has no bytes of what transactions before this one removed.</summary>
    public required long CleanFrom { get; init; }

    /// <summary>The properties of events that have columns, in their order.</summary>
    public IReadOnlyList<string> Properties { get; init; } = [];

    /// <summary>How many numbers the file's macros count.</summary>
    public FileNumbers Counted { get; init; } = FileNumbers.AtFirst;

    /// <summary>The events that the file had when it was written.</summary>
    public long BuiltEvents { get; init; }

    /// <summary>The events that were added since. They are not sorted.</summary>
    public long AddedEvents { get; init; }

    /// <summary>Rows that were removed from the tables since the file was written. Their bytes are still in it.</summary>
    public long RemovedRows { get; init; }

    /// <summary>Whether some of them were removed because something was deleted in Postgres.</summary>
    public bool HasDeletions { get; init; }

    /// <summary>
    /// Whether the file should be written from Postgres again, while it goes on answering: so many events came or so many rows were
    /// replaced that it is large and slow, and other properties may be the frequent ones.
    /// </summary>
    public bool IsWorn => AddedEvents > Math.Max(FewEvents, BuiltEvents) || RemovedRows > WornRows;

    /// <summary>The statements that create the tables for what the file knows about itself.</summary>
    public static IReadOnlyList<string> CreateStatements { get; } =
    [
        "CREATE SCHEMA holding",
        $"CREATE TABLE {Table} (name VARCHAR NOT NULL, value VARCHAR NOT NULL)",
        // Sessions whose row in Postgres is behind their journal, with the journal's last number and that of the row.
        "CREATE TABLE holding.behind (session_id UUID NOT NULL, number INTEGER NOT NULL, in_file INTEGER NOT NULL)",
        // The partitions of the journal that were read.
        "CREATE TABLE holding.days (id BIGINT NOT NULL, day DATE NOT NULL)",
    ];

    /// <summary>The snapshot of which the rows are that a transaction sees. Asking makes DuckDB begin it.</summary>
    public static string SnapshotOf(DuckDBConnection connection) =>
        (string)Sql.Value(connection, $"SELECT value FROM {Table} WHERE name = '{nameof(Snapshot)}'")!;

    /// <summary>Reads the state of a file; null when it has none, or another format.</summary>
    public static FileState? Read(DuckDBConnection connection)
    {
        if (Sql.Value(connection, "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'holding' AND table_name = 'state'") is not 1L)
        {
            return null;
        }

        Dictionary<string, string> values = [];
        using DuckDBCommand command = Sql.Command(connection, $"SELECT name, value FROM {Table}", []);
        using DuckDBDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            values.Add(reader.GetString(0), reader.GetString(1));
        }

        return values.GetValueOrDefault(nameof(Format)) != ColumnsSchema.Format ? null : new FileState
        {
            Format = values[nameof(Format)],
            Holder = Guid.Parse(values[nameof(Holder)]),
            System = long.Parse(values[nameof(System)], CultureInfo.InvariantCulture),
            Timeline = long.Parse(values[nameof(Timeline)], CultureInfo.InvariantCulture),
            Database = long.Parse(values[nameof(Database)], CultureInfo.InvariantCulture),
            ProjectMade = DateTimeOffset.Parse(values[nameof(ProjectMade)], CultureInfo.InvariantCulture),
            Snapshot = values[nameof(Snapshot)],
            Oldest = long.Parse(values[nameof(Oldest)], CultureInfo.InvariantCulture),
            Log = decimal.Parse(values[nameof(Log)], CultureInfo.InvariantCulture),
            Identities = Guid.Parse(values[nameof(Identities)]),
            CleanFrom = long.Parse(values[nameof(CleanFrom)], CultureInfo.InvariantCulture),
            Properties = JsonSerializer.Deserialize<string[]>(values[nameof(Properties)])!,
            Counted = new FileNumbers(
                long.Parse(values[nameof(FileNumbers.Ids)], CultureInfo.InvariantCulture),
                long.Parse(values[nameof(FileNumbers.Sessions)], CultureInfo.InvariantCulture),
                bool.Parse(values[nameof(FileNumbers.HaveManyNames)])),
            BuiltEvents = long.Parse(values[nameof(BuiltEvents)], CultureInfo.InvariantCulture),
            AddedEvents = long.Parse(values[nameof(AddedEvents)], CultureInfo.InvariantCulture),
            RemovedRows = long.Parse(values[nameof(RemovedRows)], CultureInfo.InvariantCulture),
            HasDeletions = bool.Parse(values[nameof(HasDeletions)]),
        };
    }

    /// <summary>Writes the state in the connection's transaction.</summary>
    public void Write(DuckDBConnection connection)
    {
        (string Name, string Value)[] values =
        [
            (nameof(Format), Format),
            (nameof(Holder), Holder.ToString()),
            (nameof(System), Text(System)),
            (nameof(Timeline), Text(Timeline)),
            (nameof(Database), Text(Database)),
            (nameof(ProjectMade), ProjectMade.ToString("O", CultureInfo.InvariantCulture)),
            (nameof(Snapshot), Snapshot),
            (nameof(Oldest), Text(Oldest)),
            (nameof(Log), Text(Log)),
            (nameof(Identities), Identities.ToString()),
            (nameof(CleanFrom), Text(CleanFrom)),
            (nameof(Properties), JsonSerializer.Serialize(Properties)),
            (nameof(FileNumbers.Ids), Text(Counted.Ids)),
            (nameof(FileNumbers.Sessions), Text(Counted.Sessions)),
            (nameof(FileNumbers.HaveManyNames), Counted.HaveManyNames.ToString()),
            (nameof(BuiltEvents), Text(BuiltEvents)),
            (nameof(AddedEvents), Text(AddedEvents)),
            (nameof(RemovedRows), Text(RemovedRows)),
            (nameof(HasDeletions), HasDeletions.ToString()),
        ];
        Sql.Run(connection, $"DELETE FROM {Table}");
        string rows = string.Join(", ", values.Select((_, place) => $"(${(2 * place) + 1}, ${(2 * place) + 2})"));
        Sql.Run(
            connection,
            $"INSERT INTO {Table} VALUES {rows}",
            [.. values.SelectMany(pair => new object?[] { pair.Name, pair.Value })]);
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
