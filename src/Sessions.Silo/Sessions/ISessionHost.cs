using Sessions.Domain;
using Sessions.Domain.Folding;

namespace Sessions.Silo.Sessions;

/// <summary>What a session's activation needs of the silo that it runs on.</summary>
internal interface ISessionHost
{
    /// <summary>Completes when this silo is sure to be a member of its cluster.</summary>
    /// <exception cref="SessionsUnavailableException">
    /// It is not a member, or the membership table can't be read now.
    /// </exception>
    ValueTask EnsureMember();

    /// <summary>The project's present rules.</summary>
    /// <exception cref="SessionsUnavailableException">The project is new here, and its rules can't be read now.</exception>
    ValueTask<SessionRules> ReadRules();

    /// <summary>Sends the session's present state to watchers of live sessions.</summary>
    void Publish(SessionState state, SessionRules rules, bool wasLive);

    /// <summary>Removes the activation from memory when its calls are done.</summary>
    void Deactivate();
}
