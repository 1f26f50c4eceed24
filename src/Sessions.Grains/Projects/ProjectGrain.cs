using Microsoft.Extensions.Options;
using Orleans.Storage;
using Sessions.Domain;
using Sessions.Domain.Channels;
using Sessions.Domain.Projects;

namespace Sessions.Grains;

/// <summary>Keeps a project's settings: only what was set is stored, so the rest follows the cluster's defaults.</summary>
[GrainType("project")]
internal sealed class ProjectGrain(
    [PersistentState(ProjectGrain.StateName)] IPersistentState<ProjectState> state,
    IOptions<SessionOptions> options,
    ProjectCache<SessionRules> rules)
    : Grain, IProjectGrain
{
    // Orleans' relational storage tells states apart by this name and the grain's key, not by the grain's type.
    public const string StateName = "project.v1";

    private string Project => ProjectKey.Parse(this.GetPrimaryKeyString());

    public Task<ProjectSettings> Get() => Task.FromResult(Settings());

    public async Task<ProjectSettings> Update(ProjectChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (ProjectCheck.Problems(change) is [SettingProblem problem, ..])
        {
            throw new ArgumentException($"{problem.Field} {problem.Message}", nameof(change));
        }

        ProjectState before = state.State;
        state.State = before.With(change);
        try
        {
            await state.WriteStateAsync();
        }
        catch (Exception failure)
        {
            state.State = before;
            if (failure is InconsistentStateException or OutOfMemoryException)
            {
                // Another activation has written: this one ends, as Orleans has it.
                throw;
            }

            throw new SessionsUnavailableException("The project's settings can't be stored now.", failure);
        }

        ProjectSettings settings = Settings();
        rules.Learn(Project, settings);
        return settings;
    }

    private ProjectSettings Settings() => state.State.ToSettings(Project, options.Value);
}
