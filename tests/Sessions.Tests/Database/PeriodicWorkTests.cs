using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Sessions.Database;

namespace Sessions.Tests.Database;

/// <summary>Work that runs every interval: which failures it survives, what it logs, and how it stops.</summary>
public sealed class PeriodicWorkTests : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly NpgsqlException Away = new("Postgres is away.");

    private readonly TimedClock _clock = new();
    private Work? _work;

    public async ValueTask DisposeAsync()
    {
        if (_work is { } work)
        {
            await work.StopAsync(CancellationToken.None).WaitAsync(Bound);
            work.Dispose();
        }
    }

    [Fact]
    public async Task The_first_step_of_ordinary_work_runs_after_one_interval()
    {
        Work work = await Start(FirstStep.AfterInterval);

        _clock.Advance(Interval - TimeSpan.FromSeconds(1));
        Assert.Equal(0, work.Steps);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await work.HasBegun();
        Assert.Equal(1, work.Steps);
    }

    [Fact]
    public async Task The_first_step_of_work_that_starts_at_once_runs_at_the_start()
    {
        Work work = await Start(FirstStep.AtOnce);

        await work.HasBegun();
        _clock.Advance(Interval);
        await work.HasBegun();
    }

    [Fact]
    public async Task A_host_that_should_wait_for_the_first_step_waits_even_when_the_step_fails()
    {
        Work work = await Start(FirstStep.BeforeTheHostGoesOn, Away);

        Assert.Equal(1, work.Steps);
        Assert.Equal(["failing: Postgres is away."], work.Log);
    }

    [Fact]
    public async Task An_outage_is_logged_once_when_it_begins_and_once_when_it_ends()
    {
        Work work = await Start(FirstStep.AfterInterval);

        await Run(
            work,
            null, Away, new TimeoutException("slow"), new SessionsUnavailableException("no silo"), new IOException("broken"), null, null, Away);

        await Logs(work, "failing: Postgres is away.", "working", "failing: Postgres is away.");
    }

    [Fact]
    public async Task An_unexpected_exception_is_logged_with_its_stack_even_in_an_outage_and_the_work_continues()
    {
        Work work = await Start(FirstStep.AfterInterval);
        var refused = new PostgresException("wrong SQL", "ERROR", "ERROR", PostgresErrorCodes.SyntaxError);

        await Run(work, Away, new InvalidOperationException("fault"), refused, Away, null);

        await Logs(work, "failing: Postgres is away.", "fault InvalidOperationException: fault", "working");
    }

    [Fact]
    public async Task A_new_interval_holds_from_the_next_step_on()
    {
        Work work = await Start(FirstStep.AfterInterval);
        work.SlowsDown = true;
        await Run(work, (Exception?)null);
        await _clock.HasChangedTimer.Task.WaitAsync(Bound);

        _clock.Advance((2 * Interval) - TimeSpan.FromSeconds(1));
        Assert.Equal(1, work.Steps);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await work.HasBegun();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stop_in_the_middle_of_a_step_is_clean_and_logs_nothing(bool isCanceled)
    {
        Work work = await Start(FirstStep.AfterInterval);
        work.HangsUntilStopped = isCanceled ? new OperationCanceledException() : Away;
        _clock.Advance(Interval);
        await work.Hangs.Task.WaitAsync(Bound);

        await work.StopAsync(CancellationToken.None).WaitAsync(Bound);

        await work.ExecuteTask!.WaitAsync(Bound);
        Assert.Empty(work.Log);
    }

    private async Task<Work> Start(FirstStep first, params Exception?[] failures)
    {
        _work = new Work(_clock, first, failures);
        await _work.StartAsync(CancellationToken.None).WaitAsync(Bound);
        // The loop starts on a thread of its own. Time that passes before it has its timer does not count for it.
        await _clock.HasTimer.Task.WaitAsync(Bound);
        return _work;
    }

    private async Task Run(Work work, params Exception?[] failures)
    {
        foreach (Exception? failure in failures)
        {
            work.Next.Enqueue(failure);
            _clock.Advance(Interval);
            await work.HasBegun();
        }
    }

    /// <summary>The last step's line may be on its way.</summary>
    private static async Task Logs(Work work, params string[] lines)
    {
        using CancellationTokenSource late = new(Bound);
        while (work.Log.Count < lines.Length)
        {
            late.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.Equal(lines, work.Log);
    }

    private sealed class Work : PeriodicWork
    {
        private readonly Channel<bool> _began = Channel.CreateUnbounded<bool>();
        private int _steps;

        public Work(TimeProvider clock, FirstStep first, Exception?[] failures)
            : base(PeriodicWorkTests.Interval, clock, first)
        {
            Next = new(failures);
        }

        /// <summary>With what the next steps fail; null for one that works.</summary>
        public ConcurrentQueue<Exception?> Next { get; }

        public ConcurrentQueue<string> Log { get; } = [];

        public int Steps => Volatile.Read(ref _steps);

        public bool SlowsDown { get; set; }

        public Exception? HangsUntilStopped { get; set; }

        public TaskCompletionSource Hangs { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Waits for the next step. What the one before had to log is logged by then.</summary>
        public async Task HasBegun() => await _began.Reader.ReadAsync().AsTask().WaitAsync(Bound);

        protected override async Task Step(CancellationToken stopping)
        {
            Interlocked.Increment(ref _steps);
            Interval = SlowsDown ? 2 * PeriodicWorkTests.Interval : Interval;
            if (HangsUntilStopped is { } last)
            {
                Hangs.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, stopping).ContinueWith(_ => { }, TaskScheduler.Default);
                throw last;
            }

            _began.Writer.TryWrite(true);
            if (Next.TryDequeue(out Exception? failure) && failure is not null)
            {
                throw failure;
            }
        }

        protected override void LogFailing(string reason, Exception? fault) =>
            Log.Enqueue(fault is null ? $"failing: {reason}" : $"fault {fault.GetType().Name}: {reason}");

        protected override void LogWorking() => Log.Enqueue("working");
    }

    /// <summary>A clock that says when somebody has a timer, and when they have changed it.</summary>
    private sealed class TimedClock : FakeTimeProvider
    {
        public TaskCompletionSource HasTimer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource HasChangedTimer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ITimer timer = new NotingTimer(base.CreateTimer(callback, state, dueTime, period), HasChangedTimer);
            HasTimer.TrySetResult();
            return timer;
        }
    }

    private sealed class NotingTimer(ITimer timer, TaskCompletionSource changed) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            bool isChanged = timer.Change(dueTime, period);
            changed.TrySetResult();
            return isChanged;
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
