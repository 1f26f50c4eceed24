using Microsoft.Extensions.Options;

namespace Sessions.Gateway.Api;

/// <summary>
/// Asks grains for sessions, and has one ended. What fails because a silo came or went is asked again for as long as
/// somebody waits for it.
/// </summary>
internal sealed class SessionCalls(IGrainFactory grains, IOptions<ApiOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>The session; null when there is none.</summary>
    public Task<Session?> Session(SessionKey key, CancellationToken cancellation) =>
        Ask(() => grains.GetGrain<ISessionGrain>(key).Get(), time.GetTimestamp(), cancellation);

    /// <summary>The live session of the user-device; null when it has none.</summary>
    public Task<Session?> LiveSession(UserDeviceKey key, CancellationToken cancellation) =>
        Ask(() => grains.GetGrain<IUserDeviceGrain>(key).GetLiveSession(), time.GetTimestamp(), cancellation);

    /// <summary>Ends the live session of the user-device and returns it; null when it has none.</summary>
    public Task<Session?> Reset(UserDeviceKey key, CancellationToken cancellation)
    {
        long started = time.GetTimestamp();
        return SafeReset.Make(
            () => Ask(() => grains.GetGrain<IUserDeviceGrain>(key).GetLiveSession(), started, cancellation),
            session => Ask(() => grains.GetGrain<IDeviceReset>(key).Reset(session), started, cancellation));
    }

    /// <summary>Makes a call that must not be made twice, and waits no longer for its answer than for any.</summary>
    /// <exception cref="TimeoutException">None came.</exception>
    public Task<T> Once<T>(Func<IGrainFactory, Task<T>> call, CancellationToken cancellation) =>
        call(grains).WaitAsync(options.Value.Patience, time, cancellation);

    private async Task<Session?> Ask(Func<Task<Session?>> call, long started, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await RepeatedCall.Make(
                    call, options.Value.AskAgain, options.Value.Patience - time.GetElapsedTime(started), time, cancellation);
            }
            catch (OrleansException) when (time.GetElapsedTime(started) + Pause < options.Value.Patience)
            {
                // No silo to talk to, or one that just went.
            }

            await Task.Delay(Pause, time, cancellation);
        }
    }
}
