namespace Sessions.Silo.Projects;

/// <summary>A project's settings, which go when the project is deleted.</summary>
[Alias("sessions.IProjectErasure")]
internal interface IProjectErasure : IGrainWithStringKey
{
    /// <summary>Forgets the settings, also those in memory. Completes when that is durable.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    [Alias("Erase")]
    Task Erase();
}
