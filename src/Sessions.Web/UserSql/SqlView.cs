using Sessions.Queries.UserSql;

namespace Sessions.Web.UserSql;

/// <summary>The data of the SQL page.</summary>
/// <param name="Text">The text in the editor.</param>
/// <param name="Schema">The views and their columns.</param>
public sealed record SqlView(string Text, IReadOnlyList<SqlTable> Schema)
{
    /// <summary>The most rows that the page shows. The CSV file has all of them.</summary>
    public const int MostRows = 500;

    /// <summary>The first text in the editor.</summary>
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

    /// <summary>The result; null before the query runs, and when it was refused.</summary>
    public SqlAnswer? Answer { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Took { get; init; }

    /// <summary>What is wrong with the query; null when it is valid.</summary>
    public string? Fault { get; init; }
}
