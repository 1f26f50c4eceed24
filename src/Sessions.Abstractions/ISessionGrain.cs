using Orleans.Concurrency;

namespace Sessions;

/// <summary>One session: it numbers, deduplicates and folds what it takes. Its key is a <see cref="SessionKey"/>.</summary>
[Alias("sessions.ISessionGrain")]
public interface ISessionGrain : IGrainWithStringKey
{
    /// <summary>The session up to the last event acknowledged; null when there is none.</summary>
    /// <exception cref="SessionsUnavailableException">The session can't be read now.</exception>
    [AlwaysInterleave, Alias("Get")]
    Task<Session?> Get();

    /// <summary>
    /// Forgets what was recorded of the session so far; what is recorded from now on counts again. Completes when that
    /// is durable.
    /// </summary>
    /// <returns>Whether there was anything.</returns>
    /// <exception cref="SessionsUnavailableException">That can't be made durable now.</exception>
    [Alias("ForgetReplay")]
    Task<bool> ForgetReplay();
}
