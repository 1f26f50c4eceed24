using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Gateway.Api;
using Sessions.Grains;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Live;

/// <summary>
/// Brings what happens to live sessions from every silo to those who watch at this gateway: one subscription a silo,
/// however many they are, and none while nobody does. When a silo comes or goes, or a batch got lost, it looks up in
/// Postgres what was missed.
/// </summary>
internal sealed class LiveHub(
    IGrainFactory grains, LiveQueries queries, IOptions<LiveStreamOptions> options, TimeProvider time, ILogger<LiveHub> log)
    : BackgroundService, ILiveWatcher
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LiveProject> _projects = [];
    private readonly ConcurrentDictionary<string, Silo> _silos = new();
    private readonly Channel<bool> _wishes =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private ILiveWatcher? _reference;
    private int _streams;
    private volatile bool _missed;
    private bool _isFailing;

    /// <summary>A way to the news of one project; null when there are as many as there may be.</summary>
    /// <exception cref="SessionsUnavailableException">The silos can't be followed now.</exception>
    public async Task<LiveWatch?> Watch(string project, CancellationToken cancellation)
    {
        LiveProject followed;
        Channel<byte[]> messages;
        lock (_gate)
        {
            if (_streams >= options.Value.MaxStreams)
            {
                return null;
            }

            _streams++;
            if (!_projects.TryGetValue(project, out followed!))
            {
                _projects[project] = followed = new LiveProject(options.Value.MaxWaiting, options.Value.MaxKnown);
                _wishes.Writer.TryWrite(true);
            }

            messages = followed.Add();
        }

        LiveWatch watch = new(messages.Reader, () => Leave(project, followed, messages));
        try
        {
            await followed.Followed.WaitAsync(options.Value.Patience, time, cancellation);
            return watch;
        }
        catch (Exception failure)
        {
            watch.Dispose();
            throw failure is TimeoutException
                ? new SessionsUnavailableException("The silos can't be followed now.", failure)
                : failure;
        }
    }

    /// <inheritdoc/>
    public Task Take(LiveBatch batch)
    {
        if (_silos.TryGetValue(batch.Silo, out Silo? silo))
        {
            // One that ended and was made anew at the silo counts from the beginning.
            _missed |= batch.Number > silo.Seen + 1;
            silo.Seen = batch.Number;
        }

        foreach (LiveNews news in batch.News)
        {
            LiveProject? project;
            lock (_gate)
            {
                _projects.TryGetValue(news.Project, out project);
            }

            project?.Take(news);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using ITimer timer = time.CreateTimer(
            _ => _wishes.Writer.TryWrite(true), null, options.Value.Renew, options.Value.Renew);
        try
        {
            await foreach (bool _ in _wishes.Reader.ReadAllAsync(stoppingToken))
            {
                await Round(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
        finally
        {
            await Unsubscribe(CancellationToken.None);
        }
    }

    private async Task Round(CancellationToken stopping)
    {
        KeyValuePair<string, LiveProject>[] watched;
        lock (_gate)
        {
            watched = [.. _projects];
        }

        if (watched.Length == 0)
        {
            await Unsubscribe(stopping);
            return;
        }

        try
        {
            bool changed = await Renew([.. watched.Select(project => project.Key)], stopping);
            bool lookAtAll = changed || _missed;
            _missed = false;
            foreach ((string name, LiveProject project) in watched)
            {
                if (lookAtAll || !project.Followed.IsCompleted)
                {
                    await CatchUp(name, project, stopping);
                }
            }

            _isFailing = false;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException && !stopping.IsCancellationRequested)
        {
            _missed = true;
            if (!_isFailing)
            {
                _isFailing = true;
                log.LogWarning("Live sessions can't be followed now: {Reason}", failure.Message);
            }
        }
    }

    /// <summary>Subscribes at every silo there is; returns whether something may have been missed.</summary>
    private async Task<bool> Renew(string[] projects, CancellationToken stopping)
    {
        _reference ??= grains.CreateObjectReference<ILiveWatcher>(this);
        Dictionary<SiloAddress, SiloStatus> hosts = await grains.GetGrain<IManagementGrain>(0)
            .GetHosts(onlyActive: true, stopping).WaitAsync(options.Value.Patience, time, stopping);
        string[] keys = [.. hosts.Keys.Select(host => host.ToParsableString())];
        bool changed = false;
        foreach (string gone in _silos.Keys.Except(keys))
        {
            changed |= _silos.TryRemove(gone, out _);
        }

        bool[] news = await Task.WhenAll(keys.Select(key => Renew(key, projects, stopping)));
        return changed || news.Contains(true);
    }

    private async Task<bool> Renew(string key, string[] projects, CancellationToken stopping)
    {
        Silo? known = _silos.GetValueOrDefault(key);
        // Known before it can send, so that its first batch is not taken for a stranger's.
        Silo silo = known ?? _silos.GetOrAdd(key, _ => new Silo());
        try
        {
            long sent = await grains.GetGrain<ILiveFeedGrain>(key).Subscribe(_reference!, projects)
                .WaitAsync(options.Value.Patience, time, stopping);
            // Zero is a subscription that is new there. What had been sent at the renewal before must have come by now.
            bool missed = known is null || sent == 0 || silo.Seen < silo.Sent;
            if (missed)
            {
                silo.Seen = sent > 0 ? sent : 1;
            }

            silo.Sent = Math.Max(sent, 1);
            return missed;
        }
        catch (Exception failure) when (UnavailableAnswer.IsUnavailable(failure) || failure is InvalidOperationException)
        {
            // A silo that has just gone is not among the hosts the next time; one that is there is asked again.
            log.LogDebug(failure, "The silo {Silo} can't be followed now", key);
            _silos.TryRemove(key, out _);
            return false;
        }
    }

    private async Task CatchUp(string name, LiveProject project, CancellationToken stopping)
    {
        HashSet<Guid> live = await queries.GetIds(name, options.Value.MaxKnown, stopping);
        (IReadOnlyList<Guid> missed, IReadOnlyList<Guid> gone) = project.Compare(live);
        foreach (Guid[] some in missed.Concat(gone).Take(options.Value.MaxCaughtUp).Chunk(1_000))
        {
            project.CatchUp(await queries.GetSessions(name, some, stopping));
        }

        // The rest the next time.
        _missed |= missed.Count + gone.Count > options.Value.MaxCaughtUp;
    }

    private async Task Unsubscribe(CancellationToken stopping)
    {
        foreach (string key in _silos.Keys)
        {
            _silos.TryRemove(key, out _);
            try
            {
                await grains.GetGrain<ILiveFeedGrain>(key).Unsubscribe(_reference!).WaitAsync(options.Value.Patience, time, stopping);
            }
            catch (Exception failure) when (UnavailableAnswer.IsUnavailable(failure) || failure is ObjectDisposedException or OperationCanceledException)
            {
                // Not renewed, it ends by itself.
                log.LogDebug(failure, "The silo {Silo} could not be told that nobody watches any more", key);
            }
        }
    }

    private void Leave(string project, LiveProject followed, Channel<byte[]> messages)
    {
        lock (_gate)
        {
            _streams--;
            if (followed.Remove(messages) == 0 && _projects.GetValueOrDefault(project) == followed)
            {
                _projects.Remove(project);
            }
        }
    }

    private sealed class Silo
    {
        /// <summary>The number of the last batch that came.</summary>
        public long Seen { get; set; }

        /// <summary>The number of the last batch that had been sent when the subscription was renewed.</summary>
        public long Sent { get; set; }
    }
}

/// <summary>Somebody who watches; disposed, they don't any more.</summary>
/// <param name="messages">What comes; it ends when they were too slow.</param>
/// <param name="leave">Called once.</param>
internal sealed class LiveWatch(ChannelReader<byte[]> messages, Action leave) : IDisposable
{
    private Action? _leave = leave;

    public ChannelReader<byte[]> Messages { get; } = messages;

    public void Dispose() => Interlocked.Exchange(ref _leave, null)?.Invoke();
}
