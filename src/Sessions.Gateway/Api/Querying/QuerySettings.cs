using Sessions.Domain.Querying;
using Sessions.Postgres.Queries.Aggregates;

namespace Sessions.Gateway.Api.Querying;

/// <summary>What questions need to know of a project's settings.</summary>
/// <param name="Calendar">How its people read time.</param>
/// <param name="PathRules">How paths are rewritten in web analytics.</param>
internal sealed record QuerySettings(LocalCalendar Calendar, IReadOnlyList<PathRule> PathRules)
{
    // A zone that this machine has lost is read as UTC.
    public static QuerySettings Of(ProjectSettings settings) => new(
        new LocalCalendar(
            TimeZoneInfo.TryFindSystemTimeZoneById(settings.TimeZone, out TimeZoneInfo? zone) ? zone : TimeZoneInfo.Utc,
            settings.WeekStart),
        [.. settings.PathCleaning.Select(rule => new PathRule(rule.Regex, rule.Replacement))]);
}
