using Sessions.Columns.Schema;
using Sessions.Database;

namespace Sessions.Columns.Filling;

/// <summary>The statements that read a project from Postgres.</summary>
internal static class SourceStatements
{
    public static string History { get; } = SqlFile.Read("source_history.sql");

    public static string MuteHistory { get; } = SqlFile.Read("source_history_mute.sql");

    public static string Snapshot { get; } = SqlFile.Read("source_snapshot.sql");

    public static string Days { get; } = SqlFile.Read("source_days.sql");

    public static string Entries { get; } = SqlFile.Read("source_entries.sql");

    public static string Changes { get; } = SqlFile.Read("source_changes.sql");

    public static string Numbers { get; } = SqlFile.Read("source_numbers.sql");

    public static string SessionsOfDay { get; } = SqlFile.Read("source_sessions_of_day.sql");

    public static string RowNumbers { get; } = SqlFile.Read("source_row_numbers.sql");

    public static string PropertyNames { get; } = SqlFile.Read("source_property_names.sql");

    /// <summary>The rows of the table of sessions, of all projects.</summary>
    public static string SessionsWithReplays { get; } = SqlFile.Read("source_sessions_with_replays.sql");

    public static string Sessions { get; } = OfColumns("source_sessions.sql", ColumnsSchema.Sessions, "v.");

    public static string AllSessions { get; } = OfColumns("source_all_sessions.sql", ColumnsSchema.Sessions, "v.");

    public static string AllBehind { get; } = SqlFile.Read("source_all_behind.sql");

    public static string Events { get; } = OfColumns("source_events.sql", ColumnsSchema.Events);

    public static string EventsOfSessions { get; } = OfColumns("source_events_of_sessions.sql", ColumnsSchema.Events);

    public static string EventsOfDay { get; } = OfColumns("source_events_of_day.sql", ColumnsSchema.Events);

    public static string AllEvents { get; } = OfColumns("source_all_events.sql", ColumnsSchema.Events);

    public static string EventsCount { get; } = SqlFile.Read("source_events_count.sql");

    public static string Persons { get; } = SqlFile.Read("source_persons.sql");

    public static string NewIdentities { get; } = SqlFile.Read("source_new_identities.sql");

    public static string IdsOfPersons { get; } = SqlFile.Read("source_ids_of_persons.sql");

    public static string PersonsAmong { get; } = SqlFile.Read("source_persons_among.sql");

    private static string OfColumns(string file, IEnumerable<TableColumn> columns, string prefix = "") =>
        SqlFile.Read(file).Replace("{sessions}", SessionsWithReplays, StringComparison.Ordinal).Replace(
            "{columns}",
            string.Join(", ", columns.Select(column => $"{prefix}\"{column.Name}\"{(column.Type == ColumnType.Number ? "::bigint" : "")}")),
            StringComparison.Ordinal);
}
