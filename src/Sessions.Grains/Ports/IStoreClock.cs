namespace Sessions.Grains;

/// <summary>The store's clock, for what takes data away because of its age.</summary>
public interface IStoreClock
{
    /// <summary>
    /// The day, asked of the store now; null when this process' clock does not agree with the store's. Which of the two
    /// is wrong nobody can tell then, so nothing may be taken away.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">The store is away.</exception>
    Task<DateOnly?> Today();
}
