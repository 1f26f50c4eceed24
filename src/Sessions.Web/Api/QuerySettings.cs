using Sessions.Domain.Querying;
using Sessions.Queries.Aggregates;

namespace Sessions.Web.Api;

/// <summary>The settings of a project that queries need.</summary>
/// <param name="Calendar">The project's time zone and first day of weeks.</param>
/// <param name="PathRules">The rules that rewrite paths in web analytics.</param>
internal sealed record QuerySettings(LocalCalendar Calendar, IReadOnlyList<PathRule> PathRules)
{
    // UTC replaces a zone that this machine does not know any more.
    public static QuerySettings Of(ProjectSettings settings) => new(
        new LocalCalendar(
            TimeZoneInfo.TryFindSystemTimeZoneById(settings.TimeZone, out TimeZoneInfo? zone) ? zone : TimeZoneInfo.Utc,
            settings.WeekStart),
        [.. settings.PathCleaning.Select(rule => new PathRule(rule.Regex, rule.Replacement))]);
}
