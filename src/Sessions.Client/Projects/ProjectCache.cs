using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Sessions.Client.Projects;

/// <summary>
/// Caches a value that is computed from each project's settings. It answers from memory and checks every few seconds
/// whether a project has changed. While the settings can't be read, it keeps the known ones.
/// </summary>
/// <typeparam name="T">
/// The type of the value. It is computed only when the settings change, so it may be costly.
/// </typeparam>
/// <param name="find">Reads a project's settings.</param>
/// <param name="make">Computes the value from the settings.</param>
/// <param name="options">How often the settings are refreshed.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Gets a line when the settings can't be read.</param>
internal sealed partial class ProjectCache<T>(
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

    // Created here, so that the first period begins with the object and not with the loop.
    private readonly PeriodicTimer _timer = new(options.Value.Refresh, time);
    private bool _isFailing;

    /// <summary>
    /// The project's current value. Completes at once, except for a project that is not in memory yet.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">
    /// The project is not in memory, and its settings can't be read now.
    /// </exception>
    public ValueTask<T> Of(string project)
    {
        if (_known.TryGetValue(project, out Entry? entry))
        {
            entry.UsedAt = time.GetTimestamp();
            return ValueTask.FromResult(entry.Value);
        }

        // Concurrent callers share one read. It runs as a task of its own, not in the context of the first caller's
        // grain.
        return new ValueTask<T>(_loading.GetOrAdd(project, name => new(() => Task.Run(() => Load(name)))).Value);
    }

    /// <summary>Whether the project's value is in memory.</summary>
    internal bool Knows(string project) => _known.ContainsKey(project);

    /// <summary>Takes settings that were just changed, without waiting for the next refresh.</summary>
    /// <returns>The project's current value.</returns>
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
    /// Stops the refresh before the rest of the host stops. A stopping silo answers no calls, and each failed call
    /// would be an error in the log.
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
            ProjectSettings read = await Read(project);
            bool isOlder = read.Version < entry.Version;
            if (isOlder && entry.WasAhead)
            {
                // One older version may be an answer that was on its way. With a second one, the database has gone back: a
                // standby that lacked the newest version was promoted.
                _known.TryUpdate(project, new Entry(read.Version, make(read)) { UsedAt = entry.UsedAt }, entry);
            }

            entry.WasAhead = isOlder;
            Learn(project, read);
            _isFailing = false;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            if (!_isFailing)
            {
                _isFailing = true;
                LogFailing(failure.Message);
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

    [LoggerMessage(8001, LogLevel.Warning, "The settings of projects can't be read now ({Reason}). The process keeps the settings that it knows and tries again at its "
        + "next turn. Check that the silos run.")]
    private partial void LogFailing(string reason);

    private sealed class Entry(long version, T value)
    {
        public long Version { get; } = version;

        public T Value { get; } = value;

        public long UsedAt { get; set; }

        /// <summary>Whether the last refresh has read an older version.</summary>
        public bool WasAhead { get; set; }
    }
}
