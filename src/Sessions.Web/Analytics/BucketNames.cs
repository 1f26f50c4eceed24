using System.Globalization;
using Sessions.Web.Layout;

namespace Sessions.Web.Analytics;

/// <summary>The names of the points of a chart or table, in the project's time zone.</summary>
/// <param name="interval">The length of a point.</param>
/// <param name="pageContext">The context of the page.</param>
internal sealed class BucketNames(string? interval, PageContext pageContext)
{
    private bool IsShort => interval is "minute" or "hour";

    /// <summary>The start of a point, for the head of a column.</summary>
    public string Label(DateTimeOffset start) => Text(start, interval switch
    {
        "minute" or "hour" => "d MMM HH:mm",
        "month" => "MMM yyyy",
        _ => "d MMM",
    });

    /// <summary>A point of an axis: the date only where it changes.</summary>
    public string Tick(IReadOnlyList<DateTimeOffset> starts, int at) => IsShort
        ? Text(starts[at], IsMajor(starts, at) ? "d MMM" : "HH:mm")
        : interval == "month" ? Text(starts[at], "MMM yyyy")
        : Text(starts[at], IsMajor(starts, at) ? "d MMM yyyy" : "d MMM");

    /// <summary>Whether a new day begins with a point of minutes or hours, or a new year with a longer one.</summary>
    public bool IsMajor(IReadOnlyList<DateTimeOffset> starts, int at)
    {
        DateTime here = Local(starts[at]);
        return IsShort
            ? (at > 0 ? Local(starts[at - 1]).Date != here.Date : here.TimeOfDay == TimeSpan.Zero)
            : at > 0 && Local(starts[at - 1]).Year != here.Year;
    }

    /// <summary>A point with its whole date, for tooltips and screen readers.</summary>
    public string Title(DateTimeOffset start) => interval switch
    {
        "minute" => Text(start, "ddd d MMM yyyy, HH:mm"),
        "hour" => $"{Text(start, "ddd d MMM yyyy, HH:mm")}–{Text(start.AddHours(1), "HH:mm")}",
        "week" => $"week from {Text(start, "ddd d MMM yyyy")}",
        "month" => Text(start, "MMMM yyyy"),
        _ => Text(start, "ddd d MMM yyyy"),
    };

    private DateTime Local(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, pageContext.Zone).DateTime;

    private string Text(DateTimeOffset time, string form) => Local(time).ToString(form, CultureInfo.InvariantCulture);
}
