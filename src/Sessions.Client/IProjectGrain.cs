namespace Sessions;

/// <summary>
/// One project's settings. The grain's key is made by <see cref="ProjectKey.Create"/>. Silos and gateways keep copies
/// of the settings and refresh them every few seconds, so a change takes effect everywhere within that time.
/// </summary>
[Alias("sessions.IProjectGrain")]
public interface IProjectGrain : IGrainWithStringKey
{
    /// <summary>The settings. A setting that the project never set has the cluster's default.</summary>
    [Alias("Get")]
    Task<ProjectSettings> Get();

    /// <summary>Changes the settings that are not null in the change, and returns all settings.</summary>
    /// <exception cref="ArgumentException">
    /// A value is invalid; the message names the setting. Nothing was changed.
    /// </exception>
    [Alias("Update")]
    Task<ProjectSettings> Update([Immutable] ProjectChange change);
}
