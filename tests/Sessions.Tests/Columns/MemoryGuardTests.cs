using Sessions.Columns;
using Sessions.Columns.Asking;
using Sessions.Columns.Serving;

namespace Sessions.Tests.Columns;

/// <summary>What happens when people's SQL takes too much memory.</summary>
public sealed class MemoryGuardTests
{
    private static readonly ColumnsOptions Options = new() { MemoryMegabytes = 1000, SqlMegabytes = 500 };

    [Fact]
    public async Task A_query_that_obeys_is_cancelled_and_the_process_goes_on()
    {
        long bytes = 1_600_000_000;
        int ends = 0;
        using MemoryGuard guard = new(Options, () => bytes, TimeProvider.System, () => ends++);

        await Assert.ThrowsAsync<ColumnsMemoryException>(() => guard.Watch<string>(
            async cancellation =>
            {
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(Timeout.Infinite, cancellation));
                bytes = 1_000_000_000;
                throw new OperationCanceledException();
            },
            CancellationToken.None));

        Assert.Equal("5", await guard.Watch(_ => Task.FromResult<string?>("5"), CancellationToken.None));
        Assert.Equal(0, ends);
    }

    [Fact]
    public async Task A_query_that_does_not_obey_is_answered_at_once_and_ends_the_process()
    {
        TaskCompletionSource ended = new(), never = new();
        using MemoryGuard guard = new(Options, () => 1_600_000_000, TimeProvider.System, () => ended.TrySetResult());

        Task<string?> first = guard.Watch(Ignores, CancellationToken.None), second = guard.Watch(Ignores, CancellationToken.None);

        await Assert.ThrowsAsync<ColumnsMemoryException>(() => first);
        // Postgres answers it.
        Assert.Null(await second);
        Assert.False(ended.Task.IsCompleted);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        never.SetResult();

        async Task<string?> Ignores(CancellationToken cancellation)
        {
            await never.Task;
            return "1";
        }
    }

    [Fact]
    public async Task Nothing_is_cancelled_while_the_process_has_the_memory()
    {
        using MemoryGuard guard = new(Options, () => 1_400_000_000, TimeProvider.System, () => Assert.Fail("It ended."));

        Assert.Equal("5", await guard.Watch<string>(
            async cancellation =>
            {
                await Task.Delay(200, cancellation);
                return "5";
            },
            CancellationToken.None));
    }
}
