namespace Sessions.Tests.Simulation;

/// <summary>The clock of a process: the simulation's time, and an offset that can be set. Timers do not depend on the offset.</summary>
internal sealed class SimulatedClock(SimulatedProcess process) : TimeProvider
{
    /// <summary>When all simulations begin.</summary>
    public static readonly DateTimeOffset Begin = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    /// <summary>By how much it is wrong.</summary>
    public TimeSpan Offset { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Begin + process.Scheduler.Now + Offset;

    public override long GetTimestamp() => process.Scheduler.Now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        period == Timeout.InfiniteTimeSpan || period == TimeSpan.Zero
            ? new OneShot(process, callback, state, dueTime)
            : throw new NotSupportedException("Nothing in the simulation repeats a timer.");

    /// <summary>A timer that fires once. Whom it wakes goes on in a turn of its own actor.</summary>
    private sealed class OneShot : ITimer
    {
        private readonly SimulatedProcess _process;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private int _setting;

        public OneShot(SimulatedProcess process, TimerCallback callback, object? state, TimeSpan due)
        {
            (_process, _callback, _state) = (process, callback, state);
            Change(due, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            int setting = ++_setting;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                _process.Scheduler.After(dueTime, () => Fire(setting));
            }

            return true;
        }

        public void Dispose() => _setting++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Fire(int setting)
        {
            if (setting == _setting && !_process.IsDead)
            {
                _callback(_state);
            }
        }
    }
}
