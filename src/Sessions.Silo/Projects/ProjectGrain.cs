using Microsoft.Extensions.Options;
using Orleans.Storage;
using Sessions.Client.Projects;
using Sessions.Database.Connections;
using Sessions.Domain;
using Sessions.Domain.Channels;
using Sessions.Domain.Projects;
using Sessions.Silo.Sessions;

namespace Sessions.Silo.Projects;

/// <summary>
/// Stores a project's settings. Only values that were set are stored; the others follow the cluster's defaults.
/// </summary>
[GrainType("project")]
internal sealed class ProjectGrain(
    [PersistentState(ProjectGrain.StateName)] IPersistentState<ProjectState> state,
    IOptions<SessionOptions> options,
    ProjectCache<SessionRules> rules,
    IStoreHistory? store = null)
    : Grain, IProjectGrain, IProjectErasure
{
    // Orleans' relational storage distinguishes states by this name and the grain's key, not by the grain's type.
    public const string StateName = "project.v1";

    // Orleans reads the state after this.
    private StoreHistory? _history = store?.Current;

    private string Project => ProjectKey.Parse(this.GetPrimaryKeyString());

    public async Task<ProjectSettings> Get()
    {
        await ReadAgain();
        return Settings();
    }

    public async Task<ProjectSettings> Update(ProjectChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (ProjectCheck.Problems(change) is [SettingProblem problem, ..])
        {
            throw new ArgumentException($"{problem.Field} {problem.Message}", nameof(change));
        }

        await ReadAgain();
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
                // Another activation has written in between. Orleans then deactivates this one.
                throw;
            }

            throw new SessionsUnavailableException("The project's settings can't be stored now.", failure);
        }

        ProjectSettings settings = Settings();
        rules.Learn(Project, settings);
        return settings;
    }

    public async Task Erase()
    {
        try
        {
            await state.ReadStateAsync();
            if (state.RecordExists)
            {
                await state.ClearStateAsync();
            }
        }
        catch (Exception failure) when (failure is not InconsistentStateException and not OutOfMemoryException)
        {
            throw new SessionsUnavailableException("The project's settings can't be erased now.", failure);
        }

        DeactivateOnIdle();
    }

    /// <summary>Reads the settings again if the store has become another server, which may lack the last change.</summary>
    private async Task ReadAgain()
    {
        if (_history is not { IsOver: true })
        {
            return;
        }

        StoreHistory? now = store?.Current;
        try
        {
            await state.ReadStateAsync();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            throw new SessionsUnavailableException("The project's settings can't be read now.", failure);
        }

        _history = now;
    }

    private ProjectSettings Settings() => state.State.ToSettings(Project, options.Value);
}
