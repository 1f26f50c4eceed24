namespace Sessions.Database.Time;

/// <summary>The store's clock, for services that delete data because of its age.</summary>
public interface IStoreClock
{
    /// <summary>
    /// Reads the current day from the store. Null when this process' clock differs from the store's: then either may be
    /// wrong, so nothing may be deleted.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">The store is away.</exception>
    Task<DateOnly?> Today();
}
