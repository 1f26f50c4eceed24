using Sessions.Queries;

namespace Sessions.Web.Access;

/// <summary>
/// Looks up what callers present and this gateway does not know. All that is asked for within a short time is one look-up, so
/// a flood of random tokens costs Postgres a few small statements a second. Thread-safe.
/// </summary>
/// <param name="lookUp">Looks up all of them, and learns those that exist.</param>
/// <param name="pause">The shortest time from the beginning of a look-up to that of the next.</param>
/// <param name="time">The clock.</param>
internal sealed class UnknownLookUps(Func<IReadOnlyCollection<UnknownAccess>, Task> lookUp, TimeSpan pause, TimeProvider time)
{
    /// <summary>How many can be looked up at once. Callers beyond them are told that Postgres can't be asked now.</summary>
    public const int Most = 10_000;

    private readonly Lock _lock = new();
    private Waiting? _next;
    private Task _last = Task.CompletedTask;
    private long? _begunAt;

    /// <summary>Completes when a look-up that began after this call is done.</summary>
    /// <exception cref="SessionsUnavailableException">Too many callers wait already.</exception>
    public Task LookUp(IReadOnlyCollection<UnknownAccess> asked)
    {
        lock (_lock)
        {
            if (_next is null)
            {
                _next = new Waiting();
                _last = Run(_next, _last);
            }

            if (_next.Asked.Count + asked.Count > Most)
            {
                throw new SessionsUnavailableException("Too many unknown tokens and keys are being looked up.");
            }

            _next.Asked.AddRange(asked);
            return _next.Done.Task;
        }
    }

    private async Task Run(Waiting mine, Task before)
    {
        // The caller holds the lock.
        await Task.Yield();
        await before;
        if (_begunAt is { } begunAt && pause - time.GetElapsedTime(begunAt) is var left && left > TimeSpan.Zero)
        {
            await Task.Delay(left, time);
        }

        lock (_lock)
        {
            _next = null;
        }

        _begunAt = time.GetTimestamp();
        try
        {
            await lookUp(mine.Asked);
            mine.Done.SetResult();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            mine.Done.SetException(failure);
            // Those who ask have been told, or have gone.
            _ = mine.Done.Task.Exception;
        }
    }

    private sealed class Waiting
    {
        public List<UnknownAccess> Asked { get; } = [];

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
