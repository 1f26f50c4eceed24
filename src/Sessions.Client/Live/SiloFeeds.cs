using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sessions.Client.Calls;

namespace Sessions.Client.Live;

/// <summary>
/// One watcher's subscriptions at the live feeds of all silos. The owner renews them every few seconds; a renewal also
/// finds silos that started or stopped.
/// </summary>
/// <param name="feeds">The way to the silos.</param>
/// <param name="watcher">Gets the batches. The caller must keep it alive.</param>
/// <param name="patience">How long a silo may take to answer.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Gets a line for silos that do not answer.</param>
internal sealed partial class SiloFeeds(
    LiveFeeds feeds, ILiveWatcher watcher, TimeSpan patience, TimeProvider time, ILogger log)
{
    private readonly ConcurrentDictionary<string, Silo> _silos = new();
    private ILiveWatcher? _reference;

    /// <summary>Records a batch. Returns whether a batch before it was lost.</summary>
    public bool Note(LiveBatch batch)
    {
        if (!_silos.TryGetValue(batch.Silo, out Silo? silo))
        {
            return false;
        }

        return silo.Take(batch.Number);
    }

    /// <summary>Subscribes at every silo, or renews the subscriptions.</summary>
    /// <param name="projects">The projects that are watched now.</param>
    /// <param name="stopping">Stops the renewal.</param>
    public async Task<LiveRenewal> Renew(string[] projects, CancellationToken stopping)
    {
        _reference ??= feeds.Reference(watcher);
        IReadOnlyList<string> keys = await feeds.Silos(stopping).WaitAsync(patience, time, stopping);
        bool changed = false;
        foreach (string gone in _silos.Keys.Except(keys))
        {
            changed |= _silos.TryRemove(gone, out _);
        }

        LiveRenewal[] renewals = await Task.WhenAll(keys.Select(key => Renew(key, projects, stopping)));
        return new LiveRenewal(changed || renewals.Any(one => one.MayHaveMissed), renewals.All(one => one.IsWhole));
    }

    /// <summary>Ends all subscriptions.</summary>
    public Task Unsubscribe(CancellationToken stopping) => Task.WhenAll(_silos.Keys.Select(key => Unsubscribe(key, stopping)));

    private async Task Unsubscribe(string key, CancellationToken stopping)
    {
        _silos.TryRemove(key, out _);
        try
        {
            await feeds.Feed(key).Unsubscribe(_reference!).WaitAsync(patience, time, stopping);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // The subscription is not renewed any more, so it ends by itself.
            LogNotTold(failure, key);
        }
    }

    private async Task<LiveRenewal> Renew(string key, string[] projects, CancellationToken stopping)
    {
        // Added before the silo can send, so that its first batch is recognised.
        Silo silo = _silos.GetOrAdd(key, _ => new Silo());
        try
        {
            long sent = await feeds.Feed(key).Subscribe(_reference!, projects).WaitAsync(patience, time, stopping);
            return new LiveRenewal(silo.Renew(sent), IsWhole: true);
        }
        catch (Exception failure) when (HedgedCall.IsPassing(failure, stopping) || failure is InvalidOperationException)
        {
            // The next renewal leaves out a silo that has stopped, and retries one that is active.
            LogNotFollowed(failure, key);
            _silos.TryRemove(key, out _);
            return new LiveRenewal(MayHaveMissed: silo.IsFollowed, IsWhole: false);
        }
    }

    [LoggerMessage(8040, LogLevel.Debug, "The changes of silo {Silo} can't be received now. The next renewal tries again.")]
    private partial void LogNotFollowed(Exception failure, string silo);

    [LoggerMessage(8041, LogLevel.Debug, "The subscription at silo {Silo} could not be ended. It ends by itself, since nobody renews it.")]
    private partial void LogNotTold(Exception failure, string silo);

    /// <summary>
    /// The batch numbers of a silo's feed. Thread-safe, because batches arrive while a renewal is running.
    /// </summary>
    private sealed class Silo
    {
        /// <summary>The number before a feed's first batch.</summary>
        private const long None = 1;

        private readonly Lock _gate = new();

        /// <summary>The number of the last batch that arrived.</summary>
        private long _seen = None;

        /// <summary>The number of the last batch that had been sent when the subscription was renewed.</summary>
        private long _sent = None;

        /// <summary>Whether the silo has accepted the subscription.</summary>
        public bool IsFollowed { get; private set; }

        /// <summary>Records a batch. Returns whether a batch before it was lost.</summary>
        public bool Take(long number)
        {
            lock (_gate)
            {
                // A subscription that ended and was made again counts from the beginning.
                bool isLost = number > _seen + 1;
                _seen = number;
                return isLost;
            }
        }

        /// <summary>Records a renewal. Returns whether a batch before it may have been lost.</summary>
        /// <param name="sent">
        /// The silo's answer: the number of the last batch, or 0 for a subscription that is new there.
        /// </param>
        public bool Renew(long sent)
        {
            lock (_gate)
            {
                bool isNew = !IsFollowed || sent == 0;
                bool isLost = isNew || _seen < _sent;
                if (isLost)
                {
                    // Batches of a new subscription may have arrived before this answer.
                    _seen = sent > 0 ? Math.Max(_seen, sent) : IsFollowed ? None : _seen;
                }

                // Batches that were sent by now must arrive before the next renewal.
                _sent = Math.Max(sent, None);
                IsFollowed = true;
                return isLost;
            }
        }
    }
}
