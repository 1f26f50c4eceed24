using System.Collections.Frozen;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Domain;

namespace Sessions.Grains;

/// <summary>
/// Tells gateways and backends what happens to the live sessions of this silo. While nobody watches a project it costs its sessions
/// one look.
/// </summary>
internal sealed class LiveFeed(
    ILocalSiloDetails silo, IOptions<LiveOptions> options, TimeProvider time, ILogger<LiveFeed> log) : BackgroundService
{
    private readonly Lock _gate = new();
    private readonly WaitingNews _waiting = new(options.Value.MaxWaiting);
    private readonly Dictionary<ILiveWatcher, Subscription> _subscriptions = [];
    private volatile FrozenSet<string> _watched = [];
    private bool _lost;

    /// <summary>The key of this silo's feed.</summary>
    public string Key { get; } = silo.SiloAddress.ToParsableString();

    /// <summary>How many gateways are told.</summary>
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

    /// <summary>Whether anybody watches the project.</summary>
    public bool IsWatched(string project) => _watched.Contains(project);

    /// <summary>Takes what has become of a session that is live or was.</summary>
    public void Tell(SessionKey session, SessionState state, SessionRules rules, bool wasLive)
    {
        lock (_gate)
        {
            _lost |= !_waiting.Add(session, state, rules, wasLive);
        }
    }

    /// <inheritdoc cref="ILiveFeedGrain.Subscribe"/>
    /// <exception cref="InvalidOperationException">There are as many subscriptions as there may be.</exception>
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
            subscription.RenewedAt = time.GetTimestamp();
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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer pace = new(options.Value.Pace, time);
        try
        {
            while (await pace.WaitForNextTickAsync(stoppingToken))
            {
                Send();
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    private void Send()
    {
        List<(ILiveWatcher Watcher, Subscription Subscription, LiveBatch Batch)> sends = [];
        lock (_gate)
        {
            DropExpired();
            IReadOnlyList<LiveNews> news = _waiting.Take(options.Value.MaxBatch);
            foreach ((ILiveWatcher watcher, Subscription subscription) in _subscriptions)
            {
                subscription.Hold(news, _lost, options.Value.MaxWaiting);
                // What came before is on its way: two batches that overtake each other would be told in the wrong order.
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
            // It finds the gap in the numbers when it renews; a watcher that is gone does not.
            log.LogDebug(failure, "A watcher did not take the news of live sessions");
        }
    }

    private void DropExpired()
    {
        foreach ((ILiveWatcher watcher, Subscription subscription) in _subscriptions)
        {
            if (time.GetElapsedTime(subscription.RenewedAt) > options.Value.SubscriptionLifetime)
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
            _waiting.Clear();
        }
    }

    private sealed class Subscription
    {
        private readonly Queue<LiveNews> _held = [];
        private bool _lost;

        public FrozenSet<string> Projects { get; set; } = [];

        public long RenewedAt { get; set; }

        public long Number { get; set; } = 1;

        public Task Sending { get; set; } = Task.CompletedTask;

        /// <summary>Takes news of its projects until they can be sent; the oldest go when there is no room.</summary>
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

        /// <summary>What is sent next, by its number; null when there is nothing to tell.</summary>
        public LiveNews[]? Next(int most)
        {
            if (_held.Count == 0 && !_lost)
            {
                return null;
            }

            // A number that is never sent tells the watcher to look for itself what it has missed.
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
