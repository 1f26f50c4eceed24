namespace Sessions.Tests.Abstractions.Client;

/// <summary>A reset ends the session that was live when it was asked for, whatever happens to its calls.</summary>
public sealed class SafeResetTests
{
    private readonly Queue<Guid?> _live = new();
    private readonly HashSet<Guid> _endedByThemselves = [];
    private readonly List<Guid> _ended = [];

    [Fact]
    public async Task Who_has_no_live_session_is_not_reset()
    {
        _live.Enqueue(null);

        Assert.Null(await Reset());
        Assert.Empty(_ended);
    }

    [Fact]
    public async Task A_session_that_ends_by_itself_meanwhile_makes_it_look_again()
    {
        (Guid first, Guid second) = (Guid.NewGuid(), Guid.NewGuid());
        _live.Enqueue(first);
        _live.Enqueue(second);
        _endedByThemselves.Add(first);

        Assert.Equal(second, (await Reset())?.SessionId);
        Assert.Equal([second], _ended);
    }

    [Fact]
    public async Task It_does_not_run_after_sessions_for_ever()
    {
        foreach (Guid id in Enumerable.Range(0, 10).Select(_ => Guid.NewGuid()))
        {
            _live.Enqueue(id);
            _endedByThemselves.Add(id);
        }

        await Assert.ThrowsAsync<SessionsUnavailableException>(Reset);
    }

    private Task<Session?> Reset() => SafeReset.Make(
        () => Task.FromResult(_live.Dequeue() is { } live ? FakeCluster.SessionOf(live, SessionStatus.Live) : null),
        named =>
        {
            if (_endedByThemselves.Contains(named))
            {
                return Task.FromResult<Session?>(null);
            }

            _ended.Add(named);
            return Task.FromResult<Session?>(FakeCluster.SessionOf(named, SessionStatus.Ended));
        });
}
