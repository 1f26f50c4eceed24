using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Sessions;

/// <summary>
/// Brings what happens to sessions from every silo to this process' watches: one subscription a silo, however many they
/// are, and none while there are none.
/// </summary>
internal sealed partial class SessionFollower : BackgroundService, ILiveWatcher
{
    private readonly Lock _gate = new();
    private readonly HashSet<SessionWatch> _watches = [];
    private readonly Channel<bool> _wishes =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly SessionsClientOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<SessionFollower> _log;
    private readonly SiloFeeds _feeds;
    private bool _hasStopped;
    private bool _missed;
    private bool _isFailing;

    public SessionFollower(
        LiveFeeds feeds, IOptions<SessionsClientOptions> options, TimeProvider time, ILogger<SessionFollower> log)
    {
        _options = options.Value;
        _time = time;
        _log = log;
        _feeds = new SiloFeeds(feeds, this, _options.AttemptTimeout, time, log);
    }

    /// <summary>A watch to which everything is told from when this completes.</summary>
    /// <exception cref="SessionsUnavailableException">The silos can't be followed within the patience.</exception>
    /// <exception cref="InvalidOperationException">The host has stopped.</exception>
    public async Task<SessionWatch> Watch(CancellationToken cancellation)
    {
        SessionWatch watch = new(_options.MaxWatchedNews, Leave);
        lock (_gate)
        {
            if (_hasStopped)
            {
                throw Stopped();
            }

            _watches.Add(watch);
        }

        _wishes.Writer.TryWrite(true);
        try
        {
            await watch.Followed.WaitAsync(_options.Patience, _time, cancellation);
            return watch;
        }
        catch (TimeoutException late)
        {
            await watch.DisposeAsync();
            throw new SessionsUnavailableException($"Not every silo could be followed within {_options.Patience}.", late);
        }
        catch
        {
            await watch.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task Take(LiveBatch batch)
    {
        SessionWatch[] watches = Watches();
        if (_feeds.Note(batch))
        {
            Array.ForEach(watches, watch => watch.AddGap());
        }

        foreach (LiveNews told in batch.News.Where(told => told.Project == _options.Project))
        {
            foreach (SessionNews news in NewsOf(told))
            {
                Array.ForEach(watches, watch => watch.Take(news));
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _hasStopped = true;
        }

        Array.ForEach(Watches(), watch => watch.End(Stopped()));
        return base.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using ITimer timer = _time.CreateTimer(
            _ => _wishes.Writer.TryWrite(true), null, _options.RenewWatches, _options.RenewWatches);
        try
        {
            await foreach (bool _ in _wishes.Reader.ReadAllAsync(stoppingToken))
            {
                await Round(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
        finally
        {
            await _feeds.Unsubscribe(CancellationToken.None);
        }
    }

    private async Task Round(CancellationToken stopping)
    {
        SessionWatch[] watches = Watches();
        if (watches.Length == 0)
        {
            await _feeds.Unsubscribe(stopping);
            return;
        }

        try
        {
            SiloFeeds.Renewal renewal = await _feeds.Renew([_options.Project], stopping);
            bool missed = _missed || renewal.MayHaveMissed;
            _missed = false;
            foreach (SessionWatch watch in watches)
            {
                if (missed)
                {
                    watch.AddGap();
                }

                if (renewal.IsWhole)
                {
                    watch.Begin();
                }
            }

            if (!renewal.IsWhole && watches.Any(watch => !watch.Followed.IsCompleted))
            {
                await Task.Delay(_options.LongestPause, _time, stopping);
                _wishes.Writer.TryWrite(true);
            }

            _isFailing = false;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException && !stopping.IsCancellationRequested)
        {
            // Whatever it is, it is no reason to end the host that watches.
            _missed = true;
            if (!_isFailing)
            {
                _isFailing = true;
                LogFailure(failure.Message);
            }
        }
    }

    private static IEnumerable<SessionNews> NewsOf(LiveNews told)
    {
        bool hasEnded = told.Session.Status == SessionStatus.Ended;
        if (told.Began || !hasEnded)
        {
            yield return new SessionNews(told.Began ? SessionNewsKind.Started : SessionNewsKind.Updated, told.Session);
        }

        if (hasEnded)
        {
            yield return new SessionNews(SessionNewsKind.Ended, told.Session);
        }
    }

    private static InvalidOperationException Stopped() => new("The host has stopped: nothing is told any more.");

    private SessionWatch[] Watches()
    {
        lock (_gate)
        {
            return [.. _watches];
        }
    }

    private void Leave(SessionWatch watch)
    {
        lock (_gate)
        {
            _watches.Remove(watch);
        }

        _wishes.Writer.TryWrite(true);
    }

    [LoggerMessage(LogLevel.Warning, "Sessions can't be followed now; it is tried again: {Reason}")]
    private partial void LogFailure(string reason);
}
