namespace Sessions.Postgres.Queries;

/// <summary>Which sessions are asked for.</summary>
/// <param name="Project">The project.</param>
/// <param name="From">Sessions that start then or later; null for any.</param>
/// <param name="To">Sessions that start before; null for any.</param>
/// <param name="Filters">What else they must be.</param>
/// <param name="Order">Their order.</param>
/// <param name="After">The last session of the page before; null for the first page.</param>
/// <param name="Limit">The most sessions to answer with.</param>
public sealed record SessionPageQuery(
    string Project,
    DateTimeOffset? From,
    DateTimeOffset? To,
    IReadOnlyList<Filter> Filters,
    SessionOrder Order,
    SessionPosition? After,
    int Limit);

/// <summary>The order of sessions; ties go by id upwards, and absent values come last in both directions.</summary>
public sealed record SessionOrder(SessionProperty Property, bool Descending)
{
    /// <summary>The latest session first.</summary>
    public static SessionOrder Default { get; } = new(SessionProperties.Find("$start_timestamp")!, Descending: true);

    internal string Sql =>
        // Where there is always a value, "nulls last" would only keep Postgres from using the index downwards.
        $"{Property.Column}{(Descending ? " desc" : "")}{(Property.Always ? "" : " nulls last")}";

    /// <summary>The condition for what comes after a position, whose value and id are the parameters @after and @after_id.</summary>
    internal string SqlAfter(SessionPosition? position)
    {
        string beyond = Descending ? "<" : ">";
        return (position, Property.Always) switch
        {
            (null, _) => "true",
            ({ Value: null }, _) => $"({Property.Column} is null and session_id > @after_id)",
            // Written so that the first half can be an index condition.
            (_, true) => $"({Property.Column} {beyond}= @after and ({Property.Column} {beyond} @after or session_id > @after_id))",
            _ => $"({Property.Column} {beyond} @after or ({Property.Column} = @after and session_id > @after_id) or {Property.Column} is null)",
        };
    }
}

/// <summary>A place in an order: the value of the property that orders, and the session's id.</summary>
public sealed record SessionPosition(object? Value, Guid SessionId);

/// <summary>A page and where the next one begins; null when there is none.</summary>
public sealed record SessionPage(IReadOnlyList<SessionRow> Sessions, SessionPosition? Next);

/// <summary>Who is on now.</summary>
/// <param name="Count">All live sessions.</param>
/// <param name="Sessions">The latest to come, at most as many as asked for.</param>
public sealed record LiveSessions(long Count, IReadOnlyList<SessionRow> Sessions);
