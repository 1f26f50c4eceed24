namespace Sessions;

/// <summary>
/// Sends the changes of one silo's live sessions to gateways and backends. Its key is the silo's address as
/// <see cref="SiloAddress.ToParsableString"/> writes it, and it runs on that silo.
/// </summary>
[Alias("sessions.ILiveFeedGrain")]
public interface ILiveFeedGrain : IGrainWithStringKey
{
    /// <summary>
    /// Subscribes, or renews a subscription and changes its projects. A subscription that is not renewed ends.
    /// </summary>
    /// <returns>The number of the last batch that was sent; 0 for a subscription that is new on this silo.</returns>
    [Alias("Subscribe")]
    Task<long> Subscribe(ILiveWatcher watcher, [Immutable] IReadOnlyList<string> projects);

    /// <summary>Ends a subscription.</summary>
    [Alias("Unsubscribe")]
    Task Unsubscribe(ILiveWatcher watcher);
}

/// <summary>A gateway or backend that subscribes to live sessions.</summary>
[Alias("sessions.ILiveWatcher")]
public interface ILiveWatcher : IGrainObserver
{
    /// <summary>Receives a batch of changes from a silo.</summary>
    [Alias("Take")]
    Task Take([Immutable] LiveBatch batch);
}

/// <summary>The changes of a silo's live sessions since the previous batch.</summary>
/// <param name="Silo">The key of the silo's feed.</param>
/// <param name="Number">The number of the previous batch plus one. A gap means that a batch was lost.</param>
/// <param name="News">One change for each session that has changed.</param>
[GenerateSerializer, Immutable, Alias("sessions.live-batch")]
public sealed record LiveBatch(
    [property: Id(0)] string Silo, [property: Id(1)] long Number, [property: Id(2)] IReadOnlyList<LiveNews> News);

/// <summary>The change of a session since it was last sent.</summary>
/// <param name="Project">The session's project.</param>
/// <param name="Session">The session as it is now.</param>
/// <param name="Began">
/// Whether the session was not live before: it is new, or it became live again after an idle end.
/// </param>
[GenerateSerializer, Immutable, Alias("sessions.live-news")]
public sealed record LiveNews(
    [property: Id(0)] string Project, [property: Id(1)] Session Session, [property: Id(2)] bool Began);
