using DuckDB.NET.Data;

namespace Sessions.Columns.Serving;

/// <summary>Cancels the current statement when its time is over or its caller has left.</summary>
internal sealed class Deadline : IDisposable
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private readonly Action _end;
    private readonly Action _over;
    private readonly ITimer _timer;
    private readonly CancellationTokenRegistration _left;
    private DuckDBCommand? _command;
    private long _overAt;
    private bool _isOver;
    private bool _isDone;

    /// <summary>Makes a deadline.</summary>
    /// <param name="most">The time until it.</param>
    /// <param name="patience">How long a statement may go on after its cancel.</param>
    /// <param name="time">The clock.</param>
    /// <param name="over">Called at the first cancel.</param>
    /// <param name="end">Called when a statement does not obey.</param>
    /// <param name="cancellation">The caller has left.</param>
    public Deadline(TimeSpan most, TimeSpan patience, TimeProvider time, Action over, Action end, CancellationToken cancellation)
    {
        (_patience, _time, _over, _end) = (patience, time, over, end);
        _timer = time.CreateTimer(_ => Pass(), null, most > TimeSpan.Zero ? most : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        _left = cancellation.Register(() => _timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
    }

    public bool IsOver
    {
        get
        {
            lock (_gate)
            {
                return _isOver;
            }
        }
    }

    public void Watch(DuckDBCommand command)
    {
        lock (_gate)
        {
            _command = command;
        }

        ThrowIfOver();
    }

    public void ThrowIfOver()
    {
        if (IsOver)
        {
            throw new OperationCanceledException();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDone = true;
            _command = null;
        }

        _left.Dispose();
        _timer.Dispose();
    }

    private void Pass()
    {
        DuckDBCommand? command;
        lock (_gate)
        {
            if (_isDone)
            {
                return;
            }

            if (_isOver && _time.GetElapsedTime(_overAt) > _patience)
            {
                _end();
                return;
            }

            if (!_isOver)
            {
                _over();
            }

            _overAt = _isOver ? _overAt : _time.GetTimestamp();
            _isOver = true;
            command = _command;
        }

        // Again and again: a cancel that comes just before a statement begins has no effect on it.
        _timer.Change(Again, Timeout.InfiniteTimeSpan);
        try
        {
            command?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended.
        }
    }
}
