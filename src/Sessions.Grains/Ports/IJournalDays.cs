namespace Sessions.Grains;

/// <summary>The journal by the days on which its sessions were born.</summary>
public interface IJournalDays
{
    /// <summary>All that there are, oldest first.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<IReadOnlyList<DateOnly>> All();

    /// <summary>The projects that have anything of that day.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<IReadOnlyList<string>> ProjectsOf(DateOnly day);

    /// <summary>
    /// Takes a day away with its sessions, while others go on writing. False when one of its sessions is live, or
    /// another silo is at it.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away; what was begun is finished the next time.</exception>
    Task<bool> TryDrop(DateOnly day);

    /// <summary>
    /// Takes away what one project has of a day that others still keep. False when one of its sessions is live, or another
    /// silo is at it.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away; what was begun is finished the next time.</exception>
    Task<bool> TryForget(DateOnly day, string project);
}
