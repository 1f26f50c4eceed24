using System.Globalization;
using System.Text.RegularExpressions;
using Sessions.Domain.Querying;
using Sessions.Web.Api;

namespace Sessions.Web.Layout;

/// <summary>
/// The range of time of a page. On pages <c>-7d</c> means seven whole days in the project's time zone, of which today
/// is the last, and <c>-24h</c> means 24 whole hours. The API counts back from now instead, so pages ask it by date.
/// </summary>
/// <param name="Asked">The start as the address has it; it names the chosen range.</param>
/// <param name="From">The start as the API takes it.</param>
/// <param name="To">The end as the API takes it; null for now.</param>
/// <param name="Days">The number of days, also when the last one is not over; null when it is unknown.</param>
/// <param name="Before">
/// The period to compare with: as many days earlier, and up to the same time of the day when the range is not over. Null
/// for the period of the same length just before.
/// </param>
public sealed partial record PageRange(string Asked, string From, string? To, int? Days, (DateTimeOffset From, DateTimeOffset To)? Before)
{
    /// <summary>The range of all time.</summary>
    public const string AllTime = "all";

    private const int HoursOfDay = 24;

    private static readonly string[] s_fields = ["date_from", "date_to"];

    /// <summary>The name of the period to compare with.</summary>
    public string BeforeName { get; init; } = "previous period";

    /// <summary>What the page did not understand of the address's range.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>The fields of the address that the page ignores, because it did not understand them.</summary>
    public string[] Ignored { get; init; } = [];

    /// <summary>A length of points that fits the range.</summary>
    public string Interval => Asked == AllTime ? "week" : Days switch
    {
        <= 2 => "hour",
        > 120 => "week",
        _ => "day",
    };

    /// <summary>The range in an address, or the project's default one.</summary>
    public static PageRange Of(PageQuery query, PageContext pageContext)
    {
        string? from = query["date_from"], to = query["date_to"];
        List<string> faults = [];
        string[] ignored = [];
        if (!IsTime(from))
        {
            faults.Add($"“{from}” is no date from which a range can begin. The page shows its usual range.");
            (from, to, ignored) = (null, null, s_fields);
        }

        if (!IsTime(to))
        {
            faults.Add($"“{to}” is no date at which a range can end. The range goes on until now.");
            (to, ignored) = (null, s_fields[1..]);
        }

        if (to is not null && Time(from ?? pageContext.DefaultFrom, isEnd: false) is { } first && Time(to, isEnd: true) is { } last && first > last)
        {
            faults.Add(from is null
                ? $"The range ends on {Format.Day(to)}, before it begins. The page shows its usual range."
                : $"From ({Format.Day(from)}) is after To ({Format.Day(to)}). The page shows its usual range.");
            (from, to, ignored) = (null, null, s_fields);
        }

        return Of(from ?? pageContext.DefaultFrom, to, pageContext.Now, pageContext.Calendar) with { Faults = faults, Ignored = ignored };

        bool IsTime(string? text) => RequestTime.TryParse(text, isEnd: false, pageContext.Now, out _, pageContext.Calendar);

        DateTimeOffset? Time(string text, bool isEnd) =>
            RequestTime.TryParse(text, isEnd, pageContext.Now, out DateTimeOffset? time, pageContext.Calendar) ? time : null;
    }

    /// <summary>The range that begins and ends as asked.</summary>
    public static PageRange Of(string from, string? to, DateTimeOffset now, LocalCalendar calendar)
    {
        DateOnly today = calendar.Day(now);
        if (Ago().Match(from) is { Success: true } ago)
        {
            int count = Math.Max(1, int.Parse(ago.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
            PageRange range = ago.Groups[2].Value == "h" ? OfHours(from, count, now, calendar) : OfDays(from, today, count);
            return to is null ? range : range with { To = to, Days = null, Before = null };
        }

        return from == "dStart" && to is null ? OfDays(from, today, 1)
            : Format.AsDay(from) is { } first && (to is null ? today : Format.AsDay(to)) is { } last && last >= first
                ? OfDates(first, last)
                : new PageRange(from, from, to, null, null);

        PageRange OfDays(string asked, DateOnly last, int count)
        {
            count = Math.Min(count, last.DayNumber + 1);
            DateOnly begin = last.AddDays(1 - count);
            return new PageRange(asked, Text(begin), null, count, Earlier(begin, count));
        }

        PageRange OfDates(DateOnly begin, DateOnly end)
        {
            int count = end.DayNumber - begin.DayNumber + 1;
            return new PageRange(from, from, to, count, end < today ? WholeDays(begin, count) : Earlier(begin, count));
        }

        (DateTimeOffset, DateTimeOffset)? Earlier(DateOnly begin, int count)
        {
            DateTime there = calendar.Local(now);
            return begin.DayNumber < count || there.Ticks < TimeSpan.TicksPerDay * count || begin > today
                ? null
                : (calendar.StartOf(begin.AddDays(-count)), calendar.Instant(there.AddDays(-count)));
        }

        (DateTimeOffset, DateTimeOffset)? WholeDays(DateOnly begin, int count) =>
            begin.DayNumber < count ? null : (calendar.StartOf(begin.AddDays(-count)), calendar.StartOf(begin));
    }

    private static PageRange OfHours(string asked, int count, DateTimeOffset now, LocalCalendar calendar)
    {
        DateTimeOffset hour = Buckets.Floor(now, Domain.Querying.Interval.Hour, calendar);
        TimeSpan back = TimeSpan.FromHours(count - 1), length = TimeSpan.FromHours(count);
        if (hour.UtcTicks <= back.Ticks + length.Ticks)
        {
            return new PageRange(asked, asked, null, null, null);
        }

        DateTimeOffset begin = hour - back;
        return new PageRange(asked, PropertyText.Time(begin), null, (count + HoursOfDay - 1) / HoursOfDay, (begin - length, now.ToUniversalTime() - length));
    }

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    [GeneratedRegex("^-([0-9]{1,6})([dh])$", RegexOptions.CultureInvariant)]
    private static partial Regex Ago();
}
