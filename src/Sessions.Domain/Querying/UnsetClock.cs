namespace Sessions.Domain.Querying;

/// <summary>
/// Recognises times that only a clock shows that was never set: such a clock counts from its epoch. Events with such
/// times are kept and can be queried by their dates. But the range "all time" does not begin with them: otherwise a
/// single device would decide its start.
/// </summary>
public static class UnsetClock
{
    /// <summary>
    /// No session is older than the first web servers' logs. The epochs of nearly all clocks are earlier: in the year 1
    /// (.NET, Go), 1601 (Windows), 1900 (NTP), 1904 (Mac), 1970 (Unix), 1980 (GPS, FAT) and 1989 (FIT), and an unset
    /// clock runs for years until it reaches this time.
    /// </summary>
    public static readonly DateTimeOffset Floor = new(1993, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// How long an unset clock with a later epoch may have run: a month. Not longer, because there are also true times
    /// in these years.
    /// </summary>
    public static readonly TimeSpan Uptime = TimeSpan.FromDays(31);

    // The epochs of hardware clock chips, and of Cocoa.
    private static readonly DateTimeOffset[] LaterBeginnings =
        [new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero)];

    /// <summary>The ranges of times that unset clocks show, in order; the ends are exclusive.</summary>
    public static IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> UnsetSpans { get; } =
        [(DateTimeOffset.MinValue, Floor), .. LaterBeginnings.Select(beginning => (beginning, beginning + Uptime))];

    /// <summary>The ranges of all other times, in order; the ends are exclusive.</summary>
    public static IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> SetSpans { get; } =
        [.. UnsetSpans.Select(span => span.To).Zip(UnsetSpans.Skip(1).Select(span => span.From).Append(DateTimeOffset.MaxValue))];

    /// <summary>Whether a clock that was set may show this time.</summary>
    public static bool IsSet(DateTimeOffset time) => !UnsetSpans.Any(span => time >= span.From && time < span.To);
}
