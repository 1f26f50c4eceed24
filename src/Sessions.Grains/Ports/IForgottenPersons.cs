namespace Sessions.Grains;

/// <summary>Whose events are refused, because they happened before their person was deleted.</summary>
/// <remarks>
/// It answers from memory, some seconds behind at most. What that lets through the journal refuses, and the session that
/// asks again finds it up to date.
/// </remarks>
public interface IForgottenPersons
{
    /// <summary>What the answers are made of: it rises with each person that is forgotten.</summary>
    long Generation { get; }

    /// <summary>Whether the event must not be taken.</summary>
    /// <param name="project">The project.</param>
    /// <param name="distinctId">The event's person.</param>
    /// <param name="time">When it happened.</param>
    bool Covers(string project, string distinctId, DateTimeOffset time);
}
