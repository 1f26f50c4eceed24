namespace Sessions;

/// <summary>Where watchers find the silos' live feeds.</summary>
/// <param name="Reference">How silos call a watcher; it must be kept alive by somebody.</param>
/// <param name="Silos">The keys of the feeds of all silos that are at work.</param>
/// <param name="Feed">A silo's feed, by its key.</param>
internal sealed record LiveFeeds(
    Func<ILiveWatcher, ILiveWatcher> Reference,
    Func<CancellationToken, Task<IReadOnlyList<string>>> Silos,
    Func<string, ILiveFeedGrain> Feed)
{
    public static LiveFeeds Of(IGrainFactory grains) => new(
        grains.CreateObjectReference<ILiveWatcher>,
        async stopping =>
            [.. (await grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true, stopping)).Keys.Select(host => host.ToParsableString())],
        key => grains.GetGrain<ILiveFeedGrain>(key));
}
