namespace Sessions.Grains;

/// <summary>Finds the sessions' rows that a silo which died did not bring up to date any more.</summary>
public interface ICheckpointGaps
{
    /// <summary>What dead silos left behind; null when there is nothing.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task<CheckpointGap?> Find();

    /// <summary>
    /// Forgets the gap if no row is behind any more; else it is found again. Each silo is looked at once more some minutes
    /// later: it may have been slow only, and have gone on for a moment.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    Task Close(CheckpointGap gap);
}

/// <summary>What dead silos left behind.</summary>
/// <param name="Silos">Their names.</param>
/// <param name="FoundAt">When they were found, by Postgres' clock.</param>
/// <param name="Since">From when on entries may be missing in their sessions' rows.</param>
/// <param name="Sessions">The sessions whose rows are behind their journals.</param>
public sealed record CheckpointGap(
    IReadOnlyList<string> Silos, DateTimeOffset FoundAt, DateTimeOffset Since, IReadOnlyList<SessionKey> Sessions);
