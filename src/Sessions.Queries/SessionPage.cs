using Sessions.Database.Properties;
using Sessions.Queries.Aggregates;
using Sessions.Queries.Engines;

namespace Sessions.Queries;

/// <summary>A query for a page of sessions.</summary>
/// <param name="Project">The project.</param>
/// <param name="From">The start of the range: sessions that start at this time or later. Null for no limit.</param>
/// <param name="To">The end of the range, exclusive. Null for no limit.</param>
/// <param name="Filters">Further conditions.</param>
/// <param name="Order">The order of the sessions.</param>
/// <param name="After">The last session of the page before; null for the first page.</param>
/// <param name="Limit">The most sessions to answer with.</param>
public sealed record SessionPageQuery(
    string Project,
    DateTimeOffset? From,
    DateTimeOffset? To,
    IReadOnlyList<Filter> Filters,
    SessionOrder Order,
    SessionPosition? After,
    int Limit)
{
    /// <summary>The sessions behind a number, of which only those that also meet the other conditions are listed; null for all sessions.</summary>
    public CountedSessions? Counted { get; init; }
}

/// <summary>
/// An order of sessions. Equal values are ordered by id, ascending. Missing values come last in both directions.
/// </summary>
public sealed record SessionOrder(SessionProperty Property, bool Descending)
{
    /// <summary>The name of the order by views: pages and screens.</summary>
    public const string Views = "views";

    /// <summary>The property that is added to the first one, both of which are numbers; null for none.</summary>
    public SessionProperty? Plus { get; private init; }

    /// <summary>The default order: the latest session first.</summary>
    public static SessionOrder Default { get; } = new(SessionProperties.Find("$start_timestamp")!, Descending: true);

    /// <summary>The order of exports: the earliest session first.</summary>
    public static SessionOrder OfExports { get; } = Default with { Descending = false };

    /// <summary>Its name: the property, or <see cref="Views"/>; with a - before it when it is descending.</summary>
    public string Name => (Descending ? "-" : "") + (Plus is null ? Property.Name : Views);

    private string Column => Plus is null ? Property.Column : $"({Property.Column} + {Plus.Column})";

    /// <summary>The order by views.</summary>
    public static SessionOrder ByViews(bool descending) =>
        new(SessionProperties.Find("$pageview_count")!, descending) { Plus = SessionProperties.Find("$screen_count") };

    /// <summary>The value by which a session is ordered.</summary>
    public object? ValueOf(SessionRow row) =>
        Plus is null ? row[Property.Name] : (int)row[Property.Name]! + (int)row[Plus.Name]!;

    internal string Sql =>
        // "nulls last" would keep Postgres from scanning the index backwards, so it is left out for columns that are
        // never null.
        $"{Column}{(Descending ? " desc" : "")}{(Property.Always ? "" : " nulls last")}";

    /// <summary>
    /// The SQL condition for sessions after a position.
    /// </summary>
    internal string SqlAfter(SessionPosition position, StatementParameters parameters)
    {
        string beyond = Descending ? "<" : ">";
        (string column, string afterId) = (Column, parameters.AddNext(position.SessionId));
        if (position.Value is null)
        {
            return $"({column} is null and session_id > {afterId})";
        }

        string after = parameters.AddNext(position.Value);
        return Property.Always
            // The redundant first half is there so that Postgres can use it as an index condition.
            ? $"({column} {beyond}= {after} and ({column} {beyond} {after} or session_id > {afterId}))"
            : $"({column} {beyond} {after} or ({column} = {after} and session_id > {afterId}) or {column} is null)";
    }
}

/// <summary>A position in an order: the value of the ordering property, and the session's id.</summary>
public sealed record SessionPosition(object? Value, Guid SessionId);

/// <summary>A page of sessions, and the position after which the next page begins; null when there is none.</summary>
public sealed record SessionPage(IReadOnlyList<SessionRow> Sessions, SessionPosition? Next);

/// <summary>The live sessions of a project.</summary>
/// <param name="Count">The number of live sessions.</param>
/// <param name="ActiveCount">The number of those that had an event, or a part of a recording, since the asked time.</param>
/// <param name="Sessions">The live sessions that began last, at most as many as requested.</param>
public sealed record LiveSessions(long Count, long ActiveCount, IReadOnlyList<SessionRow> Sessions)
{
    /// <summary>How long after its last event a session counts as active.</summary>
    public static readonly TimeSpan ActiveFor = TimeSpan.FromMinutes(5);
}
