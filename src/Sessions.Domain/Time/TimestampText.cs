using System.Globalization;

namespace Sessions.Domain.Time;

/// <summary>Parses the formats of timestamps that clients send in practice. A time without a zone is UTC.</summary>
public static class TimestampText
{
    /// <summary>The longest text that is parsed, in characters.</summary>
    public const int MaxLength = 80;

    // Earlier dates are unset dates of .NET programs: "1/1/0001 12:00:00 AM".
    private static readonly DateTimeOffset FirstSet = new(1, 1, 2, 0, 0, 0, TimeSpan.Zero);

    // The formats of mail headers, HTTP headers, browsers' Date.toString and spreadsheets. Weekdays are removed before,
    // so that a wrong one does not make the time invalid. Spaces are allowed anywhere.
    private static readonly string[] LooseFormats =
    [
        "d MMM yyyy HH:mm:ss zzz", "d MMM yyyy HH:mm:ss 'GMT'", "d MMM yyyy HH:mm:ss 'UTC'", "d MMM yyyy HH:mm:ss 'UT'",
        "d MMM yyyy HH:mm:ss'Z'", "d MMM yyyy HH:mm:ss", "d MMM yyyy HH:mm zzz",
        "d MMM yyyy HH:mm", "d MMM yyyy", "d-MMM-yyyy", "MMM d, yyyy", "MMM d yyyy", "MMMM d, yyyy",
        "MMM d yyyy HH:mm:ss 'GMT'zzz", "MMM d yyyy HH:mm:ss zzz", "MMM d yyyy HH:mm:ss", "MMM d, yyyy HH:mm:ss",
        "MMM d, yyyy, h:mm:ss tt", "MMM d, yyyy h:mm:ss tt",
        "M/d/yyyy", "M/d/yyyy H:mm", "M/d/yyyy H:mm:ss.FFFFFFF",
        "M/d/yyyy h:mm tt", "M/d/yyyy h:mm:ss tt", "M/d/yyyy, h:mm:ss tt",
        "M/d/yyyy H:mm:ss zzz", "M/d/yyyy H:mm:ss'Z'",
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
    /// Parses a number of units since 1970: seconds if it has 9 or 10 digits, milliseconds if 12 or 13, microseconds if
    /// 16, and nanoseconds if 19. Other numbers are years, versions and counters, not times.
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
            text = text[..name];
        }

        if (BeginsWithWeekday(text))
        {
            text = text[(text.IndexOf(' ') + 1)..];
        }

        const DateTimeStyles Styles =
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal | DateTimeStyles.AllowWhiteSpaces;
        if (!DateTimeOffset.TryParseExact(text, LooseFormats, CultureInfo.InvariantCulture, Styles, out DateTimeOffset instant)
            || instant < FirstSet)
        {
            return false;
        }

        moment = Moment.From(instant);
        return true;
    }

    private static bool BeginsWithWeekday(ReadOnlySpan<char> text)
    {
        foreach (string day in DateTimeFormatInfo.InvariantInfo.AbbreviatedDayNames)
        {
            if (text.StartsWith(day, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
