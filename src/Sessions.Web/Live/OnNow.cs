using Sessions.Database.Properties;
using Sessions.Queries;
using Sessions.Web.Layout;

namespace Sessions.Web.Live;

/// <summary>The data of the live page before its script starts.</summary>
/// <param name="Count">The number of live sessions.</param>
/// <param name="ActiveCount">The number of those that are active.</param>
/// <param name="Active">Of the sessions that started last, those that are active.</param>
/// <param name="Quiet">The others: they have not ended yet, and had no event for a while.</param>
public sealed record OnNow(long Count, long ActiveCount, IReadOnlyList<Visitor> Active, IReadOnlyList<Visitor> Quiet)
{
    /// <summary>The most visitors that are listed and counted by channel and page.</summary>
    public const int Most = 500;

    /// <summary>The minutes of the small chart.</summary>
    public const int Minutes = 30;

    /// <summary>The most rows of a table.</summary>
    public const int MostRows = 100;

    /// <summary>The most bars of a group.</summary>
    public const int MostBars = 8;

    internal static OnNow Of(LiveSessions live, DateTimeOffset activeSince)
    {
        Visitor[] all = [.. live.Sessions.Select(Visitor.Of)];
        return new(
            live.Count,
            live.ActiveCount,
            [.. all.Where(visitor => visitor.LastSeen >= activeSince)],
            [.. all.Where(visitor => visitor.LastSeen < activeSince)]);
    }

    /// <summary>The number of active visitors by a value, largest first.</summary>
    public IReadOnlyList<(string? Value, int Count)> By(Func<Visitor, string?> value) =>
    [
        .. Active.GroupBy(value).Select(group => (group.Key, group.Count()))
            .OrderByDescending(group => group.Item2).ThenBy(group => group.Key, StringComparer.Ordinal).Take(MostBars),
    ];

    /// <summary>The live sessions with a value of a property.</summary>
    public static PageQuery Narrowed(string property, string? value) => FilterRows.Write(
        PageQuery.At("/sessions").With("date_from", PageRange.AllTime),
        [
            new FilterRow("status", "exact", "live"),
            value is null ? new FilterRow(property, "is_not_set", "") : new FilterRow(property, "exact", value),
        ]);
}

/// <summary>One live session.</summary>
public sealed record Visitor(
    Guid Id,
    string DistinctId,
    string? Channel,
    string? EntryPage,
    string? Page,
    string? PagePath,
    string? Country,
    DateTimeOffset Start,
    DateTimeOffset LastSeen,
    TimeSpan Duration,
    int Events)
{
    /// <summary>The name of a screen that the app did not name.</summary>
    public const string UnnamedScreen = "(screen without a name)";

    /// <summary>How long ago the last event was.</summary>
    public string LastSeenAgo(DateTimeOffset now) => (now - LastSeen) switch
    {
        { TotalSeconds: < 10 } => "now",
        { TotalSeconds: < 60 } ago => $"{Format.Count((long)ago.TotalSeconds)} s ago",
        { TotalMinutes: < 60 } ago => $"{Format.Count((long)ago.TotalMinutes)} min ago",
        var ago => $"{Format.Count((long)ago.TotalHours)} h ago",
    };

    internal static Visitor Of(SessionRow row)
    {
        string? unnamed = (int)row["$screen_count"]! > 0 ? UnnamedScreen : null;
        return new(
            (Guid)row["$session_id"]!,
            (string)row["distinct_id"]!,
            (string?)row["$channel_type"],
            (string?)row["$entry_pathname"] ?? (string?)row["$entry_screen_name"] ?? unnamed,
            (string?)row["$exit_pathname"] ?? (string?)row["$exit_screen_name"] ?? unnamed,
            (string?)row["$exit_pathname"],
            (string?)row["$country"],
            (DateTimeOffset)row["$start_timestamp"]!,
            (DateTimeOffset)row["$end_timestamp"]!,
            TimeSpan.FromSeconds((double)(decimal)row["$session_duration"]!),
            (int)row["$event_count"]!);
    }
}
