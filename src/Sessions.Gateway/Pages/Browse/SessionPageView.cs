using Sessions.Gateway.Pages.Frame;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Pages.Browse;

/// <summary>What the page of one session shows.</summary>
/// <param name="Query">The page's address.</param>
/// <param name="Id">The session.</param>
/// <param name="Row">Its properties.</param>
/// <param name="Events">Its events, a page of them.</param>
/// <param name="Next">The cursor of the next page of events; null when there is none.</param>
public sealed record SessionPageView(
    PageQuery Query, Guid Id, SessionRow Row, IReadOnlyList<TimelineEvent> Events, string? Next)
{
    private static readonly (string Name, string[] Prefixes)[] Groups =
    [
        ("Visit", ["distinct_id", "device_id", "$session_id", "$start", "$end", "$session_duration", "status", "end_reason", "$is_bounce"]),
        ("Where from", ["$entry", "$channel"]),
        ("Where to", ["$exit", "$last_external"]),
        ("What happened", ["$pageview", "$autocapture", "$screen", "$event", "$unique", "$has_replay", "$replay"]),
        ("With what", ["$device_type", "$browser", "$os", "$country"]),
    ];

    /// <summary>The properties that the session has, by what they are about.</summary>
    public IEnumerable<(string Name, SessionProperty[] Properties)> Present => Groups
        .Select(group => (group.Name, SessionProperties.All
            .Where(property => Row[property.Name] is not null && GroupOf(property) == group.Name).ToArray()))
        .Where(group => group.Item2.Length > 0);

    private static string GroupOf(SessionProperty property) => Groups
        .FirstOrDefault(
            group => group.Prefixes.Any(prefix => property.Name.StartsWith(prefix, StringComparison.Ordinal)),
            ("What happened", []))
        .Item1;
}

/// <summary>An event as the timeline shows it.</summary>
/// <param name="At">Its time.</param>
/// <param name="Since">How long after the session's start.</param>
/// <param name="Name">Its name, as people say it.</param>
/// <param name="About">The page it was on, or what else tells it from others.</param>
/// <param name="Kind">What it is marked as: view, click or other.</param>
/// <param name="Json">Its properties, to be read.</param>
public sealed record TimelineEvent(DateTimeOffset At, TimeSpan Since, string Name, string? About, string Kind, string Json);
