using System.Collections.Concurrent;

namespace Sessions.Samples.GameBackend;

/// <summary>
/// Tells the operator who comes and goes, as the silos tell it: also those who play at another server of the game, and
/// those who just went silent.
/// </summary>
internal sealed class Turnout(ISessionsClient sessions, ILogger<Turnout> log) : BackgroundService
{
    private readonly ConcurrentDictionary<Guid, string> _playing = new();
    private readonly TaskCompletionSource _watching = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _left = new(0);

    /// <summary>Completes when everything is told from now on.</summary>
    public Task Watching => _watching.Task;

    /// <summary>Who plays now.</summary>
    public IReadOnlyList<string> Playing => [.. _playing.Values.Order()];

    /// <summary>Waits until nobody plays any more; false when that takes too long.</summary>
    public async Task<bool> IsEmpty(TimeSpan patience)
    {
        while (!_playing.IsEmpty)
        {
            if (!await _left.WaitAsync(patience))
            {
                return false;
            }
        }

        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Follow(stoppingToken);
            }
            catch (SessionsUnavailableException away)
            {
                log.LogWarning("Who plays is not known now; it is tried again: {Reason}", away.Message);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task Follow(CancellationToken stopping)
    {
        await using SessionWatch watch = await sessions.Watch(stopping);
        _watching.TrySetResult();
        int gaps = 0;
        await foreach (SessionNews news in watch.WithCancellation(stopping))
        {
            if (watch.Gaps > gaps)
            {
                gaps = watch.Gaps;
                Console.WriteLine($"turnout: news may have been missed, {gaps} times so far");
                await LookFor([.. _playing.Keys], stopping);
            }

            Note(news.Session, plays: news.Kind != SessionNewsKind.Ended);
        }
    }

    /// <summary>Whose end may not have been told is asked for.</summary>
    private async Task LookFor(IReadOnlyList<Guid> playing, CancellationToken stopping)
    {
        foreach (Guid id in playing)
        {
            if (await sessions.GetSession(id, stopping) is { } session)
            {
                Note(session, plays: session.Status == SessionStatus.Live);
            }
        }
    }

    private void Note(Session session, bool plays)
    {
        if (plays)
        {
            if (_playing.TryAdd(session.SessionId, session.DistinctId))
            {
                Console.WriteLine($"turnout: {session.DistinctId} plays, {_playing.Count} in all");
            }
        }
        else if (_playing.TryRemove(session.SessionId, out _))
        {
            Console.WriteLine($"turnout: {session.DistinctId} left ({session.EndReason?.ToWord()}), {_playing.Count} in all");
            _left.Release();
        }
    }
}
