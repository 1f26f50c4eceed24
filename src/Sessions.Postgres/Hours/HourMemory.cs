using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Sessions.Domain.Querying.Hours;

namespace Sessions.Postgres.Hours;

/// <summary>
/// What a process holds in memory of projects' hours between questions, up to <see cref="HourOptions.MemoryMegabytes"/>:
/// the projects that nobody has asked about for the longest go first, and of one project its hours that nobody has.
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

    /// <summary>How many bytes all that is held takes, about. More while a question is answered.</summary>
    public long Bytes => _projects.Values.Sum(project => project.Bytes);

    /// <summary>A project's memory, for one user at a time. Give it back by <see cref="Return"/>.</summary>
    public async Task<ProjectMemory> Take(string project, CancellationToken cancellation)
    {
        ProjectMemory memory = _projects.GetOrAdd(project, _ => new ProjectMemory());
        await memory.Gate.WaitAsync(cancellation);
        memory.LastUsed = _clock.GetTimestamp();
        memory.Question = Interlocked.Increment(ref _question);
        return memory;
    }

    /// <summary>The question is answered. What is too much goes.</summary>
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

            // Who is asked about now sees to it afterwards.
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

    /// <summary>Whether anything that is held is of a visitor.</summary>
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

/// <summary>What is held of one project, and of which snapshot it is.</summary>
internal sealed class ProjectMemory
{
    private long _bytes;

    /// <summary>Who holds it has the rest for itself. It is taken before the snapshot, so that snapshots come here in their order.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    public ProjectHours Hours { get; private set; } = new();

    /// <summary>The identities that are held; null when none are.</summary>
    public SeenIdentities? Identities { get; set; }

    /// <summary>The question's number; each has a greater one than those before.</summary>
    public long Question { get; set; }

    /// <summary>When it was asked about last, by the clock's timestamp.</summary>
    public long LastUsed { get; set; }

    /// <summary>How many bytes it took when it was used last.</summary>
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
            // What is left are numbers, and who is whom.
            Forget();
        }
    }
}

/// <summary>Which identities are held.</summary>
/// <param name="Taken">The version of those that had been taken away.</param>
/// <param name="Seen">All that transactions before this one wrote.</param>
internal sealed record SeenIdentities(Guid Taken, ulong Seen);
