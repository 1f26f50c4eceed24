using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Live;

/// <summary>
/// Brings what happens to live sessions from every silo to those who watch at this gateway: one subscription a silo,
/// however many they are, and none while nobody does. When a silo comes or goes, or a batch got lost, it looks up in
/// Postgres what was missed, until the rows have what was on its way then.
/// </summary>
internal sealed class LiveHub : BackgroundService, ILiveWatcher
{
    // Rows may be 10 s behind their grains; what was missed just now is in them by then.
    private static readonly TimeSpan RowsBehind = TimeSpan.FromSeconds(12);

    private readonly LiveQueries _queries;
    private readonly LiveStreamOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<LiveHub> _log;
    private readonly SiloFeeds _feeds;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LiveProject> _projects = [];
    private readonly Channel<bool> _wishes =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private int _streams;
    private long? _missedAt;
    private bool _missed;
    private bool _isFailing;

    public LiveHub(
        IGrainFactory grains, LiveQueries queries, IOptions<LiveStreamOptions> options, TimeProvider time, ILogger<LiveHub> log)
    {
        (_queries, _options, _time, _log) = (queries, options.Value, time, log);
        _feeds = new SiloFeeds(LiveFeeds.Of(grains), this, _options.Patience, time, log);
    }

    /// <summary>A way to the news of one project; null when there are as many as there may be.</summary>
    /// <exception cref="SessionsUnavailableException">The silos can't be followed now.</exception>
    public async Task<LiveWatch?> Watch(string project, CancellationToken cancellation)
    {
        LiveProject followed;
        Channel<byte[]> messages;
        lock (_gate)
        {
            if (_streams >= _options.MaxStreams)
            {
                return null;
            }

            _streams++;
            if (!_projects.TryGetValue(project, out followed!))
            {
                _projects[project] = followed = new LiveProject(_options.MaxWaiting, _options.MaxKnown);
                _wishes.Writer.TryWrite(true);
            }

            messages = followed.Add();
        }

        LiveWatch watch = new(messages.Reader, () => Leave(project, followed, messages));
        try
        {
            await followed.Followed.WaitAsync(_options.Patience, _time, cancellation);
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
        if (_feeds.Note(batch))
        {
            _missed = true;
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
        await using ITimer timer = _time.CreateTimer(
            _ => _wishes.Writer.TryWrite(true), null, _options.Renew, _options.Renew);
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
            await _feeds.Unsubscribe(CancellationToken.None);
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
            await _feeds.Unsubscribe(stopping);
            return;
        }

        try
        {
            bool changed = (await _feeds.Renew([.. watched.Select(project => project.Key)], stopping)).MayHaveMissed;
            if (Interlocked.Exchange(ref _missed, false) || changed)
            {
                _missedAt = _time.GetTimestamp();
            }

            bool lookAtAll = _missedAt is not null;
            bool isLast = _missedAt is { } at && _time.GetElapsedTime(at) >= RowsBehind;
            foreach ((string name, LiveProject project) in watched)
            {
                if (lookAtAll || !project.Followed.IsCompleted)
                {
                    await CatchUp(name, project, stopping);
                }
            }

            _missedAt = isLast ? null : _missedAt;
            _isFailing = false;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException && !stopping.IsCancellationRequested)
        {
            _missed = true;
            if (!_isFailing)
            {
                _isFailing = true;
                _log.LogWarning("Live sessions can't be followed now: {Reason}", failure.Message);
            }
        }
    }

    private async Task CatchUp(string name, LiveProject project, CancellationToken stopping)
    {
        IReadOnlyDictionary<Guid, long> live = await _queries.GetVersions(name, _options.MaxKnown, stopping);
        (IReadOnlyList<Guid> missed, IReadOnlyList<Guid> gone) = project.Compare(live);
        foreach (Guid[] some in missed.Concat(gone).Take(_options.MaxCaughtUp).Chunk(1_000))
        {
            project.CatchUp(await _queries.GetSessions(name, some, stopping), live);
        }

        // The rest the next time.
        if (missed.Count + gone.Count > _options.MaxCaughtUp)
        {
            _missed = true;
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
