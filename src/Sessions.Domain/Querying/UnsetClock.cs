namespace Sessions.Domain.Querying;

/// <summary>
/// Tells the times that only a clock shows which nobody has set: it counts from where its maker's time begins. Events with
/// such times are kept and can be asked for by their dates. A range that is taken from the data does not begin with them,
/// or one device would decide what "all time" means for everybody.
/// </summary>
public static class UnsetClock
{
    /// <summary>
    /// Before the first web server wrote a log nobody had a session. Nearly all clocks begin earlier: in the year 1 (.NET,
    /// Go), 1601 (Windows), 1900 (NTP), 1904 (Mac), 1970 (Unix), 1980 (GPS, FAT) and 1989 (FIT), and run for years until
    /// they get here.
    /// </summary>
    public static readonly DateTimeOffset Floor = new(1993, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How long a clock that begins later may have run unset: a month, since there are true times beside it.</summary>
    public static readonly TimeSpan Uptime = TimeSpan.FromDays(31);

    // Chips of hardware clocks; Cocoa.
    private static readonly DateTimeOffset[] LaterBeginnings =
        [new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero)];

    /// <summary>The times that clocks show which nobody has set, in their order: from one to before the other.</summary>
    public static IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> UnsetSpans { get; } =
        [(DateTimeOffset.MinValue, Floor), .. LaterBeginnings.Select(beginning => (beginning, beginning + Uptime))];

    /// <summary>All other times, likewise.</summary>
    public static IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> SetSpans { get; } =
        [.. UnsetSpans.Select(span => span.To).Zip(UnsetSpans.Skip(1).Select(span => span.From).Append(DateTimeOffset.MaxValue))];

    /// <summary>Whether a clock that was set may show this time.</summary>
    public static bool IsSet(DateTimeOffset time) => !UnsetSpans.Any(span => time >= span.From && time < span.To);
}
