using Sessions.Database.Properties;
using Sessions.Queries;
using Sessions.Web.Layout;

namespace Sessions.Web.Live;

/// <summary>The data of the live page before its script starts.</summary>
/// <param name="Count">The number of live sessions.</param>
/// <param name="Visitors">The sessions that started last.</param>
public sealed record OnNow(long Count, IReadOnlyList<Visitor> Visitors)
{
    /// <summary>The most visitors that are listed and counted by channel and page.</summary>
    public const int Most = 500;

    internal static OnNow Of(LiveSessions live) => new(live.Count, [.. live.Sessions.Select(Visitor.Of)]);

    /// <summary>The number of listed visitors by a value, largest first.</summary>
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
        (string?)row["$channel_type"] ?? Format.Nothing,
        (string?)row["$entry_pathname"] ?? Format.Nothing,
        (string?)row["$exit_pathname"] ?? Format.Nothing,
        (DateTimeOffset)row["$start_timestamp"]!,
        TimeSpan.FromSeconds((double)(decimal)row["$session_duration"]!),
        (int)row["$event_count"]!);
}
