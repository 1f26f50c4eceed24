using System.Globalization;
using System.Text.RegularExpressions;
using Sessions.Domain.Querying;

namespace Sessions.Gateway.Api;

/// <summary>Reads the times that callers ask by: ISO 8601, a whole day, or relative to now.</summary>
internal static partial class AskedTime
{
    /// <summary>What a caller may write, for the message to one who wrote something else.</summary>
    public const string Expected =
        "must be ISO 8601 (2026-01-31 or 2026-01-31T12:00:00Z), relative (-7d, -24h, dStart, wStart, mStart) or all";

    private static readonly string[] Forms =
    [
        "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF",
        "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    /// <summary>
    /// Reads a time. A date means its midnight, or, as an end, the midnight after it, so that the whole day is in; what
    /// has no offset is as the calendar's clocks show it. <c>-7d</c> is seven times 24 hours before now.
    /// </summary>
    /// <param name="text">What the caller wrote; null, empty and <c>all</c> mean no bound.</param>
    /// <param name="isEnd">Whether it bounds a range from above.</param>
    /// <param name="now">The present.</param>
    /// <param name="time">The time in UTC; null for no bound.</param>
    /// <param name="calendar">Whose days and weeks; UTC with weeks from Monday unless said otherwise.</param>
    public static bool TryParse(
        string? text, bool isEnd, DateTimeOffset now, out DateTimeOffset? time, LocalCalendar? calendar = null)
    {
        calendar ??= LocalCalendar.Utc;
        time = null;
        if (string.IsNullOrEmpty(text) || text == "all")
        {
            return true;
        }

        if (TryDay(text, out DateOnly day))
        {
            // After the last day there is no other.
            time = isEnd && day == DateOnly.MaxValue ? DateTimeOffset.MaxValue : calendar.StartOf(isEnd ? day.AddDays(1) : day);
            return true;
        }

        time = Relative(text, now, calendar) ?? Absolute(text, calendar);
        return time is not null;
    }

    /// <summary>A time in ISO 8601, in UTC; null when the text is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="calendar">Whose clocks show a time that has no offset; UTC's unless said otherwise.</param>
    public static DateTimeOffset? Absolute(string text, LocalCalendar? calendar = null)
    {
        if (!DateTime.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out DateTime time))
        {
            return null;
        }

        return time.Kind == DateTimeKind.Unspecified
            ? (calendar ?? LocalCalendar.Utc).Instant(time)
            : DateTimeOffset.TryParseExact(
                text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out DateTimeOffset exact) ? exact : null;
    }

    /// <summary>A point of time to compare with: a time in ISO 8601, or a date, which is its midnight; null when the text is neither.</summary>
    /// <param name="text">The text.</param>
    /// <param name="calendar">Whose clocks show a time that has no offset, and whose midnight.</param>
    public static DateTimeOffset? Point(string text, LocalCalendar calendar) =>
        TryDay(text, out DateOnly day) ? calendar.StartOf(day) : Absolute(text, calendar);

    private static bool TryDay(string text, out DateOnly day) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);

    private static DateTimeOffset? Relative(string text, DateTimeOffset now, LocalCalendar calendar)
    {
        DateOnly today = calendar.Day(now);
        switch (text)
        {
            case "dStart":
                return calendar.StartOf(today);
            case "wStart":
                return calendar.StartOf(calendar.WeekOf(today));
            case "mStart":
                return calendar.StartOf(LocalCalendar.MonthOf(today));
        }

        if (Ago().Match(text) is not { Success: true } match)
        {
            return null;
        }

        int count = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        TimeSpan ago = match.Groups[2].Value == "d" ? TimeSpan.FromDays(count) : TimeSpan.FromHours(count);
        return now.UtcTicks > ago.Ticks ? now.ToUniversalTime() - ago : DateTimeOffset.MinValue;
    }

    [GeneratedRegex(@"^-([0-9]{1,6})([dh])$", RegexOptions.CultureInvariant)]
    private static partial Regex Ago();
}
