namespace Sessions.Database;

/// <summary>
/// The most connections of a process' pools. A caller that finds none free waits for one, and gets an error after a few
/// seconds.
/// </summary>
/// <param name="Main">For everything except what the next pools are for.</param>
/// <param name="Questions">For queries of users: as many as may run at the same time.</param>
public sealed record PoolSizes(int Main, int Questions)
{
    /// <summary>Npgsql's own sizes.</summary>
    public static PoolSizes Default { get; } = new(100, 100);
}
