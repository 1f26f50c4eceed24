namespace Sessions.Silo.PersonData;

/// <summary>
/// The tables besides the journal that hold data of persons and sessions. Add new tables here; a test fails when one is
/// missing.
/// </summary>
internal static class PersonTables
{
    /// <summary>Tables whose rows belong to a session: each has the columns <c>project</c> and <c>session_id</c>.</summary>
    public static IReadOnlyList<string> OfSession { get; } =
    [
        "tracking.leaving_sessions",
        "tracking.replay_blocks",
        "tracking.replay_shares",
        "tracking.replays",
        "tracking.sessions",
    ];

    /// <summary>Columns that hold a person's distinct id in rows that belong to no session.</summary>
    public static IReadOnlyList<PersonColumn> OfPerson { get; } =
    [
        new("tracking.identities", "anonymous_id", "time"),
        new("tracking.identities", "distinct_id", "time"),
    ];
}

/// <summary>A column that holds a person's distinct id.</summary>
/// <param name="Table">The table; it has a column <c>project</c>.</param>
/// <param name="Column">The column.</param>
/// <param name="Time">The column with the time of the row.</param>
internal sealed record PersonColumn(string Table, string Column, string Time);
