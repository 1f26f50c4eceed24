using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Client.Live;

namespace Sessions.Client.Tracking;

/// <summary>Passes the changes of sessions on all silos to this process' watches.</summary>
internal sealed class SessionFollower : BackgroundService, ILiveAudience
{
    private readonly Lock _gate = new();
    private readonly HashSet<SessionWatch> _watches = [];
    private readonly SessionsClientOptions _options;
    private readonly TimeProvider _time;
    private readonly LiveSubscription _subscription;
    private bool _hasStopped;

    public SessionFollower(
        LiveFeeds feeds, IOptions<SessionsClientOptions> options, TimeProvider time, ILogger<SessionFollower> log)
    {
        _options = options.Value;
        _time = time;
        _subscription = new LiveSubscription(feeds, this, _options.RenewWatches, _options.AttemptTimeout, time, log);
    }

    /// <summary>Makes a watch that gets all changes from the moment this method completes.</summary>
    /// <exception cref="SessionsUnavailableException">
    /// Not every silo accepted the subscription within the patience.
    /// </exception>
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

        _subscription.RenewSoon();
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
    public string[] Projects => Watches().Length == 0 ? [] : [_options.Project];

    /// <inheritdoc/>
    public void Take(IReadOnlyList<LiveNews> news, bool mayHaveMissed)
    {
        SessionWatch[] watches = Watches();
        if (mayHaveMissed)
        {
            Array.ForEach(watches, watch => watch.AddGap());
        }

        foreach (SessionNews told in news.Where(one => one.Project == _options.Project).SelectMany(NewsOf))
        {
            Array.ForEach(watches, watch => watch.Take(told));
        }
    }

    /// <inheritdoc/>
    public async Task Renewed(IReadOnlyList<string> projects, LiveRenewal renewal, CancellationToken stopping)
    {
        SessionWatch[] watches = Watches();
        if (renewal.MayHaveMissed)
        {
            Array.ForEach(watches, watch => watch.AddGap());
        }

        if (renewal.IsWhole)
        {
            Array.ForEach(watches, watch => watch.Begin());
        }
        else if (watches.Any(watch => !watch.Followed.IsCompleted))
        {
            await Task.Delay(_options.LongestPause, _time, stopping);
            _subscription.RenewSoon();
        }
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
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _subscription.Run(stoppingToken);

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

        _subscription.RenewSoon();
    }
}
