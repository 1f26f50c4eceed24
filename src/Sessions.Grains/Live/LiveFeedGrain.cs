namespace Sessions.Grains;

/// <summary>The way to a silo's <see cref="LiveFeed"/> from outside.</summary>
[GrainType("live-feed"), OnSiloOfKey]
internal sealed class LiveFeedGrain(LiveFeed feed) : Grain, ILiveFeedGrain
{
    public Task<long> Subscribe(ILiveWatcher watcher, IReadOnlyList<string> projects)
    {
        // Were it elsewhere, its gateway would hear of the wrong silo's sessions.
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
