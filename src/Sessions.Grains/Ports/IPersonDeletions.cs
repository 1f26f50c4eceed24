namespace Sessions.Grains;

/// <summary>The deletions of persons that were asked for. Every step may be done again, by any silo.</summary>
public interface IPersonDeletions
{
    /// <summary>
    /// Takes the oldest that nobody is at and keeps others from it for some time; null when there is none. Whoever holds
    /// one takes it again with each step.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<PersonDeletion?> Take();

    /// <summary>Keeps others from a deletion for some more time.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task Hold(Guid deletion);

    /// <summary>
    /// Completes when everything is decided that was being written when the person was forgotten: from then on nothing
    /// of theirs that happened before can be written any more.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task WaitForWriters(CancellationToken stopping);

    /// <summary>
    /// Adds the ids that turned out to be the same person's. Null when there were none, else the deletion with them:
    /// writers are to be waited for once more.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<PersonDeletion?> AddIds(PersonDeletion deletion);

    /// <summary>Sessions of theirs, by the sessions' rows: some at a time in the order of their ids, after this one.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<IReadOnlyList<SessionKey>> FindSessions(PersonDeletion deletion, Guid after);

    /// <summary>
    /// The sessions of the journal's next day that have anything of theirs, whosever they are, from the latest day back;
    /// null when all days have been read.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<JournalDay?> ReadNextDay(PersonDeletion deletion);

    /// <summary>All that the day has of theirs is gone: it need not be read again.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task PassDay(PersonDeletion deletion, DateOnly day);

    /// <summary>
    /// Takes their events and replay blocks out of a session, and the session away when nothing else is left of it. An
    /// activation that has not loaded it since can't write it any more.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task TakeOut(PersonDeletion deletion, SessionKey session);

    /// <summary>The devices that had anything of theirs so far, and the sessions that others share with them.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<PersonTraces> FindTraces(PersonDeletion deletion);

    /// <summary>Removes all else that names them: who was identified as whom, and devices that have no sessions any more.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task RemoveNames(PersonDeletion deletion);

    /// <summary>
    /// Forgets the ids and says that it is done; false, and nothing is changed, when there is something of theirs after
    /// all.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<bool> TryFinish(PersonDeletion deletion);

    /// <summary>Lets go of refusals, of sessions that are gone and of the log what has been kept for long enough.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task Prune();
}

/// <summary>A person to be deleted.</summary>
/// <param name="Id">The deletion.</param>
/// <param name="Project">The project.</param>
/// <param name="Ids">All distinct ids of the person.</param>
/// <param name="Until">What happened up to then is deleted.</param>
[GenerateSerializer, Immutable, Alias("sessions.person-deletion")]
public sealed record PersonDeletion(
    [property: Id(0)] Guid Id,
    [property: Id(1)] string Project,
    [property: Id(2)] IReadOnlyList<string> Ids,
    [property: Id(3)] DateTimeOffset Until);

/// <summary>What one day of the journal has of a person.</summary>
/// <param name="Day">The day on which the sessions were born.</param>
/// <param name="Sessions">The sessions.</param>
public sealed record JournalDay(DateOnly Day, IReadOnlyList<SessionKey> Sessions);

/// <summary>What must hear of a deletion.</summary>
/// <param name="Devices">Devices that had anything of theirs.</param>
/// <param name="Shared">Sessions that go on without them.</param>
public sealed record PersonTraces(IReadOnlyList<UserDeviceKey> Devices, IReadOnlyList<SessionKey> Shared);
