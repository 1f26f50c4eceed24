using Sessions.Domain;

namespace Sessions.Grains;

/// <summary>Where a session finds itself again.</summary>
public interface ISessionStore
{
    /// <summary>What is stored of a session; null when there is none.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<StoredSession?> Load(SessionKey session);

    /// <summary>The number of the last entry that any activation of the session has made durable; 0 when there is none.</summary>
    /// <param name="session">The session.</param>
    /// <param name="born">The server day on which its row was first written.</param>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<int> LastNumber(SessionKey session, DateOnly born);

    /// <summary>What events of a session say, by their numbers, without those that are gone.</summary>
    /// <param name="session">The session.</param>
    /// <param name="born">The server day on which its row was first written.</param>
    /// <param name="numbers">Distinct numbers.</param>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<IReadOnlyDictionary<int, EventContent>> Contents(SessionKey session, DateOnly born, IReadOnlyCollection<int> numbers);

    /// <summary>Brings the session's row up to a committed state, within seconds. A newer state replaces one that waits.</summary>
    void Checkpoint(SessionKey session, SessionState state, SessionRules rules);

    /// <summary>The same at once: completes when the row has it.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task CheckpointNow(SessionKey session, SessionState state, SessionRules rules);
}

/// <summary>A session as Postgres has it.</summary>
/// <param name="Born">The server day on which its row was first written.</param>
/// <param name="Checkpoint">The fold's state at the last checkpoint; null when it must be folded anew.</param>
/// <param name="After">The journal entries after the checkpoint, in order; all of them without one.</param>
/// <param name="Seen">All its events' ids with the device that took each.</param>
public sealed record StoredSession(
    DateOnly Born,
    SessionState? Checkpoint,
    IReadOnlyList<JournalEntry> After,
    IReadOnlyList<SeenEvent> Seen)
{
    /// <summary>
    /// Up to which number a session was forgotten of which nothing is left: one that comes again goes on after it, and is
    /// born anew. 0 for any other.
    /// </summary>
    public int ForgottenUpTo { get; init; }

    /// <summary>A session of which nothing is left but its number.</summary>
    public static StoredSession Forgotten(int number) => new(default, null, [], []) { ForgottenUpTo = number };
}

/// <summary>An event that a session has taken.</summary>
/// <param name="EventId">The event's id.</param>
/// <param name="Device">The device that took it: <see cref="UserDeviceKey.Device"/>.</param>
/// <param name="Number">Its number in the journal.</param>
public readonly record struct SeenEvent(Guid EventId, string Device, int Number);
