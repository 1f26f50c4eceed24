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
}
