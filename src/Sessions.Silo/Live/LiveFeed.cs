using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Database;
using Sessions.Domain;
using Sessions.Domain.Folding;

namespace Sessions.Silo.Live;

/// <summary>
/// Sends the changes of this silo's live sessions to gateways and backends that subscribe. If nobody watches a project,
/// each change costs one look-up.
/// </summary>
internal sealed partial class LiveFeed(
    ILocalSiloDetails silo, IOptions<LiveOptions> options, TimeProvider time, ILogger<LiveFeed> log)
    : PeriodicWork(options.Value.Pace, time)
{
    private readonly Lock _gate = new();
    private readonly UnsentChanges _unsent = new(options.Value.MaxWaiting);
    private readonly Dictionary<ILiveWatcher, Subscription> _subscriptions = [];
    private volatile FrozenSet<string> _watched = [];
    private bool _lost;

    /// <summary>The key of this silo's feed.</summary>
    public string Key { get; } = silo.SiloAddress.ToParsableString();

    /// <summary>The number of subscribed gateways and backends.</summary>
    internal int Subscriptions
    {
        get
        {
            lock (_gate)
            {
                return _subscriptions.Count;
            }
        }
    }

    /// <summary>Whether a subscriber watches the project.</summary>
    public bool IsWatched(string project) => _watched.Contains(project);

    /// <summary>Queues the new state of a session that is live or has just ended.</summary>
    public void Publish(SessionKey session, SessionState state, SessionRules rules, bool wasLive)
    {
        lock (_gate)
        {
            _lost |= !_unsent.Add(session, state, rules, wasLive);
        }
    }

    /// <inheritdoc cref="ILiveFeedGrain.Subscribe"/>
    /// <exception cref="InvalidOperationException">
    /// The silo has <see cref="LiveOptions.MaxSubscriptions"/> subscriptions already.
    /// </exception>
    public long Subscribe(ILiveWatcher watcher, IReadOnlyList<string> projects)
    {
        lock (_gate)
        {
            bool isNew = !_subscriptions.TryGetValue(watcher, out Subscription? subscription);
            if (isNew)
            {
                if (_subscriptions.Count >= options.Value.MaxSubscriptions)
                {
                    throw new InvalidOperationException($"The silo sends to {_subscriptions.Count} watchers already (Sessions:Live:{nameof(LiveOptions.MaxSubscriptions)}).");
                }

                _subscriptions[watcher] = subscription = new Subscription();
            }

            subscription!.Projects = projects.ToFrozenSet();
            subscription.RenewedAt = Time.GetTimestamp();
            Recount();
            return isNew ? 0 : subscription.Number;
        }
    }

    /// <inheritdoc cref="ILiveFeedGrain.Unsubscribe"/>
    public void Unsubscribe(ILiveWatcher watcher)
    {
        lock (_gate)
        {
            _subscriptions.Remove(watcher);
            Recount();
        }
    }

    protected override Task Step(CancellationToken stopping)
    {
        Send();
        return Task.CompletedTask;
    }

    private void Send()
    {
        List<(ILiveWatcher Watcher, Subscription Subscription, LiveBatch Batch)> sends = [];
        lock (_gate)
        {
            DropExpired();
            IReadOnlyList<LiveNews> news = _unsent.Take(options.Value.MaxBatch);
            foreach ((ILiveWatcher watcher, Subscription subscription) in _subscriptions)
            {
                subscription.Hold(news, _lost, options.Value.MaxWaiting);
                // One batch at a time: two concurrent batches could arrive in the wrong order.
                if (subscription.Sending.IsCompleted && subscription.Next(options.Value.MaxBatch) is { } next)
                {
                    sends.Add((watcher, subscription, new LiveBatch(Key, subscription.Number, next)));
                }
            }

            _lost = false;
        }

        foreach ((ILiveWatcher watcher, Subscription subscription, LiveBatch batch) in sends)
        {
            subscription.Sending = Send(watcher, batch);
        }
    }

    private async Task Send(ILiveWatcher watcher, LiveBatch batch)
    {
        try
        {
            await watcher.Take(batch);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // A subscriber that is alive finds the gap in the numbers when it renews its subscription.
            LogNotTaken(failure);
        }
    }

    private void DropExpired()
    {
        foreach ((ILiveWatcher watcher, Subscription subscription) in _subscriptions)
        {
            if (Time.GetElapsedTime(subscription.RenewedAt) > options.Value.SubscriptionLifetime)
            {
                _subscriptions.Remove(watcher);
                Recount();
            }
        }
    }

    private void Recount()
    {
        _watched = _subscriptions.Values.SelectMany(subscription => subscription.Projects).ToFrozenSet();
        if (_subscriptions.Count == 0)
        {
            _unsent.Clear();
        }
    }

    [LoggerMessage(1060, LogLevel.Debug, "A watcher of live sessions did not take a batch. It reads what it missed when it renews its subscription.")]
    private partial void LogNotTaken(Exception failure);

    [LoggerMessage(1061, LogLevel.Warning, "Changes of live sessions can't be sent now ({Reason}). The silo tries again at its next turn, and watchers read what "
        + "they missed. If this goes on, restart the silo and report the fault.")]
    protected override partial void LogFailing(string reason, Exception? fault);

    [LoggerMessage(1062, LogLevel.Information, "Changes of live sessions are sent again.")]
    protected override partial void LogWorking();

    private sealed class Subscription
    {
        private readonly Queue<LiveNews> _held = [];
        private bool _lost;

        public FrozenSet<string> Projects { get; set; } = [];

        public long RenewedAt { get; set; }

        public long Number { get; set; } = 1;

        public Task Sending { get; set; } = Task.CompletedTask;

        /// <summary>
        /// Queues the news of the subscriber's projects. When the queue is full, the oldest are dropped.
        /// </summary>
        public void Hold(IReadOnlyList<LiveNews> news, bool lost, int most)
        {
            _lost |= lost;
            foreach (LiveNews one in news.Where(one => Projects.Contains(one.Project)))
            {
                _held.Enqueue(one);
            }

            while (_held.Count > most)
            {
                _held.Dequeue();
                _lost = true;
            }
        }

        /// <summary>The next batch; null when nothing is queued.</summary>
        public LiveNews[]? Next(int most)
        {
            if (_held.Count == 0 && !_lost)
            {
                return null;
            }

            // A skipped number tells the subscriber that it has missed news.
            Number += _lost ? 2 : 1;
            _lost = false;
            LiveNews[] next = [.. _held.Take(most)];
            for (int taken = 0; taken < next.Length; taken++)
            {
                _held.Dequeue();
            }

            return next;
        }
    }
}
