using Sessions.Domain.Projects;
using Sessions.Silo.Sessions;

namespace Sessions.Silo.Projects;

/// <summary>A project's stored settings.</summary>
[GenerateSerializer, Alias("sessions.project-state")]
internal sealed record ProjectState
{
    /// <summary>The number of changes.</summary>
    [Id(0)] public long Version { get; init; }

    /// <summary>The last value of each setting; null when it was never set.</summary>
    [Id(1)] public ProjectChange Set { get; init; } = new();

    public ProjectState With(ProjectChange change) =>
        new() { Version = Version + 1, Set = ProjectSettingList.Merge(Set, change) };

    /// <summary>
    /// All settings. A setting without a value gets the cluster's default if there is one, else the default of
    /// <see cref="ProjectSettings"/>.
    /// </summary>
    public ProjectSettings ToSettings(string project, SessionOptions defaults) => ProjectSettingList.Apply(
        new ProjectSettings
        {
            Version = Version,
            Name = project,
            IdleTimeout = defaults.IdleTimeout,
            BounceDuration = TimeSpan.FromSeconds(defaults.BounceSeconds),
        },
        Set);
}
