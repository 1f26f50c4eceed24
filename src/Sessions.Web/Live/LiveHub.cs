using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Client.Live;
using Sessions.Queries;

namespace Sessions.Web.Live;

/// <summary>
/// Passes the news about live sessions on all silos to the streams at this gateway. When a silo starts or stops, or a
/// batch is lost, it reads the missed changes from Postgres, until the rows contain everything that was in transit.
/// </summary>
internal sealed class LiveHub : BackgroundService, ILiveAudience
{
    // Rows may be 10 s behind their grains. After this time they contain the missed changes.
    private static readonly TimeSpan RowsBehind = TimeSpan.FromSeconds(12);

    private readonly LiveQueries _queries;
    private readonly LiveStreamOptions _options;
    private readonly TimeProvider _time;
    private readonly LiveSubscription _subscription;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LiveProject> _projects = [];

    private int _streams;
    private long? _missedAt;
    private bool _missed;

    public LiveHub(
        IGrainFactory grains, LiveQueries queries, IOptions<LiveStreamOptions> options, TimeProvider time, ILogger<LiveHub> log)
    {
        (_queries, _options, _time) = (queries, options.Value, time);
        _subscription = new LiveSubscription(LiveFeeds.Of(grains), this, _options.Renew, _options.Patience, time, log);
    }

    /// <summary>Opens a stream with the news of one project; null when the limit of streams is reached.</summary>
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
                _subscription.RenewSoon();
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
    public string[] Projects
    {
        get
        {
            lock (_gate)
            {
                return [.. _projects.Keys];
            }
        }
    }

    /// <inheritdoc/>
    public void Take(IReadOnlyList<LiveNews> news, bool mayHaveMissed)
    {
        if (mayHaveMissed)
        {
            _missed = true;
        }

        foreach (LiveNews told in news)
        {
            Find(told.Project)?.Take(told);
        }
    }

    /// <inheritdoc/>
    public async Task Renewed(IReadOnlyList<string> projects, LiveRenewal renewal, CancellationToken stopping)
    {
        if (Interlocked.Exchange(ref _missed, false) || renewal.MayHaveMissed)
        {
            _missedAt = _time.GetTimestamp();
        }

        bool looksAtAll = _missedAt is not null;
        bool isLast = _missedAt is { } at && _time.GetElapsedTime(at) >= RowsBehind;
        foreach (string name in projects)
        {
            if (Find(name) is { } project && (looksAtAll || !project.Followed.IsCompleted))
            {
                await CatchUp(name, project, stopping);
            }
        }

        _missedAt = isLast ? null : _missedAt;
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _subscription.Run(stoppingToken);

    private LiveProject? Find(string project)
    {
        lock (_gate)
        {
            return _projects.GetValueOrDefault(project);
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

        // The next comparison handles the rest.
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

/// <summary>An open stream. Dispose it to close it.</summary>
/// <param name="messages">The stream's messages. They end when the client was too slow.</param>
/// <param name="leave">Called once, when the stream is closed.</param>
internal sealed class LiveWatch(ChannelReader<byte[]> messages, Action leave) : IDisposable
{
    private Action? _leave = leave;

    public ChannelReader<byte[]> Messages { get; } = messages;

    public void Dispose() => Interlocked.Exchange(ref _leave, null)?.Invoke();
}
