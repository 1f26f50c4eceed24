using Microsoft.AspNetCore.Http;
using Sessions.Domain.Querying;
using Sessions.Gateway.Access;
using Sessions.Grains;

namespace Sessions.Gateway.Pages.Frame;

/// <summary>The places that the side navigation leads to.</summary>
public enum Place
{
    Overview,
    Live,
    Sessions,
    Explore,
    Sql,
    Project,
}

/// <summary>Who looks at a page, and what every page needs to know of them.</summary>
/// <param name="Project">The id of their project.</param>
/// <param name="Settings">Its settings.</param>
/// <param name="Token">Its public token.</param>
/// <param name="IsAdmin">Whether they may change the project.</param>
/// <param name="Address">The gateway's address as their browser has it.</param>
/// <param name="Now">The time at which the page is made.</param>
/// <param name="Zone">The project's time zone, in which pages show times.</param>
public sealed record Looker(
    string Project,
    ProjectSettings Settings,
    string Token,
    bool IsAdmin,
    string Address,
    DateTimeOffset Now,
    TimeZoneInfo Zone)
{
    /// <summary>The project whose visitors are made up.</summary>
    public const string DemoProject = "demo";

    /// <summary>Whose days and weeks.</summary>
    public LocalCalendar Calendar => new(Zone, Settings.WeekStart);

    /// <summary>Whether what they see is made up.</summary>
    public bool IsDemo => Project == DemoProject;
}

/// <summary>Finds out who looks.</summary>
internal sealed class Lookers(ProjectCache<ProjectSettings> settings, ProjectDirectory projects, TimeProvider time)
{
    /// <exception cref="SessionsUnavailableException">The project's settings can't be read now.</exception>
    public async ValueTask<Looker> Of(HttpContext context)
    {
        string project = context.User.Project();
        ProjectSettings known = await settings.Of(project);
        return new Looker(
            project,
            known,
            projects.FindToken(project) ?? "",
            context.User.IsAdmin(),
            $"{context.Request.Scheme}://{context.Request.Host}",
            time.GetUtcNow(),
            ZoneOf(known.TimeZone));
    }

    private static TimeZoneInfo ZoneOf(string name) =>
        // A zone that was known when it was set may be missing on this machine.
        TimeZoneName.IsKnown(name) ? TimeZoneInfo.FindSystemTimeZoneById(name) : TimeZoneInfo.Utc;
}
