namespace Sessions.Domain.Time;

/// <summary>
/// Parses RFC 3339 and similar formats. Written by hand, because the framework refuses dates whose time zone moves them
/// out of the years 1 to 9999, and because this runs for every event.
/// </summary>
internal static class IsoTime
{
    /// <summary>
    /// Parses <c>year-month-day</c>, also with slashes, then optionally T, t or spaces and a time
    /// <c>hour:minute[:second[.fraction]]</c>, then optionally a zone.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Moment moment)
    {
        moment = default;
        var rest = new Cursor(text);
        if (!rest.Number(4, 4, out int year)
            || !rest.OneOf('-', '/', out char separator)
            || !rest.Number(1, 2, out int month)
            || !rest.Is(separator)
            || !rest.Number(1, 2, out int day)
            || month is < 1 or > 12
            || day < 1 || day > DaysInMonth(year, month))
        {
            return false;
        }

        long time = 0;
        if (!rest.AtEnd && (!TryParseTime(ref rest, out time) || !rest.AtEnd))
        {
            return false;
        }

        moment = new Moment(DateTicks(year, month, day) + time);
        return true;
    }

    private static bool TryParseTime(ref Cursor rest, out long ticks)
    {
        ticks = 0;
        if (!rest.OneOf('T', 't', out _) && !rest.Spaces())
        {
            return false;
        }

        rest.Spaces();
        if (!rest.Number(1, 2, out int hour) || !rest.Is(':') || !rest.Number(2, 2, out int minute))
        {
            return false;
        }

        int second = 0;
        long fraction = 0;
        if (rest.Is(':') && !rest.Number(2, 2, out second))
        {
            return false;
        }

        if (rest.OneOf('.', ',', out _) && !rest.Fraction(out fraction))
        {
            return false;
        }

        // Second 60 is a leap second; it counts as the next minute's first.
        if (hour > 23 || minute > 59 || second > 60)
        {
            return false;
        }

        rest.Spaces();
        if (!TryParseZone(ref rest, out int zoneMinutes))
        {
            return false;
        }

        ticks = (hour * TimeSpan.TicksPerHour)
            + ((minute - zoneMinutes) * TimeSpan.TicksPerMinute)
            + (second * TimeSpan.TicksPerSecond)
            + fraction;
        return true;
    }

    private static bool TryParseZone(ref Cursor rest, out int minutes)
    {
        minutes = 0;
        if (rest.AtEnd || rest.OneOf('Z', 'z', out _) || rest.Word("UTC") || rest.Word("GMT"))
        {
            return true;
        }

        if (!rest.OneOf('+', '-', out char sign) || !rest.Number(2, 2, out int hour))
        {
            return false;
        }

        // "+03" is accepted, because some clients leave out the minutes.
        int minute = 0;
        rest.Is(':');
        if (!rest.AtEnd && !rest.Number(2, 2, out minute))
        {
            return false;
        }

        minutes = (hour * 60) + minute;
        minutes = sign == '-' ? -minutes : minutes;
        return hour < 24 && minute < 60;
    }

    // Year 0 exists in ISO 8601 though not in DateTime; it is a leap year.
    private static int DaysInMonth(int year, int month) => DateTime.DaysInMonth(year == 0 ? 4 : year, month);

    private static long DateTicks(int year, int month, int day) => year == 0
        ? (new DateTime(4, month, day, 0, 0, 0, DateTimeKind.Utc) - new DateTime(5, 1, 1, 0, 0, 0, DateTimeKind.Utc)).Ticks
        : new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc).Ticks;

    private ref struct Cursor(ReadOnlySpan<char> text)
    {
        private ReadOnlySpan<char> _left = text;

        public readonly bool AtEnd => _left.IsEmpty;

        public bool Is(char wanted) => OneOf(wanted, wanted, out _);

        public bool OneOf(char first, char second, out char found)
        {
            found = _left.IsEmpty ? '\0' : _left[0];
            if (_left.IsEmpty || (found != first && found != second))
            {
                return false;
            }

            _left = _left[1..];
            return true;
        }

        public bool Word(string word)
        {
            if (!_left.Equals(word, StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }

            _left = [];
            return true;
        }

        public bool Spaces()
        {
            int before = _left.Length;
            _left = _left.TrimStart(' ');
            return _left.Length < before;
        }

        public bool Number(int fewest, int most, out int value)
        {
            value = 0;
            int digits = 0;
            while (digits < most && digits < _left.Length && char.IsAsciiDigit(_left[digits]))
            {
                value = (value * 10) + (_left[digits] - '0');
                digits++;
            }

            _left = _left[digits..];
            return digits >= fewest;
        }

        /// <summary>Reads any number of digits. Digits beyond the precision of ticks are ignored.</summary>
        public bool Fraction(out long ticks)
        {
            ticks = 0;
            long unit = TimeSpan.TicksPerSecond / 10;
            int digits = 0;
            while (digits < _left.Length && char.IsAsciiDigit(_left[digits]))
            {
                ticks += (_left[digits] - '0') * unit;
                unit /= 10;
                digits++;
            }

            _left = _left[digits..];
            return digits > 0;
        }
    }
}
