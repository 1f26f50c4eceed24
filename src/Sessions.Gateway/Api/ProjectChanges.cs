using System.Security.Claims;
using System.Text.Json;
using Orleans.Storage;
using Sessions.Gateway.Access;
using Sessions.Gateway.Api.Querying;
using Sessions.Gateway.Capture.Filtering;
using Sessions.Grains;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Api;

/// <summary>Reads and changes a project's settings and token, for the API and for pages.</summary>
internal sealed class ProjectChanges(
    IGrainFactory grains,
    ProjectQueries projects,
    ProjectDirectory directory,
    Audit audit,
    RegexCheck regexes,
    ProjectCache<EventFilter> filters,
    ProjectCache<QuerySettings> queries,
    ProjectCache<ReplaySettings> replays,
    ProjectCache<ProjectSettings> known)
{
    /// <summary>The settings, and the token when the project is known.</summary>
    public async Task<(ProjectSettings Settings, string? Token)> Get(string project, CancellationToken cancellation) =>
        (await Grain(project).Get(), await projects.GetToken(project, cancellation));

    /// <summary>What only Postgres can find wrong with a change; null when nothing is.</summary>
    public async Task<(string Field, string Fault)?> FindFault(AskedSettings asked, CancellationToken cancellation) =>
        asked.Change.PathCleaning is { } rules && await regexes.FirstFault(rules.Select(rule => rule.Regex), cancellation) is { } fault
            ? ($"path_cleaning[{fault.Index}].regex", $"is no regular expression: {fault.Message}")
            : null;

    /// <summary>Makes a change that was found to be right; null, and nothing changed, when the token is another project's.</summary>
    public Task<ProjectSettings?> Make(ClaimsPrincipal caller, AskedSettings asked, CancellationToken cancellation) => audit.Around(
        caller,
        new Act(AuditActions.SettingsChanged, null) { Detail = { ["changed"] = NamesOf(asked) } },
        () => Make(caller.Project(), asked, cancellation),
        made => made is not null);

    private async Task<ProjectSettings?> Make(string project, AskedSettings asked, CancellationToken cancellation)
    {
        if (asked.Token is { } token)
        {
            if (!await projects.SetToken(project, token, cancellation))
            {
                return null;
            }

            await directory.Reread(cancellation);
        }

        ProjectSettings settings = asked.Change == new ProjectChange() ? await Grain(project).Get() : await Update(project, asked.Change);
        filters.Learn(project, settings);
        queries.Learn(project, settings);
        replays.Learn(project, settings);
        known.Learn(project, settings);
        return settings;
    }

    private async Task<ProjectSettings> Update(string project, ProjectChange change)
    {
        try
        {
            return await Grain(project).Update(change);
        }
        catch (InconsistentStateException)
        {
            // The activation had outlived itself: another has written since, as it happens when silos come and go. It is
            // gone now, and the next one has read what there is. A change names values and no sums, so it can be made again.
            return await Grain(project).Update(change);
        }
    }

    /// <summary>Which settings a change names; their values are the settings' business.</summary>
    private static string[] NamesOf(AskedSettings asked) =>
    [
        .. typeof(ProjectChange).GetProperties()
            .Where(property => property.CanWrite && property.GetValue(asked.Change) is not null)
            .Select(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)),
        .. asked.Token is null ? (string[])[] : ["token"],
    ];

    private IProjectGrain Grain(string project) => grains.GetGrain<IProjectGrain>(ProjectKey.Create(project));
}
