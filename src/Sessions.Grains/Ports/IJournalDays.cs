namespace Sessions.Grains;

/// <summary>A day on its way out.</summary>
/// <param name="Day">The day.</param>
/// <param name="Project">Whose part of it; null when it is all of it.</param>
public sealed record LeavingDay(DateOnly Day, string? Project);

/// <summary>What became of a day that is to go.</summary>
public enum DayStep
{
    /// <summary>Nothing: one of its sessions is live, or another silo is at it.</summary>
    Stays,

    /// <summary>It is known that it is to go; it is not yet time for the next step.</summary>
    Waits,

    /// <summary>Nobody sees it any more; it can come back.</summary>
    Detached,

    /// <summary>It is gone.</summary>
    Gone,
}

/// <summary>
/// The journal by the days on which its sessions were born. Nothing goes at once: a day is asked for at least twice, an
/// hour apart, before it is detached, and once more a day later before it is gone.
/// </summary>
public interface IJournalDays
{
    /// <summary>All that there are, oldest first.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<IReadOnlyList<DateOnly>> All();

    /// <summary>Those on their way out.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<IReadOnlyList<LeavingDay>> Leaving();

    /// <summary>The projects that have anything of that day.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<IReadOnlyList<string>> ProjectsOf(DateOnly day);

    /// <summary>Takes the next step in taking a day away with its sessions, while others go on writing.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away; what was begun is finished the next time.</exception>
    Task<DayStep> TryDrop(DateOnly day);

    /// <summary>
    /// Takes away what one project has of a day that others still keep, once it has been asked for a day ago.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away; what was begun is finished the next time.</exception>
    Task<DayStep> TryForget(DateOnly day, string project);

    /// <summary>Brings back a day that is not to go after all, if it is not gone yet. False when another silo is at it.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<bool> Keep(LeavingDay leaving);
}
