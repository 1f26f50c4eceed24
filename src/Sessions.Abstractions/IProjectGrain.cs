namespace Sessions;

/// <summary>
/// One project's settings. Its key is made by <see cref="ProjectKey.Create"/>. Silos and gateways keep copies of the
/// settings and look every few seconds, so a change holds everywhere within those.
/// </summary>
[Alias("sessions.IProjectGrain")]
public interface IProjectGrain : IGrainWithStringKey
{
    /// <summary>The settings; what the project never set is the cluster's default.</summary>
    [Alias("Get")]
    Task<ProjectSettings> Get();

    /// <summary>Changes what the change names, leaves the rest, and returns all settings.</summary>
    /// <exception cref="ArgumentException">A value is wrong; the message names the setting. Nothing was changed.</exception>
    [Alias("Update")]
    Task<ProjectSettings> Update([Immutable] ProjectChange change);
}
