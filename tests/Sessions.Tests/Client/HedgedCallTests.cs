using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sessions.Client.Calls;

namespace Sessions.Tests.Client;

/// <summary>
/// When a call to a grain is retried, when it is hedged with a second call, and when it fails for good.
/// </summary>
public sealed class HedgedCallTests
{
    private static readonly CallTimes Times = new()
    {
        Patience = TimeSpan.FromSeconds(8),
        StorePatience = TimeSpan.FromMilliseconds(500),
        HedgeAfter = TimeSpan.FromSeconds(2),
        FirstPause = TimeSpan.FromMilliseconds(50),
        LongestPause = TimeSpan.FromMilliseconds(500),
    };

    private readonly Clock _clock = new();
    private readonly List<(long AtMs, TaskCompletionSource<int> Answer)> _made = [];

    [Fact]
    public async Task Pauses_between_retries_double_up_to_the_longest()
    {
        Task<int> call = Make(() => Task.FromException<int>(new SiloUnavailableException()));
        await Until(call, () => false);

        await Assert.ThrowsAsync<SessionsUnavailableException>(() => call);
        long[] pauses = [.. _made.Zip(_made.Skip(1), (one, next) => next.AtMs - one.AtMs)];
        Assert.Equal([50, 100, 200, 400, 500, 500], pauses.Take(6));
        Assert.InRange(_made[^1].AtMs, 7_000, 7_999);
    }

    [Fact]
    public async Task Retries_end_sooner_while_the_store_is_away()
    {
        Task<int> call = Make(() => Task.FromException<int>(new SessionsUnavailableException("The store is away.")));
        await Until(call, () => false);

        Assert.Equal("The store is away.", (await Assert.ThrowsAsync<SessionsUnavailableException>(() => call)).Message);
        Assert.Equal([0, 50, 150, 350], _made.Select(made => made.AtMs));
    }

    [Fact]
    public async Task A_slow_call_is_hedged_with_a_second_one_and_the_first_answer_counts()
    {
        Task<int> call = Make();
        await Until(call, () => _made.Count == 3);
        Assert.Equal([0, 2_000, 4_000], _made.Select(made => made.AtMs));

        _made[0].Answer.SetResult(7);

        Assert.Equal(7, await call);
    }

    [Fact]
    public async Task A_call_that_is_never_answered_fails_when_the_retry_time_ends()
    {
        Task<int> call = Make();
        await Until(call, () => false);

        await Assert.ThrowsAsync<SessionsUnavailableException>(() => call);
        Assert.Equal([0, 2_000, 4_000, 6_000], _made.Select(made => made.AtMs));
    }

    [Fact]
    public async Task A_call_is_not_made_over_and_over_in_the_last_millisecond_of_the_patience()
    {
        FakeTimeProvider time = new();
        int calls = 0;
        TaskCompletionSource<int> never = new();
        CallTimes times = Times with { Patience = (2 * Times.HedgeAfter) + TimeSpan.FromMilliseconds(0.5) };
        Task<int> answer = new HedgedCall(times, time, NullLogger.Instance).Make(
            () => ++calls > 10 ? throw new InvalidOperationException("The call is made over and over.") : never.Task,
            time.GetTimestamp(),
            CancellationToken.None);
        for (int i = 0; i < 2; i++)
        {
            time.Advance(Times.HedgeAfter);
        }

        Assert.Equal((3, false), (calls, answer.IsCompleted));
        time.Advance(TimeSpan.FromMilliseconds(1));
        await Assert.ThrowsAsync<SessionsUnavailableException>(() => answer);
        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task A_failure_of_the_hedging_call_is_retried()
    {
        Task<int> call = Make();
        await Until(call, () => _made.Count == 2);
        _clock.ForgetTimer();
        _made[1].Answer.SetException(new SiloUnavailableException());
        await Until(call, () => _made.Count == 3);

        Assert.Equal(2_050, _made[2].AtMs);
        _made[2].Answer.SetResult(3);
        Assert.Equal(3, await call);
    }

    [Fact]
    public async Task A_call_that_a_silo_gives_up_is_retried_until_the_retry_time_ends()
    {
        Task<int> call = Make(() => Task.FromException<int>(new OperationCanceledException("The message expired.")));
        await Until(call, () => false);

        Assert.Contains("OperationCanceledException: The message expired.", (await Assert.ThrowsAsync<SessionsUnavailableException>(() => call)).Message, StringComparison.Ordinal);
        Assert.InRange(_made[^1].AtMs, 7_000, 7_999);
    }

    [Fact]
    public async Task A_mistake_of_the_caller_is_not_retried()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Make(() => Task.FromException<int>(new ArgumentException("too many"))));

