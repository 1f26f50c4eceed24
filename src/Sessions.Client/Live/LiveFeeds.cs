namespace Sessions.Client.Live;

/// <summary>Finds the silos' live feeds.</summary>
/// <param name="Reference">
/// Makes the reference by which silos call a watcher. The caller must keep the watcher alive.
/// </param>
/// <param name="Silos">Reads the keys of the feeds of all active silos.</param>
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
