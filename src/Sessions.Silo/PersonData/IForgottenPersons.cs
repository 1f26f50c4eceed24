namespace Sessions.Silo.PersonData;

/// <summary>The deleted persons. Events that happened before their person was deleted are refused.</summary>
/// <remarks>
/// Answers come from memory and are at most some seconds old. The journal refuses appends that were checked with an
/// outdated list; by then the list is refreshed, and the session checks the events again.
/// </remarks>
public interface IForgottenPersons
{
    /// <summary>The version of the list. Each deletion of a person raises it.</summary>
    long Generation { get; }

    /// <summary>Whether an event must be refused.</summary>
    /// <param name="project">The project.</param>
    /// <param name="distinctId">The event's distinct id.</param>
    /// <param name="time">When it happened.</param>
    bool Covers(string project, string distinctId, DateTimeOffset time);
}
