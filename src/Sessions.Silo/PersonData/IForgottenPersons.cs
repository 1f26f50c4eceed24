namespace Sessions.Silo.PersonData;

/// <summary>
/// The deleted persons and projects, and the archived projects. Events that happened before their person was deleted are refused,
/// all events of an archived project, and all calls for a project that is being deleted.
/// </summary>
/// <remarks>
/// Answers come from memory and are at most some seconds old. The journal refuses appends that were checked with an
/// outdated list; by then the list is refreshed, and the session checks the events again.
/// </remarks>
public interface IForgottenPersons
{
    /// <summary>The version of the list. Each deletion of a person or a project raises it.</summary>
    long Generation { get; }

    /// <summary>Whether an event must be refused.</summary>
    /// <param name="project">The project.</param>
    /// <param name="distinctId">The event's distinct id.</param>
    /// <param name="time">When it happened.</param>
    bool Covers(string project, string distinctId, DateTimeOffset time);

    /// <summary>Whether a project is being deleted. Nothing of it may be written.</summary>
    bool IsLeaving(string project) => false;

    /// <summary>Whether a project is archived. It takes no events, and everything in it can be read.</summary>
    bool IsArchived(string project) => false;

    /// <summary>
    /// The version of the list when the project was made. What was loaded with an earlier version belongs to a deleted project
    /// that had the same id. The least number for a project that was made before anything was deleted.
    /// </summary>
    long MadeIn(string project) => long.MinValue;

    /// <summary>Reads what was deleted and made since the last read. Callers that come together share a read.</summary>
    /// <exception cref="Npgsql.NpgsqlException">Postgres can't answer now.</exception>
    Task Refresh() => Task.CompletedTask;
}
