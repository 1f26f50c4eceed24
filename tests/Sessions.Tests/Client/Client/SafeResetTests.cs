using Sessions.Client.Tracking;

namespace Sessions.Tests.Client.Client;

/// <summary>
/// A reset ends the session that was live when it was requested, even when its calls fail or arrive late.
/// </summary>
public sealed class SafeResetTests
{
    private readonly Queue<Guid?> _live = new();
    private readonly HashSet<Guid> _endedByThemselves = [];
    private readonly List<Guid> _ended = [];

    [Fact]
    public async Task A_device_without_a_live_session_is_not_reset()
    {
        _live.Enqueue(null);

        Assert.Null(await Reset());
        Assert.Empty(_ended);
    }

    [Fact]
    public async Task A_reset_looks_for_the_live_session_again_when_the_session_has_ended_meanwhile()
    {
        (Guid first, Guid second) = (Guid.NewGuid(), Guid.NewGuid());
        _live.Enqueue(first);
        _live.Enqueue(second);
        _endedByThemselves.Add(first);

        Assert.Equal(second, (await Reset())?.SessionId);
        Assert.Equal([second], _ended);
    }

    [Fact]
    public async Task A_reset_gives_up_when_each_session_that_it_finds_has_already_ended()
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
