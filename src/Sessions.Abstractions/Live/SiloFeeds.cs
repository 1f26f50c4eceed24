using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sessions;

/// <summary>
/// One watcher's subscriptions at the live feeds of all silos. Renewed every few seconds they last, and follow silos that
/// come and go.
/// </summary>
/// <param name="feeds">The way to the silos.</param>
/// <param name="watcher">Who gets the batches; it must be kept alive by somebody.</param>
/// <param name="patience">How long a silo may take to answer.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Told of silos that do not answer.</param>
internal sealed partial class SiloFeeds(
    LiveFeeds feeds, ILiveWatcher watcher, TimeSpan patience, TimeProvider time, ILogger log)
{
    private readonly ConcurrentDictionary<string, Silo> _silos = new();
    private ILiveWatcher? _reference;

    /// <summary>Takes note of a batch; returns whether one before it got lost.</summary>
    public bool Note(LiveBatch batch)
    {
        if (!_silos.TryGetValue(batch.Silo, out Silo? silo))
        {
            return false;
        }

        return silo.Take(batch.Number);
    }

    /// <summary>Subscribes at every silo there is, or renews.</summary>
    /// <param name="projects">Whose sessions are watched now.</param>
    /// <param name="stopping">Ends the asking.</param>
    public async Task<Renewal> Renew(string[] projects, CancellationToken stopping)
    {
        _reference ??= feeds.Reference(watcher);
        IReadOnlyList<string> keys = await feeds.Silos(stopping).WaitAsync(patience, time, stopping);
        bool changed = false;
        foreach (string gone in _silos.Keys.Except(keys))
        {
            changed |= _silos.TryRemove(gone, out _);
        }

        Renewal[] renewals = await Task.WhenAll(keys.Select(key => Renew(key, projects, stopping)));
        return new Renewal(changed || renewals.Any(one => one.MayHaveMissed), renewals.All(one => one.IsWhole));
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
            // Not renewed, it ends by itself.
            LogNotTold(failure, key);
        }
    }

    private async Task<Renewal> Renew(string key, string[] projects, CancellationToken stopping)
    {
        // Known before it can send, so that its first batch is not taken for a stranger's.
        Silo silo = _silos.GetOrAdd(key, _ => new Silo());
        try
        {
            long sent = await feeds.Feed(key).Subscribe(_reference!, projects).WaitAsync(patience, time, stopping);
            return new Renewal(silo.Renew(sent), IsWhole: true);
        }
        catch (Exception failure) when (PatientCalls.IsPassing(failure) || failure is InvalidOperationException)
        {
            // A silo that has just gone is not among the hosts the next time; one that is there is asked again.
            LogNotFollowed(failure, key);
            _silos.TryRemove(key, out _);
            return new Renewal(MayHaveMissed: silo.IsFollowed, IsWhole: false);
        }
    }

    [LoggerMessage(LogLevel.Debug, "The silo {Silo} can't be followed now")]
    private partial void LogNotFollowed(Exception failure, string silo);

    [LoggerMessage(LogLevel.Debug, "The silo {Silo} could not be told that nobody watches any more")]
    private partial void LogNotTold(Exception failure, string silo);

    /// <summary>What a renewal brought to light.</summary>
    /// <param name="MayHaveMissed">Whether something may have been missed since the one before.</param>
    /// <param name="IsWhole">Whether every silo there is is followed.</param>
    public readonly record struct Renewal(bool MayHaveMissed, bool IsWhole);

    /// <summary>What is known of a silo's batches. They come while a renewal is on its way.</summary>
    private sealed class Silo
    {
        /// <summary>A feed's numbers begin after this.</summary>
        private const long None = 1;

        private readonly Lock _gate = new();

        /// <summary>The number of the last batch that came.</summary>
        private long _seen = None;

        /// <summary>The number of the last batch that had been sent when the subscription was renewed.</summary>
        private long _sent = None;

        /// <summary>Whether the silo has said that it sends.</summary>
        public bool IsFollowed { get; private set; }

        /// <summary>Takes note of a batch; returns whether one before it got lost.</summary>
        public bool Take(long number)
        {
            lock (_gate)
            {
                // A subscription that ended and was made anew counts from the beginning.
                bool isLost = number > _seen + 1;
                _seen = number;
                return isLost;
            }
        }

        /// <summary>Takes note of a renewal; returns whether something may have got lost before it.</summary>
        /// <param name="sent">What the silo says: the last batch's number, or 0 for a subscription that is new there.</param>
        public bool Renew(long sent)
        {
            lock (_gate)
            {
                bool isNew = !IsFollowed || sent == 0;
                bool isLost = isNew || _seen < _sent;
                if (isLost)
                {
                    // Of a subscription that is new, batches may have come before this answer.
                    _seen = sent > 0 ? Math.Max(_seen, sent) : IsFollowed ? None : _seen;
                }

                // What has been sent by now must have come by the next renewal.
                _sent = Math.Max(sent, None);
                IsFollowed = true;
                return isLost;
            }
        }
    }
}
