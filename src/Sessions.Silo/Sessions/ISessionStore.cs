using Sessions.Domain;
using Sessions.Domain.Folding;

namespace Sessions.Silo.Sessions;

/// <summary>Loads a session's stored state, and takes its checkpoints.</summary>
public interface ISessionStore
{
    /// <summary>The store's present history; null when it has only one.</summary>
    StoreHistory? History { get; }

    /// <summary>Loads a session's stored state; null when there is none.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<StoredSession?> Load(SessionKey session);

    /// <summary>
    /// Reads the number of the last entry that any activation of the session has committed; 0 when there is none.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="born">The server day on which its row was first written.</param>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<int> LastNumber(SessionKey session, DateOnly born);

    /// <summary>Reads the contents of events of a session by their numbers, without those that were deleted.</summary>
    /// <param name="session">The session.</param>
    /// <param name="born">The server day on which its row was first written.</param>
    /// <param name="numbers">Distinct numbers.</param>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<IReadOnlyDictionary<int, EventContent>> Contents(SessionKey session, DateOnly born, IReadOnlyCollection<int> numbers);

    /// <summary>
    /// Queues a committed state, which is written into the session's row within seconds. It replaces an older queued
    /// state.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="state">The state.</param>
    /// <param name="rules">The project's rules, from which the row's columns are computed.</param>
    /// <param name="history">The history in which the state was committed. In another one it is not written.</param>
    /// <param name="mark">Learns that the row has the state.</param>
    void Checkpoint(SessionKey session, SessionState state, SessionRules rules, StoreHistory? history, RowMark? mark = null);

    /// <summary>Writes a committed state into the session's row now; completes when the row has it.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task CheckpointNow(SessionKey session, SessionState state, SessionRules rules);
}
