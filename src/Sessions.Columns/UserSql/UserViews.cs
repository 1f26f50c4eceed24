using DuckDB.NET.Data;
using Sessions.Columns.Files;
using Sessions.Columns.Schema;

namespace Sessions.Columns.UserSql;

/// <summary>
/// The views that people's SQL reads: the columns of Postgres' views of the same names, and no others. They lie in a database
/// of their own, in memory, so that a name without a schema finds nothing but them.
/// </summary>
internal static class UserViews
{
    // No project has an id with such a letter, so no file is attached under this name.
    private const string Database = "\"the.views\"";

    private static readonly Lock Making = new();

    private static readonly string[] ReplayColumns =
    [
        "session_id", "distinct_id", "replay_start AS start_timestamp", "replay_end AS end_timestamp", "replay_duration AS duration",
        "replay_active_seconds AS active_seconds", "replay_click_count AS click_count", "replay_keypress_count AS keypress_count",
        "replay_mouse_activity_count AS mouse_activity_count", "replay_console_log_count AS console_log_count",
        "replay_console_warn_count AS console_warn_count", "replay_console_error_count AS console_error_count",
        "replay_event_count AS event_count", "replay_block_count AS block_count", "replay_bytes AS bytes", "replay_first_url AS first_url",
        "replay_source AS source", "replay_library AS library",
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["sessions", "events", "session_replays"];

    /// <summary>The columns of <c>events</c>.</summary>
    public static IReadOnlyList<string> EventColumns { get; } =
    [
        "session_id", "event_id", "timestamp", "received_at", "event", "distinct_id", "device_id", "window_id", "current_url", "pathname",
        "properties::JSON AS properties", "sender_order",
    ];

    /// <summary>Makes the views in the file's instance, if they are not there, and lets the connection find them alone.</summary>
    /// <returns>The name under which the file is attached.</returns>
    public static string Use(DuckDBConnection connection)
    {
        string name = (string)Sql.Value(connection, "SELECT current_database()")!;
        // Only one connection at a time may change DuckDB's catalog.
        lock (Making)
        {
            string file = Quoted.Name(name);
            Sql.Run(connection, $"ATTACH IF NOT EXISTS ':memory:' AS {Database}");
            Create(connection, "sessions", ColumnsSchema.Properties.Select(column => $"\"{column.Name}\""), $"{file}.main.sessions");
            Create(connection, "events", EventColumns, $"{file}.main.events");
            Create(connection, "session_replays", ReplayColumns, $"{file}.main.sessions WHERE has_replay");
        }

        Sql.Run(connection, $"USE {Database}");
        return name;
    }

    private static void Create(DuckDBConnection connection, string name, IEnumerable<string> columns, string source) =>
        Sql.Run(connection, $"CREATE VIEW IF NOT EXISTS {Database}.{name} AS SELECT {string.Join(", ", columns)} FROM {source}");
}
