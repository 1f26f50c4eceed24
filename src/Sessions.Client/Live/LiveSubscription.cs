using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Sessions.Client.Live;

/// <summary>Receives the changes of live sessions in this process.</summary>
internal interface ILiveAudience
{
    /// <summary>The projects whose sessions are watched now. While there are none, no silo sends anything.</summary>
    string[] Projects { get; }

    /// <summary>Takes a batch of changes from a silo.</summary>
    /// <param name="news">One change for each session that has changed.</param>
    /// <param name="mayHaveMissed">Whether a batch before this one was lost.</param>
    void Take(IReadOnlyList<LiveNews> news, bool mayHaveMissed);

    /// <summary>
    /// Called after each renewal of the subscriptions. A failure is logged, and the next renewal then says that
    /// something may have been missed.
    /// </summary>
    /// <param name="projects">The projects of the renewed subscriptions.</param>
    /// <param name="renewal">The result of the renewal.</param>
    /// <param name="stopping">Ends when the process stops.</param>
    Task Renewed(IReadOnlyList<string> projects, LiveRenewal renewal, CancellationToken stopping);
}

/// <summary>The result of a renewal of the subscriptions.</summary>
/// <param name="MayHaveMissed">Whether changes may have been missed since the previous renewal.</param>
/// <param name="IsWhole">Whether all silos accepted the subscription.</param>
internal readonly record struct LiveRenewal(bool MayHaveMissed, bool IsWhole);

/// <summary>
/// A process' subscription to the live sessions of all silos: one at each silo, however many watches there are, and
/// none when there are no watches. Periodic renewals also find silos that started or stopped.
/// </summary>
internal sealed partial class LiveSubscription : ILiveWatcher
{
    // Holds one request at most: several requests at the same moment cause one renewal.
    private readonly Channel<bool> _wishes =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly ILiveAudience _audience;
    private readonly TimeSpan _period;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SiloFeeds _feeds;
    private bool _hasFailed;

    /// <param name="feeds">The way to the silos.</param>
    /// <param name="audience">Receives the changes. Its owner must keep it alive.</param>
    /// <param name="period">How often the subscriptions are renewed.</param>
    /// <param name="patience">How long a silo may take to answer.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Gets a line for silos that can't be reached.</param>
    public LiveSubscription(
        LiveFeeds feeds, ILiveAudience audience, TimeSpan period, TimeSpan patience, TimeProvider time, ILogger log)
    {
        (_audience, _period, _time, _log) = (audience, period, time, log);
        _feeds = new SiloFeeds(feeds, this, patience, time, log);
    }

    /// <summary>Renews soon, because the audience has changed.</summary>
    public void RenewSoon() => _wishes.Writer.TryWrite(true);

    /// <summary>Renews the subscriptions until the process stops, and then ends them.</summary>
    public async Task Run(CancellationToken stopping)
    {
        await using ITimer timer = _time.CreateTimer(_ => RenewSoon(), null, _period, _period);
        try
        {
            await foreach (bool _ in _wishes.Reader.ReadAllAsync(stopping))
            {
                await Renew(stopping);
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
        finally
        {
            await _feeds.Unsubscribe(CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public Task Take(LiveBatch batch)
    {
        bool isLost = _feeds.Note(batch);
        _audience.Take(batch.News, isLost);
        return Task.CompletedTask;
    }

    private async Task Renew(CancellationToken stopping)
    {
        string[] projects = _audience.Projects;
        if (projects.Length == 0)
        {
            await _feeds.Unsubscribe(stopping);
            return;
        }

        try
        {
            LiveRenewal renewal = await _feeds.Renew(projects, stopping);
            await _audience.Renewed(projects, renewal with { MayHaveMissed = renewal.MayHaveMissed || _hasFailed }, stopping);
            _hasFailed = false;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException && !stopping.IsCancellationRequested)
        {
            // An unhandled exception here would stop the host, so every failure is caught.
            if (!_hasFailed)
            {
                LogFailure(failure.Message, _period);
            }

            _hasFailed = true;
        }
    }

    [LoggerMessage(8010, LogLevel.Warning, "Changes of sessions can't be received now ({Reason}). This process tries again every {Period}, and changes may be "
        + "missing until then. Check that the silos run and that this process can reach them.")]
    private partial void LogFailure(string reason, TimeSpan period);
}
