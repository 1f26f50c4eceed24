using Microsoft.AspNetCore.Http;
using Sessions.Web.Api;

namespace Sessions.Tests.Web.Api;

/// <summary>How many queries run at the same time, and how long others wait.</summary>
public sealed class ConcurrencyLimitTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task A_waiting_query_runs_when_another_has_ended()
    {
        using ConcurrencyLimit limit = new(1, patience: Long, timeout: Long, 1, TimeProvider.System);
        TaskCompletionSource<int> first = new();
        Task<Outcome<int>> running = limit.Run(_ => first.Task, default);
        Task<Outcome<int>> waiting = limit.Run(_ => Task.FromResult(2), default);

        Assert.False(waiting.IsCompleted);
        first.SetResult(1);

        Assert.Equal((1, 2), ((await running).Value, (await waiting).Value));
    }

    [Fact]
    public async Task A_query_that_waits_too_long_is_refused_as_unavailable_and_frees_its_place_in_the_queue()
    {
        using ConcurrencyLimit limit = new(1, patience: TimeSpan.FromMilliseconds(1), timeout: Long, 1, TimeProvider.System);
        TaskCompletionSource<int> first = new();
        Task<Outcome<int>> running = limit.Run(_ => first.Task, default);

        await Assert.ThrowsAsync<SessionsUnavailableException>(() => limit.Run(_ => Task.FromResult(2), default));
        first.SetResult(1);
        await running;

        Assert.Equal(3, (await limit.Run(_ => Task.FromResult(3), default)).Value);
    }

    [Fact]
    public async Task A_waiting_query_is_canceled_when_its_caller_disconnects()
    {
        using ConcurrencyLimit limit = new(1, patience: Long, timeout: Long, 1, TimeProvider.System);
        TaskCompletionSource<int> first = new();
        Task<Outcome<int>> running = limit.Run(_ => first.Task, default);
        using CancellationTokenSource leave = new();
        Task<Outcome<int>> waiting = limit.Run(_ => Task.FromResult(2), leave.Token);

        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        first.SetResult(1);
        Assert.Equal(1, (await running).Value);
    }

    [Fact]
    public async Task A_project_with_all_its_turns_taken_keeps_no_other_project_waiting()
    {
        using ConcurrencyLimit limit = new(4, patience: TimeSpan.Zero, timeout: Long, 1, TimeProvider.System, atOnceOfProject: 2);
        TaskCompletionSource<int> end = new();
        Task<Outcome<int>>[] running = [.. Enumerable.Range(0, 2).Select(_ => limit.Run("greedy", _ => end.Task, default))];

        await Assert.ThrowsAsync<SessionsUnavailableException>(() => limit.Run("greedy", _ => Task.FromResult(1), default));
        Assert.Equal(2, (await limit.Run("other", _ => Task.FromResult(2), default)).Value);

        end.SetResult(3);
        await Task.WhenAll(running);
        Assert.Equal(4, (await limit.Run("greedy", _ => Task.FromResult(4), default)).Value);
    }

    [Fact]
    public async Task A_failed_query_frees_its_slot()
    {
        using ConcurrencyLimit limit = new(1, patience: TimeSpan.Zero, timeout: Long, 1, TimeProvider.System);

        await Assert.ThrowsAsync<FormatException>(() => limit.Run<int>(_ => throw new FormatException(), default));

        Assert.Equal(2, (await limit.Run(_ => Task.FromResult(2), default)).Value);
    }

    [Fact]
    public async Task A_query_that_takes_too_long_gets_504()
    {
        using ConcurrencyLimit limit = new(1, patience: Long, timeout: TimeSpan.FromMilliseconds(1), 1, TimeProvider.System);

        Outcome<int> outcome = await limit.Run(
            async cancellation =>
            {
                await Task.Delay(Timeout.Infinite, cancellation);
                return 1;
            },
            default);

        Assert.Equal(StatusCodes.Status504GatewayTimeout, outcome.Refusal?.StatusCode);
        Assert.Equal("It was cancelled after 0.001 seconds. Use a shorter range of time.", outcome.Fault);
    }
}
