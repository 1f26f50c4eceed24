using Sessions.Postgres.Sql;

namespace Sessions.Gateway.Pages.Asking;

/// <summary>What the SQL page shows.</summary>
/// <param name="Text">What is in the editor.</param>
/// <param name="Schema">The views and their columns.</param>
public sealed record SqlView(string Text, IReadOnlyList<(string View, IReadOnlyList<SqlColumn> Columns)> Schema)
{
    /// <summary>The most rows that the page shows; CSV has them all.</summary>
    public const int MostRows = 500;

    /// <summary>What stands in the editor at first.</summary>
    public const string First =
        """
        select entry_pathname,
               count(*)                                   as sessions,
               round(avg(session_duration), 1)            as average_seconds,
               round(100.0 * avg(is_bounce::int), 1)      as bounce_percent
        from   sessions
        where  start_timestamp > now() - interval '7 days'
        group by entry_pathname
        order by sessions desc
        limit  20
        """;

    /// <summary>What came of it; null before it was run, and when it was refused.</summary>
    public SqlAnswer? Answer { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Took { get; init; }

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public string? Fault { get; init; }
}
