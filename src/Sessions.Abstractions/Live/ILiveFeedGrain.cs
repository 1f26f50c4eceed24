namespace Sessions;

/// <summary>
/// What happens to the live sessions of one silo, for gateways and backends that watch. Its key is the silo's address as
/// <see cref="SiloAddress.ToParsableString"/> writes it, and it lives on that silo.
/// </summary>
[Alias("sessions.ILiveFeedGrain")]
public interface ILiveFeedGrain : IGrainWithStringKey
{
    /// <summary>Subscribes, or renews a subscription and says which projects it is for now. It must be renewed to last.</summary>
    /// <returns>The number of the batch that was sent last; 0 for a subscription that is new here.</returns>
    [Alias("Subscribe")]
    Task<long> Subscribe(ILiveWatcher watcher, [Immutable] IReadOnlyList<string> projects);

    /// <summary>Ends a subscription.</summary>
    [Alias("Unsubscribe")]
    Task Unsubscribe(ILiveWatcher watcher);
}

/// <summary>A gateway or a backend that watches.</summary>
[Alias("sessions.ILiveWatcher")]
public interface ILiveWatcher : IGrainObserver
{
    /// <summary>Takes what has happened on a silo.</summary>
    [Alias("Take")]
    Task Take([Immutable] LiveBatch batch);
}

/// <summary>What has happened to a silo's live sessions since the batch before.</summary>
/// <param name="Silo">The key of the silo's feed.</param>
/// <param name="Number">One more than that of the batch before; a gap tells that one got lost.</param>
/// <param name="News">One for each session to which something happened.</param>
[GenerateSerializer, Immutable, Alias("sessions.live-batch")]
public sealed record LiveBatch(
    [property: Id(0)] string Silo, [property: Id(1)] long Number, [property: Id(2)] IReadOnlyList<LiveNews> News);

/// <summary>What has happened to a session since it was told of last.</summary>
/// <param name="Project">Whose it is.</param>
/// <param name="Session">The session now.</param>
/// <param name="Began">Whether it was not live then: it is new, or goes on after it had ended for being idle.</param>
[GenerateSerializer, Immutable, Alias("sessions.live-news")]
public sealed record LiveNews(
    [property: Id(0)] string Project, [property: Id(1)] Session Session, [property: Id(2)] bool Began);
