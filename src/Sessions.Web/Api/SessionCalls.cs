using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Client.Calls;
using Sessions.Client.Tracking;

namespace Sessions.Web.Api;

/// <summary>
/// Calls grains to read sessions, and to end one. A call that fails because a silo stopped or started is retried until
/// the patience ends (<see cref="ApiOptions.Patience"/>).
/// </summary>
internal sealed class SessionCalls(
    IGrainFactory grains, IOptions<ApiOptions> options, TimeProvider time, ILogger<SessionCalls> log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    // While Postgres is unavailable the answer is 503 at once, because a person may be waiting.
    private readonly HedgedCall _calls = new(
        new CallTimes
        {
            Patience = options.Value.Patience,
            StorePatience = TimeSpan.Zero,
            HedgeAfter = options.Value.AskAgain,
            FirstPause = Pause,
            LongestPause = Pause,
        },
        time,
        log);

    /// <summary>Reads the session; null when there is none.</summary>
    public Task<Session?> Session(SessionKey key, CancellationToken cancellation) =>
        _calls.Make(() => grains.GetGrain<ISessionGrain>(key).Get(), time.GetTimestamp(), cancellation);

    /// <summary>Reads the live session of the user-device; null when it has none.</summary>
    public Task<Session?> LiveSession(UserDeviceKey key, CancellationToken cancellation) =>
        _calls.Make(() => grains.GetGrain<IUserDeviceGrain>(key).GetLiveSession(), time.GetTimestamp(), cancellation);

    /// <summary>Ends the live session of the user-device and returns it; null when it has none.</summary>
    public Task<Session?> Reset(UserDeviceKey key, CancellationToken cancellation)
    {
        long started = time.GetTimestamp();
        return SafeReset.Make(
            () => _calls.Make(() => grains.GetGrain<IUserDeviceGrain>(key).GetLiveSession(), started, cancellation),
            session => _calls.Make(() => grains.GetGrain<IDeviceReset>(key).Reset(session), started, cancellation));
    }

    /// <summary>Makes a call that must not be repeated, with the same timeout as the others.</summary>
    /// <exception cref="TimeoutException">The grain did not answer in time.</exception>
    public Task<T> Once<T>(Func<IGrainFactory, Task<T>> call, CancellationToken cancellation) =>
        call(grains).WaitAsync(options.Value.Patience, time, cancellation);
}
