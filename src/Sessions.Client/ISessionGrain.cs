using Orleans.Concurrency;

namespace Sessions;

/// <summary>
/// One session: it numbers its events, finds duplicates, and folds the events into the session's state. The grain's key
/// is a <see cref="SessionKey"/>.
/// </summary>
[Alias("sessions.ISessionGrain")]
public interface ISessionGrain : IGrainWithStringKey
{
    /// <summary>The session with all acknowledged events; null when there is no such session.</summary>
    /// <exception cref="SessionsUnavailableException">The session can't be read now.</exception>
    [AlwaysInterleave, Alias("Get")]
    Task<Session?> Get();

    /// <summary>
    /// Removes the session's replay so far. Later recordings count again. Completes when the removal is durable.
    /// </summary>
    /// <returns>Whether the session had a replay.</returns>
    /// <exception cref="SessionsUnavailableException">The removal can't be made durable now.</exception>
    [Alias("ForgetReplay")]
    Task<bool> ForgetReplay();
}
