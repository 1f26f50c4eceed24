using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Sessions.Grains;

/// <summary>
/// What this process makes of projects' settings. Answers from memory, and looks every few seconds whether a project
/// has changed; while the settings can't be read it keeps those it knows.
/// </summary>
/// <typeparam name="T">What is made of the settings: anew whenever they changed, so it may be costly.</typeparam>
/// <param name="find">Reads a project's settings.</param>
/// <param name="make">Makes something of them.</param>
/// <param name="options">How often.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where an outage is told.</param>
public sealed class ProjectCache<T>(
    Func<string, Task<ProjectSettings>> find,
    Func<ProjectSettings, T> make,
    IOptions<ProjectOptions> options,
    TimeProvider time,
    ILogger<ProjectCache<T>> log)
    : BackgroundService, IHostedLifecycleService
{
    // The most projects that are read at the same time.
    private const int ReadsAtOnce = 16;

    private readonly ConcurrentDictionary<string, Entry> _known = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<T>>> _loading = new();

    // From the beginning, so that no time passes unseen before the loop has begun.
    private readonly PeriodicTimer _timer = new(options.Value.Refresh, time);
    private bool _isFailing;

    /// <summary>The project's present value; completes at once but for a project that is new here.</summary>
    /// <exception cref="SessionsUnavailableException">The project is new here, and its settings can't be read now.</exception>
    public ValueTask<T> Of(string project)
    {
        if (_known.TryGetValue(project, out Entry? entry))
        {
            entry.UsedAt = time.GetTimestamp();
            return ValueTask.FromResult(entry.Value);
        }

        // Callers of the same moment share one read. It runs on its own, not as a part of whichever grain came first.
        return new ValueTask<T>(_loading.GetOrAdd(project, name => new(() => Task.Run(() => Load(name)))).Value);
    }

    /// <summary>Whether the project's value is in memory.</summary>
    internal bool Knows(string project) => _known.ContainsKey(project);

    /// <summary>Takes settings that were changed just now, sooner than they would be read.</summary>
    /// <returns>The project's present value.</returns>
    public T Learn(string project, ProjectSettings settings)
    {
        if (_known.TryGetValue(project, out Entry? entry) && entry.Version >= settings.Version)
        {
            return entry.Value;
        }

        T value = make(settings);
        _known[project] = new Entry(settings.Version, value) { UsedAt = entry?.UsedAt ?? time.GetTimestamp() };
        return value;
    }

    /// <summary>
    /// Looks no more, before anything else of the host stops: silos that stop answer no calls, and each of these would be
    /// an error in the log.
    /// </summary>
    public Task StoppingAsync(CancellationToken cancellationToken) => StopAsync(cancellationToken);

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Dispose()
    {
        _timer.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await Tick(stoppingToken))
        {
            await Parallel.ForEachAsync(
                _known,
                new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = CancellationToken.None },
                async (known, _) => await Refresh(known.Key, known.Value));
        }
    }

    private async Task<bool> Tick(CancellationToken stopping)
    {
        try
        {
            return await _timer.WaitForNextTickAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task Refresh(string project, Entry entry)
    {
        if (time.GetElapsedTime(entry.UsedAt) > options.Value.ForgetAfter)
        {
            _known.TryRemove(KeyValuePair.Create(project, entry));
            return;
        }

        try
        {
            Learn(project, await Read(project));
            _isFailing = false;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            if (!_isFailing)
            {
                _isFailing = true;
                log.LogWarning("Projects' settings can't be read now; the known ones hold: {Reason}", failure.Message);
            }
        }
    }

    private async Task<T> Load(string project)
    {
        try
        {
            return Learn(project, await Read(project));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            throw new SessionsUnavailableException("The project's settings can't be read now.", failure);
        }
        finally
        {
            _loading.TryRemove(project, out _);
        }
    }

    private async Task<ProjectSettings> Read(string project) =>
        await find(project).WaitAsync(options.Value.Patience, time);

    private sealed class Entry(long version, T value)
    {
        public long Version { get; } = version;

        public T Value { get; } = value;

        public long UsedAt { get; set; }
    }
}
