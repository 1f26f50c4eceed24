using Microsoft.Extensions.Time.Testing;
using Sessions.Queries;
using Sessions.Web.Access;

namespace Sessions.Tests.Web;

/// <summary>Many unknown tokens cost few look-ups, and each is looked up after it came.</summary>
public sealed class UnknownLookUpsTests
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _clock = new();
    private readonly List<int> _sizes = [];

    [Fact]
    public async Task Two_hundred_unknown_tokens_cost_two_look_ups()
    {
        TaskCompletionSource first = new();
        UnknownLookUps lookUps = new(
            asked =>
            {
                _sizes.Add(asked.Count);
                return _sizes.Count == 1 ? first.Task : Task.CompletedTask;
            },
            Pause,
            _clock);

        Task one = lookUps.LookUp([new UnknownAccess("token 0")]);
        await Until(() => _sizes.Count == 1);
        // These came after the first look-up began, so it says nothing about them.
        Task[] others = [.. Enumerable.Range(1, 199).Select(n => lookUps.LookUp([new UnknownAccess($"token {n}")]))];
        first.SetResult();
        await one;
        Assert.DoesNotContain(others, other => other.IsCompleted);
        await Until(() => Advance(others[0]));
        await Task.WhenAll(others);

        Assert.Equal([1, 199], _sizes);
    }

    [Fact]
    public async Task A_failed_look_up_fails_for_its_own_callers_only()
    {
        bool fails = true;
        UnknownLookUps lookUps = new(
            _ => fails ? Task.FromException(new IOException("away")) : Task.CompletedTask, Pause, _clock);

        await Assert.ThrowsAsync<IOException>(() => lookUps.LookUp([new UnknownAccess("one")]));
        fails = false;
        Task next = lookUps.LookUp([new UnknownAccess("two")]);
        await Until(() => Advance(next));
        await next;
    }

    [Fact]
    public async Task A_flood_is_bounded()
    {
        TaskCompletionSource never = new();
        UnknownLookUps lookUps = new(
            asked =>
            {
                _sizes.Add(asked.Count);
                return never.Task;
            },
            Pause,
            _clock);
        _ = lookUps.LookUp([new UnknownAccess("one")]);
        await Until(() => _sizes.Count == 1);
        UnknownAccess[] many = [.. Enumerable.Range(0, UnknownLookUps.Most).Select(n => new UnknownAccess($"token {n}"))];
        Task waiting = lookUps.LookUp(many);

        await Assert.ThrowsAsync<SessionsUnavailableException>(() => lookUps.LookUp(many));
        Assert.False(waiting.IsCompleted);
        never.SetResult();
        await Until(() => Advance(waiting));
    }

    private bool Advance(Task task)
    {
        _clock.Advance(Pause);
        return task.IsCompleted;
    }

    private static async Task Until(Func<bool> holds)
    {
        using CancellationTokenSource late = new(Deadline);
        while (!holds())
        {
            late.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
