using Npgsql;
using NpgsqlTypes;
using Sessions.Database;
using Sessions.Database.Properties;
using Sessions.Domain;
using Sessions.Domain.Folding;

namespace Sessions.Silo.Rows;

/// <summary>A session's state that is to be written into its row.</summary>
/// <param name="Key">The session.</param>
/// <param name="Born">The server day of its first row; only an insert uses it.</param>
/// <param name="State">The state.</param>
/// <param name="Rules">The project's rules, by which its properties follow from the state.</param>
internal sealed record SessionSnapshot(SessionKey Key, DateOnly Born, SessionState State, SessionRules Rules);

/// <summary>The list of the columns of <c>tracking.sessions</c>, and the statements that write its rows.</summary>
/// <remarks>
/// To add a property of a session, add a line to <see cref="SessionProperties"/>; nothing is needed here. The
/// statements take their column names from this list, so its order does not matter.
/// </remarks>
internal static class SessionColumns
{
    private static readonly Column[] All =
    [
        new("project", "text", rows => Columns.Text(rows, row => row.Key.Project)) { IsFixed = true },
        new("session_id", "uuid", rows => Columns.Of(rows, row => row.Key.SessionId, NpgsqlDbType.Uuid)) { IsFixed = true },
        new("born", "date", rows => Columns.Of(rows, row => row.Snapshot.Born, NpgsqlDbType.Date)) { IsFixed = true },
        new("device_key", "text", rows => Columns.Text(rows, row => row.State.Owner)),
        new("number", "integer", rows => Columns.Of(rows, row => row.State.Number, NpgsqlDbType.Integer)),
        new("fold_version", "smallint", rows => Columns.Of(rows, _ => SessionFold.FoldVersion, NpgsqlDbType.Smallint)),
        new("fold", "bytea", rows => Columns.Of(rows, row => FoldCodec.Write(row.State), NpgsqlDbType.Bytea)),
        .. SessionProperties.All.Where(property => property.IsStored).Select(Of),
    ];

    /// <summary>The statement that updates rows to their sessions' states.</summary>
    public static string UpdateStatement { get; } = Statement("session_checkpoint.sql");

    private static string InsertStatement { get; } = Statement("session_insert.sql");

    /// <summary>The number of the first parameter after those of a statement over sessions' rows.</summary>
    public static int NextParameter => All.Length + 1;

    /// <summary>Inserts rows of new sessions. Fails when a row exists already.</summary>
    public static NpgsqlBatchCommand Insert(IEnumerable<SessionSnapshot> snapshots) => Command(InsertStatement, snapshots);

    /// <summary>Updates rows to their sessions' states.</summary>
    public static NpgsqlBatchCommand Update(IEnumerable<SessionSnapshot> snapshots) => Command(UpdateStatement, snapshots);

    /// <summary>A statement whose first parameters are the columns of sessions' rows, in the order of the rows' keys.</summary>
    public static NpgsqlBatchCommand Command(string statement, IEnumerable<SessionSnapshot> snapshots)
    {
        Row[] rows = snapshots
            .Select(snapshot => new Row(snapshot, SessionView.Of(snapshot.Key.SessionId, snapshot.State, snapshot.Rules)))
            .OrderBy(row => row.Key.Project, StringComparer.Ordinal)
            .ThenBy(row => row.Key.SessionId)
            .ToArray();
        var command = new NpgsqlBatchCommand(statement);
        foreach (Column column in All)
        {
            command.Parameters.Add(column.Of(rows));
        }

        return command;
    }

    private static string Statement(string file)
    {
        string[] changing = [.. All.Where(column => !column.IsFixed).Select(column => column.Name)];
        return SqlFile.Read(file)
            .Replace("{columns}", string.Join(", ", All.Select(column => column.Name)), StringComparison.Ordinal)
            .Replace("{arrays}", string.Join(", ", All.Select((column, place) => $"${place + 1}::{column.Type}[]")), StringComparison.Ordinal)
            .Replace("{rows}", string.Join(", ", All.Select(column => column.In("asked"))), StringComparison.Ordinal)
            .Replace("{changing}", string.Join(", ", changing), StringComparison.Ordinal)
            .Replace("{changed}", string.Join(", ", All.Where(column => !column.IsFixed).Select(column => column.In("locked"))), StringComparison.Ordinal);
    }

    private static Column Of(SessionProperty property) => property.Type switch
    {
        PropertyType.Text => new(property.Column, "text", rows => Columns.Text(rows, row => (string?)property.Of(row.View))),
        PropertyType.Number => new(property.Column, "integer", rows => Columns.Of(rows, row => (int?)property.Of(row.View), NpgsqlDbType.Integer)),
        PropertyType.Boolean => new(property.Column, "boolean", rows => Columns.Of(rows, row => (bool?)property.Of(row.View), NpgsqlDbType.Boolean)),
        PropertyType.Time => new(
            property.Column, "timestamptz", rows => Columns.Of(rows, row => (DateTimeOffset?)property.Of(row.View), NpgsqlDbType.TimestampTz)),
        // "unnest" would take a list of lists apart, so each list comes as one text.
        PropertyType.List => new(property.Column, "text", rows => Columns.Text(rows, row => ListText.Write((IReadOnlyList<string>?)property.Of(row.View))))
        {
            StoredAs = "text[]",
        },
        _ => throw new InvalidOperationException($"A session's row stores no {property.Type}, which {property.Name} has."),
    };

    /// <param name="Name">The column's name.</param>
    /// <param name="Type">The column's type in Postgres.</param>
    /// <param name="Of">Makes the statement's parameter with the column's values of all rows.</param>
    private sealed record Column(string Name, string Type, Func<Row[], NpgsqlParameter> Of)
    {
        /// <summary>
        /// Whether updates leave the column as it is, because it belongs to the key or decides the partition.
        /// </summary>
        public bool IsFixed { get; init; }

        /// <summary>The type to which the statement converts the column; null when it is the parameter's.</summary>
        public string? StoredAs { get; init; }

        /// <summary>The SQL expression of the column's value.</summary>
        /// <param name="table">The table that has the parameters' values.</param>
        public string In(string table) => StoredAs is null ? $"{table}.{Name}" : $"{table}.{Name}::{StoredAs}";
    }

    private sealed record Row(SessionSnapshot Snapshot, Session View)
    {
        public SessionKey Key => Snapshot.Key;

        public SessionState State => Snapshot.State;
    }
}
