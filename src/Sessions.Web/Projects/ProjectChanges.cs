using System.Security.Claims;
using Orleans.Storage;
using Sessions.Capture.Filtering;
using Sessions.Client.Projects;
using Sessions.Domain.Projects;
using Sessions.Domain.Quotas;
using Sessions.Queries;
using Sessions.Web.Access;
using Sessions.Web.Api;

namespace Sessions.Web.Projects;

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
    ProjectCache<QuotaLimits> quotas,
    ProjectCache<ProjectSettings> known)
{
    /// <summary>Returns the settings, and the token if the project is known.</summary>
    public async Task<(ProjectSettings Settings, string? Token)> Get(string project, CancellationToken cancellation) =>
        (await Grain(project).Get().WaitAsync(cancellation), await projects.GetToken(project, cancellation));

    /// <summary>Checks what only Postgres can check; null when the change is valid.</summary>
    public async Task<(string Field, string Fault)?> FindFault(SettingsRequest asked, CancellationToken cancellation) =>
        asked.Change.PathCleaning is { } rules && await regexes.FirstFault(rules.Select(rule => rule.Regex), cancellation) is { } fault
            ? ($"path_cleaning[{fault.Index}].regex", $"is not a regular expression: {fault.Message}")
            : null;

    /// <summary>
    /// Applies a valid change. Null, with nothing changed, when another project has the token. A change to what already is
    /// does nothing and is not logged.
    /// </summary>
    public async Task<ProjectSettings?> Make(ClaimsPrincipal caller, SettingsRequest asked, CancellationToken cancellation)
    {
        (ProjectSettings settings, string? token) = await Get(caller.Project(), cancellation);
        string[] names = ChangedBy(asked, settings, token);
        return names.Length == 0 ? settings : await audit.Around(
            caller,
            new Act(AuditActions.SettingsChanged, null) { Detail = { ["changed"] = names } },
            () => Make(caller.Project(), asked, cancellation),
            made => made is not null);
    }

    /// <summary>Names a project. The caller has checked the name and logs the change.</summary>
    public async Task SetName(string project, string name) => Learn(project, await Update(project, new ProjectChange { Name = name }));

    private async Task<ProjectSettings?> Make(string project, SettingsRequest asked, CancellationToken cancellation)
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
        Learn(project, settings);
        return settings;
    }

    private void Learn(string project, ProjectSettings settings)
    {
        filters.Learn(project, settings);
        queries.Learn(project, settings);
        replays.Learn(project, settings);
        quotas.Learn(project, settings);
        known.Learn(project, settings);
    }

    private async Task<ProjectSettings> Update(string project, ProjectChange change)
    {
        try
        {
            return await Grain(project).Update(change);
        }
        catch (InconsistentStateException)
        {
            // Another activation has written since, which happens when silos stop and start. The outdated one is gone
            // now, and the next one reads the current settings. A change sets values and adds nothing up, so it can be
            // repeated.
            return await Grain(project).Update(change);
        }
    }

    /// <summary>
    /// The names of the settings that a change gives another value. A form asks for all of them. The audit log does not
    /// contain their values.
    /// </summary>
    private static string[] ChangedBy(SettingsRequest asked, ProjectSettings settings, string? token) =>
    [
        .. ProjectSettingList.All
            .Where(setting => setting.Format(setting.Apply(settings, asked.Change)) != setting.Format(settings))
            .Select(setting => setting.Name),
        .. asked.Token is null || asked.Token == token ? (string[])[] : [SettingsRequest.TokenName],
    ];

    private IProjectGrain Grain(string project) => grains.GetGrain<IProjectGrain>(ProjectKey.Create(project));
}
