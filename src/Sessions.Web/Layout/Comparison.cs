using Sessions.Domain.Querying;
using Sessions.Web.Api;

namespace Sessions.Web.Layout;

/// <summary>The period with which a page compares its range.</summary>
/// <param name="Mode">One of <see cref="Modes"/>.</param>
/// <param name="Range">The page's range, which names the period.</param>
/// <param name="Faults">What the page did not understand of the address's comparison.</param>
public sealed record Comparison(string Mode, PageRange Range, IReadOnlyList<string> Faults)
{
    /// <summary>The period of the same length just before.</summary>
    public const string Previous = "previous";

    /// <summary>The same days a year before.</summary>
    public const string Year = "year";

    /// <summary>A range of its own.</summary>
    public const string Custom = "custom";

    /// <summary>No comparison.</summary>
    public const string Off = "off";

    // In hours it has no more points than a chart may have.
    private const int MostDays = 400;

    /// <summary>The comparisons that the page offers directly, and their names.</summary>
    public static IReadOnlyList<(string Mode, string Name)> Modes { get; } =
        [(Previous, "Previous period"), (Year, "A year before"), (Off, "No comparison")];

    /// <summary>Whether the page compares at all.</summary>
    public bool IsOn => Mode != Off;

    /// <summary>The comparison in an address. All time has nothing before it.</summary>
    public static Comparison Of(PageQuery query, PageRange range, PageContext pageContext)
    {
        string mode = query["compare"] ?? (query["compare_from"] is null ? Previous : Custom);
        if (range.Asked == PageRange.AllTime || mode == Off)
        {
            return new Comparison(Off, range, []);
        }

        switch (mode)
        {
            case Previous or "on":
                return new Comparison(Previous, range, []);
            case Year when YearBefore(range, pageContext) is { } year:
                return new Comparison(Year, range with { Before = year, BeforeName = "a year before" }, []);
            case Custom when Chosen(query, pageContext) is { } chosen:
                string name = $"{Format.Day(query["compare_from"]!)} – {Format.Day(query["compare_to"]!)}";
                return new Comparison(Custom, range with { Before = chosen, BeforeName = name }, []);
            default:
                string fault = mode is Year or Custom
                    ? $"The period to compare with has no valid dates, or more than {MostDays} days. The page compares with the previous period."
                    : $"“{mode}” is no comparison. The page compares with the previous period.";
                return new Comparison(Previous, range, [fault]);
        }
    }

    private static (DateTimeOffset From, DateTimeOffset To)? YearBefore(PageRange range, PageContext pageContext)
    {
        LocalCalendar calendar = pageContext.Calendar;
        return Time(range.From, isEnd: false) is { } from && Back(from) is { } begin && Back(Time(range.To, isEnd: true) ?? pageContext.Now) is { } end
            ? (begin, end)
            : null;

        DateTimeOffset? Time(string? text, bool isEnd) =>
            RequestTime.TryParse(text, isEnd, pageContext.Now, out DateTimeOffset? time, calendar) ? time : null;

        DateTimeOffset? Back(DateTimeOffset time) =>
            calendar.Local(time) is { Year: > 1 and < 9999 } local ? calendar.Instant(local.AddYears(-1)) : null;
    }

    private static (DateTimeOffset From, DateTimeOffset To)? Chosen(PageQuery query, PageContext pageContext) =>
        Format.AsDay(query["compare_from"]) is { } first && Format.AsDay(query["compare_to"]) is { } last && first <= last
            && last < DateOnly.MaxValue && last.DayNumber - first.DayNumber <= MostDays
            ? (pageContext.Calendar.StartOf(first), pageContext.Calendar.StartOf(last.AddDays(1)))
            : null;
}
