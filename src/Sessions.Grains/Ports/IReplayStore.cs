namespace Sessions.Grains;

/// <summary>What a sweep does to stored replay blocks.</summary>
public interface IReplayStore
{
    /// <summary>The ids of all projects.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<IReadOnlyList<string>> Projects();

    /// <summary>Notes the day before which a project's recordings need not be kept any more.</summary>
    /// <param name="project">The project.</param>
    /// <param name="before">The day.</param>
    /// <returns>The latest such day, up to this one, that was noted a day ago; null when there is none.</returns>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<DateOnly?> Agree(string project, DateOnly before);

    /// <summary>Sessions of a project all of whose blocks were written before a day.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<IReadOnlyList<SessionKey>> FindExpired(string project, DateOnly before, int limit);

    /// <summary>Removes the blocks of sessions that were written before a day.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task Remove(IReadOnlyList<SessionKey> sessions, DateOnly before);

    /// <summary>
    /// Removes blocks that count nowhere: their summaries never got into a journal, or what they belong to was forgotten.
    /// </summary>
    /// <param name="minAge">Only those that were stored so long ago.</param>
    /// <param name="maxAge">Only those that were stored no longer ago.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<int> RemoveOrphans(TimeSpan minAge, TimeSpan maxAge);

    /// <summary>Drops what held the blocks of days before this one, where nothing is left of them.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task DropEmptyDays(DateOnly before);
}