        Assert.Single(_made);
    }

    [Fact]
    public async Task Calls_that_share_one_retry_time_fail_when_it_ends()
    {
        long started = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromSeconds(7.99));

        Task<int> call = Make(() => Task.FromException<int>(new SiloUnavailableException()), started);

        await Assert.ThrowsAsync<SessionsUnavailableException>(() => call);
        Assert.Single(_made);
    }

    [Fact]
    public async Task Calls_side_by_side_share_one_wait_and_only_the_slow_and_the_failed_ones_are_made_again()
    {
        Dictionary<string, int> made = [];
        TaskCompletionSource<string> slow = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<IReadOnlyList<string>> all = new HedgedCall(Times, _clock, NullLogger.Instance).MakeAll(
            ["quick", "failed", "slow"],
            call => (call, made[call] = made.GetValueOrDefault(call) + 1) switch
            {
                ("failed", 1) => throw new SiloUnavailableException(),
                ("slow", 1) => slow.Task,
                _ => Task.FromResult($"{call} {made[call]}"),
            },
            _clock.GetTimestamp(),
            TestContext.Current.CancellationToken);

        await Until(all, () => false);

        Assert.Equal(["quick 1", "failed 2", "slow 2"], await all);
    }

    [Fact]
    public async Task Calls_side_by_side_end_with_a_mistake_of_the_caller_in_one_of_them()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => new HedgedCall(Times, _clock, NullLogger.Instance).MakeAll<int, int>(
            [1, 2],
            call => call == 1 ? throw new ArgumentException("too many") : Task.FromResult(call),
            _clock.GetTimestamp(),
            TestContext.Current.CancellationToken));
    }

    private Task<int> Make(Func<Task<int>>? answer = null, long? started = null)
    {
        long began = _clock.GetTimestamp();
        return new HedgedCall(Times, _clock, NullLogger.Instance).Make(
            () =>
            {
                TaskCompletionSource<int> made = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _made.Add(((long)_clock.GetElapsedTime(began).TotalMilliseconds, made));
                return answer?.Invoke() ?? made.Task;
            },
            started ?? began,
            TestContext.Current.CancellationToken);
    }

    /// <summary>Moves the clock from timer to timer until the call ends or the condition holds.</summary>
    private async Task Until(Task call, Func<bool> condition)
    {
        while (true)
        {
            while (!call.IsCompleted && _clock.Due is null)
            {
                await Task.Yield();
            }

            if (call.IsCompleted || condition())
            {
                return;
            }

            _clock.AdvanceToTimer();
        }
    }

    /// <summary>A clock that knows when the only timer is due.</summary>
    private sealed class Clock : FakeTimeProvider
    {
        private readonly Lock _gate = new();
        private DateTimeOffset? _due;

        public DateTimeOffset? Due
        {
            get
            {
                lock (_gate)
                {
                    return _due;
                }
            }
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ITimer timer = base.CreateTimer(callback, state, dueTime, period);
            lock (_gate)
            {
                _due = GetUtcNow() + dueTime;
            }

            return timer;
        }

        /// <summary>The timer that is there does not count any more; the next one does.</summary>
        public void ForgetTimer()
        {
            lock (_gate)
            {
                _due = null;
            }
        }

        public void AdvanceToTimer()
        {
            DateTimeOffset due;
            lock (_gate)
            {
                due = _due!.Value;
                _due = null;
            }

            SetUtcNow(due);
        }
    }
}
