using Sessions.Columns.Asking;

namespace Sessions.Columns.Serving;

/// <summary>
/// Cancels people's SQL when the process takes too much memory, and ends the process when that does not help: DuckDB's own
/// limit does not count what a function takes for a single value.
/// </summary>
internal sealed class MemoryGuard : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(50);

    // How long cancelled statements have to give their memory back.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly List<Turn> _turns = [];
    private readonly long _most;
    private readonly Func<long> _bytes;
    private readonly TimeProvider _time;
    private readonly Action _end;
    private readonly ITimer _timer;
    private long? _overSince;

    /// <summary>Makes a guard.</summary>
    /// <param name="options">The memory.</param>
    /// <param name="bytes">How many bytes the process takes now.</param>
    /// <param name="time">The clock.</param>
    /// <param name="end">Ends the process.</param>
    public MemoryGuard(ColumnsOptions options, Func<long> bytes, TimeProvider time, Action end)
    {
        _most = (options.MemoryMegabytes + options.SqlMegabytes) * 1_000_000L;
        (_bytes, _time, _end) = (bytes, time, end);
        _timer = time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// Calls <paramref name="work"/>. Its token is cancelled when the process takes too much memory; the caller does not wait
    /// for it then. Which statement takes it is unknown: most likely the one that has run longest. The others get null, so
    /// that Postgres answers them.
    /// </summary>
    /// <exception cref="ColumnsMemoryException">The process took too much memory, most likely for this.</exception>
    public async Task<T?> Watch<T>(Func<CancellationToken, Task<T?>> work, CancellationToken cancellation)
        where T : class
    {
        Turn turn = new(cancellation);
        lock (_gate)
        {
            _turns.Add(turn);
            if (_turns.Count == 1)
            {
                _overSince = null;
                _timer.Change(Every, Every);
            }
        }

        Task<T?> working = Work();
        await Task.WhenAny(working, turn.Cancelled);
        if (!turn.Cancelled.IsCompleted || working.IsCompletedSuccessfully)
        {
            return await working;
        }

        return await turn.Cancelled ? throw new ColumnsMemoryException() : null;

        async Task<T?> Work()
        {
            try
            {
                return await work(turn.Token);
            }
            finally
            {
                Leave(turn);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Leave(Turn turn)
    {
        lock (_gate)
        {
            _turns.Remove(turn);
            if (_turns.Count == 0)
            {
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }

        turn.Dispose();
    }

    private void Look()
    {
        if (_bytes() <= _most)
        {
            _overSince = null;
            return;
        }

        _overSince ??= _time.GetTimestamp();
        Turn[] turns;
        lock (_gate)
        {
            turns = [.. _turns];
        }

        for (int place = 0; place < turns.Length; place++)
        {
            turns[place].Cancel(isFirst: place == 0);
        }

        if (turns.Length > 0 && _time.GetElapsedTime(_overSince.Value) > Patience)
        {
            _end();
        }
    }

    private sealed class Turn(CancellationToken cancellation) : IDisposable
    {
        private readonly CancellationTokenSource _cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        private readonly TaskCompletionSource<bool> _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationToken Token => _cancel.Token;

        /// <summary>Completes when it is cancelled: true when it has run longest.</summary>
        public Task<bool> Cancelled => _cancelled.Task;

        public void Cancel(bool isFirst)
        {
            _cancelled.TrySetResult(isFirst);
            try
            {
                _cancel.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The statement has just ended.
            }
        }

        public void Dispose() => _cancel.Dispose();
    }
}
