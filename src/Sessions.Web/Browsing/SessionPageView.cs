using Sessions.Database.Properties;
using Sessions.Domain.Replay;
using Sessions.Queries.ReplayShares;
using Sessions.Web.Layout;

namespace Sessions.Web.Browsing;

/// <summary>The data of the page of one session.</summary>
/// <param name="Query">The page's address.</param>
/// <param name="Id">The session.</param>
/// <param name="Row">Its properties.</param>
/// <param name="Events">A page of its events.</param>
/// <param name="Next">The cursor of the next page of events; null when there is none.</param>
public sealed record SessionPageView(
    PageQuery Query, Guid Id, SessionRow Row, IReadOnlyList<TimelineEvent> Events, string? Next)
{
    /// <summary>The links to its recording that work.</summary>
    public IReadOnlyList<ReplayShare> Shares { get; init; } = [];

    /// <summary>The sessions beside it in the list that the reader came from.</summary>
    public SessionNeighbours Neighbours { get; init; } = SessionNeighbours.None;

    /// <summary>The link that was made a moment ago; null when none was.</summary>
    public string? NewLink { get; init; }

    /// <summary>Whether its recording can be played.</summary>
    public required ReplayPlayability Playability { get; init; }

    private static readonly (string Name, string[] Prefixes)[] Groups =
    [
        ("Visit", ["distinct_id", "device_id", "$session_id", "$start", "$end", "$session_duration", "status", "end_reason", "$is_bounce"]),
        ("Entry", ["$entry", "$channel"]),
        ("Exit", ["$exit", "$last_external"]),
        ("Activity", ["$pageview", "$autocapture", "$screen", "$event", "$rage", "$dead", "$unique", "$has_replay", "$replay"]),
        ("Device", ["$device_type", "$browser", "$os", "$country"]),
    ];

    /// <summary>The properties that the session has, in groups.</summary>
    public IEnumerable<(string Name, SessionProperty[] Properties)> Present => Groups
        .Select(group => (group.Name, SessionProperties.All
            .Where(property => Row[property.Name] is not null && GroupOf(property) == group.Name).ToArray()))
        .Where(group => group.Item2.Length > 0);

    private static string GroupOf(SessionProperty property) => Groups
        .FirstOrDefault(
            group => group.Prefixes.Any(prefix => property.Name.StartsWith(prefix, StringComparison.Ordinal)),
            ("Device", []))
        .Item1;
}

/// <summary>An event in the timeline.</summary>
/// <param name="Id">Its id.</param>
/// <param name="At">Its time.</param>
/// <param name="Since">The time since the session's start.</param>
/// <param name="Title">What happened.</param>
/// <param name="Json">Its properties as readable JSON.</param>
public sealed record TimelineEvent(Guid Id, DateTimeOffset At, TimeSpan Since, EventTitle Title, string Json);
