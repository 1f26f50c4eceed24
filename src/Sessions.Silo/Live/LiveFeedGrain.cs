namespace Sessions.Silo.Live;

/// <summary>Makes a silo's <see cref="LiveFeed"/> callable from other processes.</summary>
[GrainType("live-feed"), OnSiloOfKey]
internal sealed class LiveFeedGrain(LiveFeed feed) : Grain, ILiveFeedGrain
{
    public Task<long> Subscribe(ILiveWatcher watcher, IReadOnlyList<string> projects)
    {
        // On another silo, the grain would send the wrong silo's sessions.
        if (this.GetPrimaryKeyString() != feed.Key)
        {
            throw new InvalidOperationException($"This is the silo {feed.Key}.");
        }

        return Task.FromResult(feed.Subscribe(watcher, projects));
    }

    public Task Unsubscribe(ILiveWatcher watcher)
    {
        feed.Unsubscribe(watcher);
        return Task.CompletedTask;
    }
}
