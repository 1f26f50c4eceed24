using Sessions.Queries.Aggregates;
using Sessions.Web.Api;

namespace Sessions.Web.Analytics;

/// <summary>The addresses of the lists of sessions behind the numbers of a tile.</summary>
/// <param name="range">The tile's range.</param>
/// <param name="filters">The tile's filters in the caller's words.</param>
/// <param name="zone">The time zone in which the filters' times are read.</param>
internal sealed class CountedTile(WebRange range, IReadOnlyList<FilterJson> filters, TimeZoneInfo zone)
{
    private readonly Period _period = new(range.From, range.To, []);

    /// <summary>All sessions that began in the range.</summary>
    public string? OfSessions() => Of(new SeriesJson(null, "total"), null);

    /// <summary>Those of which it is known whether they are a bounce.</summary>
    public string? OfBounceRate() => Of(new SeriesJson(null, "avg", "$is_bounce"), null);

    /// <summary>Those with a value of a property.</summary>
    /// <param name="property">The property.</param>
    /// <param name="value">The value; null for a missing one.</param>
    /// <param name="hasCleanPaths">Whether the project's rules for paths have rewritten it.</param>
    public string? OfValue(string property, string? value, bool hasCleanPaths) => Of(
        new SeriesJson(null, "total"),
        new CountedGroupJson(property, null) { Values = [value], HasCleanPaths = hasCleanPaths ? true : null });

    /// <summary>Those in which a page or screen was seen in the range.</summary>
    public string? OfPage(string? path) => Of(
        new SeriesJson(WebAnalytics.PageEvent, "unique_sessions"),
        new CountedGroupJson("pathname", "event") { Values = [path], HasCleanPaths = true },
        WebAnalytics.ScreenEvent);

    /// <summary>Those that have an event in the range.</summary>
    public string? OfEvent(string name) => Of(new SeriesJson(name, "unique_sessions"), null);

    private string? Of(SeriesJson series, CountedGroupJson? group, string? orEvent = null) => new CountedLine(
        range.Project, new CountedJson(series, filters, zone.Id, group) { OrEvent = orEvent }, _period).OfValue;
}
