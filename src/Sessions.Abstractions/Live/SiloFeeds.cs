using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sessions;

/// <summary>
/// One watcher's subscriptions at the live feeds of all silos. Renewed every few seconds they last, and follow silos that
/// come and go.
/// </summary>
/// <param name="grains">The way to the silos.</param>
/// <param name="watcher">Who gets the batches; it must be kept alive by somebody.</param>
/// <param name="patience">How long a silo may take to answer.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Told of silos that do not answer.</param>
internal sealed partial class SiloFeeds(
    IGrainFactory grains, ILiveWatcher watcher, TimeSpan patience, TimeProvider time, ILogger log)
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

        // One that ended and was made anew at the silo counts from the beginning.
        bool isLost = batch.Number > silo.Seen + 1;
        silo.Seen = batch.Number;
        return isLost;
    }

    /// <summary>Subscribes at every silo there is, or renews.</summary>
    /// <param name="projects">Whose sessions are watched now.</param>
    /// <param name="stopping">Ends the asking.</param>
    public async Task<Renewal> Renew(string[] projects, CancellationToken stopping)
    {
        _reference ??= grains.CreateObjectReference<ILiveWatcher>(watcher);
        Dictionary<SiloAddress, SiloStatus> hosts = await grains.GetGrain<IManagementGrain>(0)
            .GetHosts(onlyActive: true, stopping).WaitAsync(patience, time, stopping);
        string[] keys = [.. hosts.Keys.Select(host => host.ToParsableString())];
        bool changed = false;
        foreach (string gone in _silos.Keys.Except(keys))
        {
            changed |= _silos.TryRemove(gone, out _);
        }

        Renewal[] renewals = await Task.WhenAll(keys.Select(key => Renew(key, projects, stopping)));
        return new Renewal(changed || renewals.Any(one => one.MayHaveMissed), renewals.All(one => one.IsWhole));
    }

    /// <summary>Ends all subscriptions.</summary>
    public async Task Unsubscribe(CancellationToken stopping)
    {
        foreach (string key in _silos.Keys)
        {
            _silos.TryRemove(key, out _);
            try
            {
                await grains.GetGrain<ILiveFeedGrain>(key).Unsubscribe(_reference!).WaitAsync(patience, time, stopping);
            }
            catch (Exception failure) when (PatientCalls.IsPassing(failure) || failure is ObjectDisposedException or OperationCanceledException)
            {
                // Not renewed, it ends by itself.
                LogNotTold(failure, key);
            }
        }
    }

    private async Task<Renewal> Renew(string key, string[] projects, CancellationToken stopping)
    {
        Silo? known = _silos.GetValueOrDefault(key);
        // Known before it can send, so that its first batch is not taken for a stranger's.
        Silo silo = known ?? _silos.GetOrAdd(key, _ => new Silo());
        try
        {
            long sent = await grains.GetGrain<ILiveFeedGrain>(key).Subscribe(_reference!, projects).WaitAsync(patience, time, stopping);
            // Zero is a subscription that is new there. What had been sent at the renewal before must have come by now.
            bool missed = known is null || sent == 0 || silo.Seen < silo.Sent;
            if (missed)
            {
                silo.Seen = sent > 0 ? sent : 1;
            }

            silo.Sent = Math.Max(sent, 1);
            return new Renewal(missed, IsWhole: true);
        }
        catch (Exception failure) when (PatientCalls.IsPassing(failure) || failure is InvalidOperationException)
        {
            // A silo that has just gone is not among the hosts the next time; one that is there is asked again.
            LogNotFollowed(failure, key);
            _silos.TryRemove(key, out _);
            return new Renewal(MayHaveMissed: false, IsWhole: false);
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

    private sealed class Silo
    {
        /// <summary>The number of the last batch that came.</summary>
        public long Seen { get; set; }

        /// <summary>The number of the last batch that had been sent when the subscription was renewed.</summary>
        public long Sent { get; set; }
    }
}
