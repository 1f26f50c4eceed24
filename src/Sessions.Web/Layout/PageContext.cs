using Microsoft.AspNetCore.Http;
using Sessions.Client.Projects;
using Sessions.Domain.Querying;
using Sessions.Queries.Engines;
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

    /// <summary>The range and the filters of the page, which links to other pages carry.</summary>
    public PageQuery Carried { get; init; } = PageQuery.At("/");

    /// <summary>How much of the project's columns is written, in percent; null when they are not being written.</summary>
    public int? ColumnsPercent { get; init; }

    /// <summary>The fields of the page's address that it does not know.</summary>
    public IReadOnlyList<string> UnknownFields { get; init; } = [];

    /// <summary>What the page did not understand of the values of its address, in sentences.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>All that the page did not understand of its address, in sentences.</summary>
    public IReadOnlyList<string> AddressFaults => UnknownFields.Count == 0
        ? Faults
        : [$"The page knows nothing called {string.Join(", ", UnknownFields.Select(name => $"“{name}”"))}.", .. Faults];

    /// <summary>The same page, which also did not understand these values of its address.</summary>
    /// <param name="faults">A sentence for each, which also says what the page shows instead.</param>
    public PageContext NotUnderstood(params IEnumerable<string> faults) => this with { Faults = [.. Faults, .. faults] };

    /// <summary>The same page. It says so if the address tells of something done that the page has no words for.</summary>
    /// <param name="done">The address's field; null for none.</param>
    /// <param name="message">The page's words for it; null when it has none.</param>
    public PageContext Done(string? done, string? message) =>
        string.IsNullOrEmpty(done) || message is not null ? this : NotUnderstood($"“{done}” is nothing that was done on this page.");

    /// <summary>The words about a place in a list that the page can't find.</summary>
    public static string NoPlace(string? place) => $"“{place}” is no place in this list. The list begins with its first page.";
}

/// <summary>Creates the context of a page.</summary>
internal sealed class PageContextFactory(
    ProjectCache<ProjectSettings> settings, ProjectDirectory projects, TimeProvider time, ColumnsEngine? columns = null)
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
            ColumnsPercent = columns is null ? null : await columns.FindPercent(project, context.RequestAborted),
        };
    }

    private static PageQuery CarriedOf(HttpContext context)
    {
        PageQuery query = PageQuery.Of(context.Request);
        return context.GetEndpoint()?.Metadata.GetMetadata<PageFields>() is { AreOfSessions: true }
            ? query.Only(PageFields.Carried)
            : PageQuery.At("/");
    }

    private static string[] UnknownOf(HttpContext context) =>
        [.. context.Request.Query.Keys.Except((context.GetEndpoint()?.Metadata.GetMetadata<PageFields>() ?? PageFields.None).Names)];

    private static TimeZoneInfo ZoneOf(string name) =>
        // This machine may not know a zone that was known when it was set.
        TimeZoneName.IsKnown(name) ? TimeZoneInfo.FindSystemTimeZoneById(name) : TimeZoneInfo.Utc;
}
