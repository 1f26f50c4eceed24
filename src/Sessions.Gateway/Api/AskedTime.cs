using System.Globalization;
using System.Text.RegularExpressions;

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
    /// has no offset is in UTC. <c>-7d</c> is seven times 24 hours before now; <c>wStart</c> is a Monday.
    /// </summary>
    /// <param name="text">What the caller wrote; null, empty and <c>all</c> mean no bound.</param>
    /// <param name="isEnd">Whether it bounds a range from above.</param>
    /// <param name="now">The present.</param>
    /// <param name="time">The time in UTC; null for no bound.</param>
    public static bool TryParse(string? text, bool isEnd, DateTimeOffset now, out DateTimeOffset? time)
    {
        time = null;
        if (string.IsNullOrEmpty(text) || text == "all")
        {
            return true;
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day))
        {
            // After the last day there is no other: no bound says the same.
            time = isEnd && day == DateOnly.MaxValue ? null : Midnight(isEnd ? day.AddDays(1) : day);
            return true;
        }

        time = Relative(text, now) ?? Absolute(text);
        return time is not null;
    }

    /// <summary>A time in ISO 8601, in UTC; null when the text is none.</summary>
    public static DateTimeOffset? Absolute(string text) =>
        DateTimeOffset.TryParseExact(
            text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time)
            ? time
            : null;

    private static DateTimeOffset? Relative(string text, DateTimeOffset now)
    {
        DateOnly today = DateOnly.FromDateTime(now.UtcDateTime);
        switch (text)
        {
            case "dStart":
                return Midnight(today);
            case "wStart":
                return Midnight(today.AddDays(-(((int)today.DayOfWeek + 6) % 7)));
            case "mStart":
                return Midnight(new DateOnly(today.Year, today.Month, 1));
        }

        if (Ago().Match(text) is not { Success: true } match)
        {
            return null;
        }

        int count = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        TimeSpan ago = match.Groups[2].Value == "d" ? TimeSpan.FromDays(count) : TimeSpan.FromHours(count);
        return now.UtcTicks > ago.Ticks ? now.ToUniversalTime() - ago : DateTimeOffset.MinValue;
    }

    private static DateTimeOffset Midnight(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);

    [GeneratedRegex(@"^-([0-9]{1,6})([dh])$", RegexOptions.CultureInvariant)]
    private static partial Regex Ago();
}
