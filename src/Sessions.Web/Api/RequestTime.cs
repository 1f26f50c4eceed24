using System.Globalization;
using System.Text.RegularExpressions;
using Sessions.Domain.Querying;

namespace Sessions.Web.Api;

/// <summary>Reads the times in requests: ISO 8601, a whole day, or relative to now.</summary>
internal static partial class RequestTime
{
    /// <summary>The allowed forms, for the error message.</summary>
    public const string Expected =
        "must be ISO 8601 (2026-01-31 or 2026-01-31T12:00:00Z), relative (-7d, -24h, dStart, wStart, mStart) or all";

    private static readonly string[] Forms =
    [
        "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF",
        "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    /// <summary>
    /// Reads a time. A date means its midnight; as the end of a range it means the next midnight, so that the whole
    /// day is included. A time without an offset is in the calendar's time zone. <c>-7d</c> is seven times 24 hours
    /// before now.
    /// </summary>
    /// <param name="text">The caller's text; null, empty and <c>all</c> mean no bound.</param>
    /// <param name="isEnd">Whether it is the end of a range.</param>
    /// <param name="now">The present.</param>
    /// <param name="time">The time in UTC; null for no bound.</param>
    /// <param name="calendar">The time zone and the first day of weeks; UTC with weeks from Monday by default.</param>
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
            // The last day has no next one.
            time = isEnd && day == DateOnly.MaxValue ? DateTimeOffset.MaxValue : calendar.StartOf(isEnd ? day.AddDays(1) : day);
            return true;
        }

        time = Relative(text, now, calendar) ?? Absolute(text, calendar);
        return time is not null;
    }

    /// <summary>A time in ISO 8601, in UTC; null when the text is not one.</summary>
    /// <param name="text">The text.</param>
    /// <param name="calendar">The time zone of a time without an offset; UTC by default.</param>
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

    /// <summary>
    /// A point of time for a comparison: a time in ISO 8601, or a date, which means its midnight; null when the text
    /// is neither.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="calendar">The time zone of dates and of times without an offset.</param>
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
