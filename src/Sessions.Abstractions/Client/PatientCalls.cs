using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Sessions;

/// <summary>Makes a call again while it fails for a passing reason and there is patience left.</summary>
internal sealed partial class PatientCalls(
    IOptions<SessionsClientOptions> options, TimeProvider time, ILogger<PatientCalls> log)
{
    private readonly SessionsClientOptions _options = options.Value;

    /// <summary>The call's result.</summary>
    /// <param name="call">One attempt.</param>
    /// <param name="started">When the patience began, by the clock's timestamp.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="SessionsUnavailableException">The patience is over.</exception>
    public async Task<T> Make<T>(Func<Task<T>> call, long started, CancellationToken cancellation)
    {
        TimeSpan pause = _options.FirstPause;
        while (true)
        {
            try
            {
                TimeSpan left = _options.Patience - time.GetElapsedTime(started);
                left = left < _options.AttemptTimeout ? left : _options.AttemptTimeout;
                return await call().WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, cancellation);
            }
            catch (Exception failure) when (IsPassing(failure))
            {
                if (time.GetElapsedTime(started) + pause >= _options.Patience)
                {
                    throw failure as SessionsUnavailableException
                        ?? new SessionsUnavailableException($"No silo answered within {_options.Patience}: {failure.Message}", failure);
                }

                LogRetry(failure.GetType().Name);
            }

            await Task.Delay(pause, time, cancellation);
            pause = pause * 2 < _options.LongestPause ? pause * 2 : _options.LongestPause;
        }
    }

    /// <summary>Whether the world failed, and not the caller or the program.</summary>
    internal static bool IsPassing(Exception failure) =>
        failure is SessionsUnavailableException or TimeoutException or OrleansException or ClientNotAvailableException;

    [LoggerMessage(LogLevel.Debug, "A call to the sessions cluster failed and is made again: {Failure}")]
    private partial void LogRetry(string failure);
}
