namespace Sessions.Gateway;

/// <summary>
/// A grain call that is made again, beside itself, when no answer has come for a while. A silo that dies takes with it
/// what was on its way through it, and nobody tells the gateway, which would wait in vain. Only for calls that may be
/// made twice.
/// </summary>
internal static class RepeatedCall
{
    /// <summary>The answer that comes first, or the failure.</summary>
    /// <param name="call">Makes the call.</param>
    /// <param name="again">After this long without an answer it is made once more.</param>
    /// <param name="patience">How long an answer is waited for in all.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="TimeoutException">No answer came.</exception>
    public static async Task<T> Make<T>(
        Func<Task<T>> call, TimeSpan again, TimeSpan patience, TimeProvider time, CancellationToken cancellation)
    {
        long started = time.GetTimestamp();
        Task<T> only = call();
        try
        {
            return await only.WaitAsync(Pause(), time, cancellation);
        }
        catch (TimeoutException) when (!only.IsFaulted && time.GetElapsedTime(started) < patience)
        {
            // It is the wait that has ended, not the call.
        }

        List<Task<T>> made = [only];
        while (true)
        {
            made.Add(call());
            Task<Task<T>> first = Task.WhenAny(made);
            try
            {
                await first.WaitAsync(Pause(), time, cancellation);
            }
            catch (TimeoutException) when (time.GetElapsedTime(started) < patience)
            {
                continue;
            }

            return await await first;
        }

        TimeSpan Pause()
        {
            TimeSpan left = patience - time.GetElapsedTime(started);
            return left <= TimeSpan.Zero ? TimeSpan.Zero : left < again ? left : again;
        }
    }
}
