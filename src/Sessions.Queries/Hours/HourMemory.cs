using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Sessions.Domain.Querying.Hours;

namespace Sessions.Queries.Hours;

/// <summary>
/// A cache of projects' hourly aggregates, up to <see cref="HourOptions.MemoryMegabytes"/>. The least recently queried
/// projects are removed first, and within a project the least recently queried hours.
/// </summary>
internal sealed class HourMemory : IDisposable
{
    private const long Megabyte = 1024 * 1024;

    private readonly ConcurrentDictionary<string, ProjectMemory> _projects = [];
    private readonly long _most;
    private readonly TimeSpan _idle;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private long _question;

    public HourMemory(IOptions<HourOptions> options, TimeProvider clock)
    {
        _most = options.Value.MemoryMegabytes * Megabyte;
        _idle = TimeSpan.FromMinutes(options.Value.MemoryMinutes);
        _clock = clock;
        _timer = clock.CreateTimer(_ => ForgetIdle(), null, _idle / 4, _idle / 4);
    }

    /// <summary>The approximate size of the cache in bytes. Larger while a query is running.</summary>
    public long Bytes => _projects.Values.Sum(project => project.Bytes);

    /// <summary>Takes a project's cache for exclusive use. Give it back with <see cref="Return"/>.</summary>
    public async Task<ProjectMemory> Take(string project, CancellationToken cancellation)
    {
        ProjectMemory memory = _projects.GetOrAdd(project, _ => new ProjectMemory());
        await memory.Gate.WaitAsync(cancellation);
        memory.LastUsed = _clock.GetTimestamp();
        memory.Question = Interlocked.Increment(ref _question);
        return memory;
    }

    /// <summary>Gives a project's cache back after a query, and removes what exceeds the limit.</summary>
    public void Return(ProjectMemory memory)
    {
        memory.Hours.EndQuestion();
        memory.Bytes = memory.Hours.Bytes;
        foreach (ProjectMemory other in _projects.Values.Where(other => other != memory).OrderBy(other => other.Question))
        {
            long over = Bytes - _most;
            if (over <= 0)
            {
                break;
            }

            // A project in use is skipped: its own query calls Return later.
            if (other.Gate.Wait(0))
            {
                other.ShrinkTo(other.Bytes - over);
                other.Gate.Release();
            }
        }

        if (Bytes > _most)
        {
            memory.ShrinkTo(memory.Bytes - (Bytes - _most));
        }

        memory.Gate.Release();
    }

    /// <summary>Whether the cache contains anything of a visitor.</summary>
    public bool Knows(string project, string distinctId) =>
        _projects.TryGetValue(project, out ProjectMemory? memory) && memory.Hours.Knows(distinctId);

    public void Dispose() => _timer.Dispose();

    private void ForgetIdle()
    {
        foreach (ProjectMemory memory in _projects.Values)
        {
            if (_clock.GetElapsedTime(memory.LastUsed) >= _idle && memory.Gate.Wait(0))
            {
                memory.Forget();
                memory.Gate.Release();
            }
        }
    }
}

/// <summary>One project's cache, and the snapshot that it comes from.</summary>
internal sealed class ProjectMemory
{
    private long _bytes;

    /// <summary>
    /// Guards all members. Acquire it before you open the database snapshot: otherwise an older snapshot could
    /// overwrite a newer one.
    /// </summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    public ProjectHours Hours { get; private set; } = new();

    /// <summary>Which identities are in the cache; null when none are.</summary>
    public SeenIdentities? Identities { get; set; }

    /// <summary>The number of the current query. Each query has a larger number than those before.</summary>
    public long Question { get; set; }

    /// <summary>When the project was queried last, as a timestamp of the clock.</summary>
    public long LastUsed { get; set; }

    /// <summary>The size in bytes after the last use.</summary>
    public long Bytes
    {
        get => Interlocked.Read(ref _bytes);
        set => Interlocked.Exchange(ref _bytes, value);
    }

    public void Forget()
    {
        (Hours, Identities) = (new ProjectHours(), null);
        Bytes = 0;
    }

    public void ShrinkTo(long bytes)
    {
        Hours.ShrinkTo(bytes);
        Bytes = Hours.Bytes;
        if (Hours.Count == 0)
        {
            // Without hours, only visitor numbers and identities are left: remove them too.
            Forget();
        }
    }
}

/// <summary>Which identities are in the cache.</summary>
/// <param name="Taken">The version of the project's removed identities.</param>
/// <param name="Seen">The transaction id up to which the cache has all identities.</param>
internal sealed record SeenIdentities(Guid Taken, ulong Seen);
