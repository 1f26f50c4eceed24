namespace Sessions.Capture.Cookieless;

/// <summary>Decides which day's salt an event uses, and how long salts are kept.</summary>
internal static class CookielessDay
{
    /// <summary>A day's salt lives for this many days after the day has ended in UTC: 72 hours.</summary>
    public const int KeptDays = 3;

    // The longest name in the IANA database has 32 characters.
    private const int MaxZoneLength = 64;

    /// <summary>The calendar day of a time in a zone of the IANA database; in UTC when the zone is unknown.</summary>
    public static DateOnly Of(DateTimeOffset time, string? zone) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time, Find(zone)).DateTime);

    /// <summary>The earliest day that still has a salt.</summary>
    public static DateOnly OldestKept(DateTimeOffset now) => DateOnly.FromDateTime(now.UtcDateTime).AddDays(-KeptDays);

    private static TimeZoneInfo Find(string? zone) =>
        IsName(zone) && TimeZoneInfo.TryFindSystemTimeZoneById(zone!, out TimeZoneInfo? found) ? found : TimeZoneInfo.Utc;

    // The look-up uses the name as a file name, so only names that a zone can have are passed on.
    private static bool IsName(string? zone) =>
        zone is { Length: > 0 and <= MaxZoneLength }
        && char.IsAsciiLetter(zone[0])
        && zone.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+');
}
