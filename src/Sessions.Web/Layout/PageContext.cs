using Microsoft.AspNetCore.Http;
using Sessions.Client.Projects;
using Sessions.Domain.Querying;
using Sessions.Web.Access;

namespace Sessions.Web.Layout;

/// <summary>The items of the side navigation.</summary>
public enum NavigationItem
{
    Overview,
    Live,
    Sessions,
    Explore,
    Sql,
    Project,
    Docs,
}

/// <summary>The data that every page needs: the project, and the user's role.</summary>
/// <param name="Project">The id of the project.</param>
/// <param name="Settings">Its settings.</param>
/// <param name="Token">Its public token.</param>
/// <param name="IsAdmin">Whether the user may change the project.</param>
/// <param name="IsOperator">Whether the user may make and choose projects.</param>
/// <param name="Address">The gateway's address in the user's browser.</param>
/// <param name="Now">The time of the request.</param>
/// <param name="Zone">The project's time zone, in which pages show times.</param>
public sealed record PageContext(
    string Project,
    ProjectSettings Settings,
    string Token,
    bool IsAdmin,
    bool IsOperator,
    string Address,
    DateTimeOffset Now,
    TimeZoneInfo Zone)
{
    /// <summary>The project that has sample visitors.</summary>
    public const string DemoProject = "demo";

    /// <summary>The calendar of days and weeks on pages.</summary>
    public LocalCalendar Calendar => new(Zone, Settings.WeekStart);

    /// <summary>The start of a page's range when its address has none.</summary>
    public string DefaultFrom => $"-{Settings.DefaultRange}";

    /// <summary>Whether the project has sample visitors.</summary>
    public bool IsDemo => Project == DemoProject;

    /// <summary>The range and the filters of the page, which links to other pages over sessions carry.</summary>
    public PageQuery Carried { get; init; } = PageQuery.At("/");

    /// <summary>The fields of the page's address that it does not know.</summary>
    public IReadOnlyList<string> UnknownFields { get; init; } = [];
}

/// <summary>Creates the context of a page.</summary>
internal sealed class PageContextFactory(ProjectCache<ProjectSettings> settings, ProjectDirectory projects, TimeProvider time)
{
    /// <exception cref="SessionsUnavailableException">The project's settings can't be read now.</exception>
    public async ValueTask<PageContext> Of(HttpContext context)
    {
        string project = context.User.Project();
        ProjectSettings known = await settings.Of(project).AsTask().WaitAsync(context.RequestAborted);
        return new PageContext(
            project,
            known,
            projects.FindToken(project) ?? "",
            context.User.IsAdmin(),
            context.User.IsOperator(),
            $"{context.Request.Scheme}://{context.Request.Host}",
            time.GetUtcNow(),
            ZoneOf(known.TimeZone))
        {
            Carried = CarriedOf(context),
            UnknownFields = UnknownOf(context),
        };
    }

    private static PageQuery CarriedOf(HttpContext context)
    {
        PageQuery query = PageQuery.Of(context.Request);
        return context.GetEndpoint()?.Metadata.GetMetadata<PageFields>() is { AreOfSessions: true }
            ? query.Without([.. query.Fields.Select(field => field.Key).Except(PageFields.Carried)])
            : PageQuery.At("/");
    }

    private static string[] UnknownOf(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<PageFields>() is { } fields
            ? [.. context.Request.Query.Keys.Where(name => !fields.Names.Contains(name))]
            : [];

    private static TimeZoneInfo ZoneOf(string name) =>
        // This machine may not know a zone that was known when it was set.
        TimeZoneName.IsKnown(name) ? TimeZoneInfo.FindSystemTimeZoneById(name) : TimeZoneInfo.Utc;
}
