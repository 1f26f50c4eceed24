using Sessions.Gateway.Pages.Frame;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Pages.Now;

/// <summary>What the live page shows before its script takes over.</summary>
/// <param name="Count">How many sessions are live.</param>
/// <param name="Visitors">The latest of them to come.</param>
public sealed record OnNow(long Count, IReadOnlyList<Visitor> Visitors)
{
    /// <summary>The most visitors that are listed, and counted by channel and page.</summary>
    public const int Most = 500;

    internal static OnNow Of(LiveSessions live) => new(live.Count, [.. live.Sessions.Select(Visitor.Of)]);

    /// <summary>How many of the listed visitors have each value, most first.</summary>
    public IReadOnlyList<(string Name, int Count)> By(Func<Visitor, string> value, int most) =>
    [
        .. Visitors.GroupBy(value).Select(group => (group.Key, group.Count()))
            .OrderByDescending(group => group.Item2).ThenBy(group => group.Key, StringComparer.Ordinal).Take(most),
    ];
}

/// <summary>One live session.</summary>
public sealed record Visitor(
    Guid Id, string DistinctId, string Channel, string EntryPage, string Page, DateTimeOffset Start, TimeSpan Duration, int Events)
{
    internal static Visitor Of(SessionRow row) => new(
        (Guid)row["$session_id"]!,
        (string)row["distinct_id"]!,
        (string?)row["$channel_type"] ?? Said.Nothing,
        (string?)row["$entry_pathname"] ?? Said.Nothing,
        (string?)row["$exit_pathname"] ?? Said.Nothing,
        (DateTimeOffset)row["$start_timestamp"]!,
        TimeSpan.FromSeconds((double)(decimal)row["$session_duration"]!),
        (int)row["$event_count"]!);
}
