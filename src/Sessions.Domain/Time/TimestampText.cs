using System.Globalization;

namespace Sessions.Domain.Time;

/// <summary>Reads the timestamps that clients really send. A time without a zone is UTC.</summary>
public static class TimestampText
{
    /// <summary>The longest text that is looked at.</summary>
    public const int MaxLength = 80;

    private static readonly DateTimeOffset NoYear = new(1, 1, 2, 0, 0, 0, TimeSpan.Zero);

    // What mail headers, HTTP headers, browsers' Date.toString and spreadsheets write. Weekdays are cut off before,
    // since a wrong one is no reason to lose a time.
    private static readonly string[] LooseFormats =
    [
        "d MMM yyyy HH:mm:ss zzz", "d MMM yyyy HH:mm:ss 'GMT'", "d MMM yyyy HH:mm:ss 'UTC'", "d MMM yyyy HH:mm:ss 'UT'",
        "d MMM yyyy HH:mm:ss'Z'", "d MMM yyyy HH:mm:ss 'Z'", "d MMM yyyy HH:mm:ss", "d MMM yyyy HH:mm zzz",
        "d MMM yyyy HH:mm", "d MMM yyyy", "d-MMM-yyyy", "MMM d, yyyy", "MMM d yyyy", "MMMM d, yyyy",
        "MMM d yyyy HH:mm:ss 'GMT'zzz", "MMM d yyyy HH:mm:ss zzz", "MMM d yyyy HH:mm:ss", "MMM d, yyyy HH:mm:ss",
        "MMM d, yyyy, h:mm:ss tt", "MMM d, yyyy h:mm:ss tt",
        "M/d/yyyy", "M/d/yyyy H:mm", "M/d/yyyy H:mm:ss", "M/d/yyyy H:mm:ss.FFFFFFF",
        "M/d/yyyy h:mm tt", "M/d/yyyy h:mm:ss tt", "M/d/yyyy, h:mm:ss tt",
        "M/d/yyyy H:mm:ss zzz", "M/d/yyyy H:mm:sszzz", "M/d/yyyy H:mm:ss'Z'",
    ];

    /// <summary>
    /// Reads RFC 3339 and its relatives (a space for the T, no zone, a zone of hours only, a date only, slashes),
    /// seconds or milliseconds since 1970, the dates of mail headers, and American slash dates.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Moment moment)
    {
        moment = default;
        text = text.Trim();
        if (text.IsEmpty || text.Length > MaxLength)
        {
            return false;
        }

        return IsoTime.TryParse(text, out moment)
            || TryParseUnixTime(text, out moment)
            || TryParseLoose(text, out moment);
    }

    /// <summary>
    /// A count since 1970: of seconds with 9 or 10 digits, of milliseconds with 12 or 13, of micro- and nanoseconds
    /// with 16 and 19. Shorter and other numbers are years, versions and counters, not times.
    /// </summary>
    private static bool TryParseUnixTime(ReadOnlySpan<char> text, out Moment moment)
    {
        moment = default;
        int point = text.IndexOf('.');
        int digits = point < 0 ? text.Length : point;
        decimal ticksPerUnit = digits switch
        {
            9 or 10 => TimeSpan.TicksPerSecond,
            12 or 13 => TimeSpan.TicksPerMillisecond,
            16 => TimeSpan.TicksPerMicrosecond,
            19 => 0.01m,
            _ => 0,
        };
        if (ticksPerUnit == 0
            || !decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal count))
        {
            return false;
        }

        moment = new Moment(DateTime.UnixEpoch.Ticks + (long)(count * ticksPerUnit));
        return true;
    }

    private static bool TryParseLoose(ReadOnlySpan<char> text, out Moment moment)
    {
        moment = default;
        int name = text.IndexOf('(');
        if (name > 0)
        {
            // Date.toString ends with the zone's name: "GMT+0200 (Central European Summer Time)".
            text = text[..name].TrimEnd();
        }

        if (text.Length > 4 && char.IsAsciiLetter(text[0]) && IsWeekday(text[..3]))
        {
            int space = text.IndexOf(' ');
            text = space < 0 ? text : text[(space + 1)..].TrimStart();
        }

        const DateTimeStyles Styles =
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal | DateTimeStyles.AllowWhiteSpaces;
        if (!DateTimeOffset.TryParseExact(text, LooseFormats, CultureInfo.InvariantCulture, Styles, out DateTimeOffset instant)
            || instant < NoYear)
        {
            return false;
        }

        moment = Moment.From(instant);
        return true;
    }

    private static bool IsWeekday(ReadOnlySpan<char> word)
    {
        foreach (string day in DateTimeFormatInfo.InvariantInfo.AbbreviatedDayNames)
        {
            if (word.Equals(day, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
