using Microsoft.Extensions.Logging;

namespace Sessions.Client.Calls;

/// <summary>
/// Makes a grain call until it succeeds or the patience ends. A call that fails for a passing reason is retried after a
/// pause, and the pauses grow. A slow call is hedged: a second call is made while the first one still runs, and the
/// first answer counts. Hedging is needed because calls through a silo that dies get no answer and no failure. Use it
/// only for calls that may be made twice.
/// </summary>
/// <param name="times">The patience, the pauses and the hedging delay.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Gets a line for each retry.</param>
internal sealed partial class HedgedCall(CallTimes times, TimeProvider time, ILogger log)
{
    /// <summary>Makes the call and returns its result.</summary>
    /// <param name="call">Makes the call once.</param>
    /// <param name="started">
    /// When the patience began, by the clock's timestamp: several calls may share one patience.
    /// </param>
    /// <param name="cancellation">Ends the wait; the call itself goes on.</param>
    /// <exception cref="SessionsUnavailableException">The patience has ended.</exception>
    public Task<T> Make<T>(Func<Task<T>> call, long started, CancellationToken cancellation) =>
        Make(call, begun: null, started, cancellation);

    /// <summary>
    /// Makes calls side by side and returns their results in order. They share one wait: only those that are slow or fail
    /// then go on by themselves, as <see cref="Make{T}(Func{Task{T}}, long, CancellationToken)"/> does.
    /// </summary>
    /// <param name="calls">What is called.</param>
    /// <param name="make">Makes one call once.</param>
    /// <param name="started">When the patience began.</param>
    /// <param name="cancellation">Ends the wait; the calls themselves go on.</param>
    /// <exception cref="SessionsUnavailableException">The patience has ended.</exception>
    public async Task<IReadOnlyList<T>> MakeAll<TCall, T>(
        IReadOnlyList<TCall> calls, Func<TCall, Task<T>> make, long started, CancellationToken cancellation)
    {
        var begun = new Task<T>[calls.Count];
        for (int i = 0; i < begun.Length; i++)
        {
            begun[i] = Begin(make, calls[i]);
        }

        try
        {
            return await Task.WhenAll(begun).WaitAsync(NextWait(started), time, cancellation);
        }
        catch (Exception slowOrFailed) when (IsPassing(slowOrFailed, cancellation))
        {
            return await Task.WhenAll(calls.Select((call, i) => Make(() => make(call), begun[i], started, cancellation)));
        }
    }

    private static Task<T> Begin<TCall, T>(Func<TCall, Task<T>> make, TCall call)
    {
        try
        {
            return make(call);
        }
        catch (Exception failure)
        {
            return Task.FromException<T>(failure);
        }
    }

    /// <param name="call">Makes the call once.</param>
    /// <param name="begun">The first call, if it was made already and waited for.</param>
    /// <param name="started">When the patience began.</param>
    /// <param name="cancellation">Ends the wait.</param>
    private async Task<T> Make<T>(Func<Task<T>> call, Task<T>? begun, long started, CancellationToken cancellation)
    {
        TimeSpan pause = times.FirstPause;
        while (true)
        {
            try
            {
                Task<T> first = begun ?? call();
                bool isSlow = begun is { IsCompleted: false };
                begun = null;
                try
                {
                    if (!isSlow)
                    {
                        return await first.WaitAsync(NextWait(started), time, cancellation);
                    }
                }
                catch (TimeoutException) when (!first.IsFaulted && time.GetElapsedTime(started) < times.Patience)
                {
                    // Only the wait has ended; the call still runs.
                }

                return await Hedge(first, call, started, cancellation);
            }
            catch (Exception failure) when (IsPassing(failure, cancellation))
            {
                if (time.GetElapsedTime(started) + pause >= PatienceWith(failure))
                {
                    throw failure as SessionsUnavailableException
                        ?? new SessionsUnavailableException($"No silo answered within {times.Patience}: {failure.Message}", failure);
                }

                LogRetry(failure.GetType().Name, pause);
            }

            await Task.Delay(pause, time, cancellation);
            pause = pause * 2 < times.LongestPause ? pause * 2 : times.LongestPause;
        }
    }

    /// <summary>Whether a failure is passing: a silo or its store is away, and a retry may help.</summary>
    /// <param name="failure">How the call failed.</param>
    /// <param name="cancellation">
    /// The caller's own: when it is not cancelled, a silo has given the call up. Orleans does so with a message that became too old
    /// before it knew where the grain is.
    /// </param>
    public static bool IsPassing(Exception failure, CancellationToken cancellation) =>
        failure is SessionsUnavailableException or TimeoutException or OrleansException or ClientNotAvailableException
        || (failure is OperationCanceledException && !cancellation.IsCancellationRequested);

    /// <summary>The first answer or failure of the slow call and of its hedges.</summary>
    private async Task<T> Hedge<T>(Task<T> slow, Func<Task<T>> call, long started, CancellationToken cancellation)
    {
        List<Task<T>> made = [slow];
        while (true)
        {
            made.Add(call());
            Task<Task<T>> first = Task.WhenAny(made);
            try
            {
                await first.WaitAsync(NextWait(started), time, cancellation);
            }
            catch (TimeoutException) when (time.GetElapsedTime(started) < times.Patience)
            {
                continue;
            }

            return await await first;
        }
    }

    /// <summary>How long to wait before the next hedge, or until the patience ends.</summary>
    private TimeSpan NextWait(long started)
    {
        TimeSpan left = times.Patience - time.GetElapsedTime(started);
        TimeSpan wait = left <= TimeSpan.Zero ? TimeSpan.Zero : left < times.HedgeAfter ? left : times.HedgeAfter;

        // Timers count whole milliseconds. A rest below one would be cut to no wait at all, and the call would be made over and
        // over until the patience ends.
        return TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
    }

    private TimeSpan PatienceWith(Exception failure) =>
        failure is SessionsUnavailableException && times.StorePatience < times.Patience ? times.StorePatience : times.Patience;

    [LoggerMessage(8020, LogLevel.Debug, "A call to the sessions cluster failed ({Failure}). The caller makes it again in {Pause}.")]
    private partial void LogRetry(string failure, TimeSpan pause);
}
