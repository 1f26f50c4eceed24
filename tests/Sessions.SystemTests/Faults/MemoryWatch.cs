using System.Collections.Concurrent;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Faults;

/// <summary>Notes the most memory that each process was seen to hold, by name and over all its lives.</summary>
public sealed class MemoryWatch : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, long> _most = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    public MemoryWatch(Func<IReadOnlyList<RunningProcess>> processes) => _watching = Watch(processes);

    /// <summary>The most bytes so far.</summary>
    public IReadOnlyDictionary<string, long> Most => _most;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private async Task Watch(Func<IReadOnlyList<RunningProcess>> processes)
    {
        using PeriodicTimer pace = new(TimeSpan.FromSeconds(1));
        try
        {
            while (await pace.WaitForNextTickAsync(_stop.Token))
            {
                foreach (RunningProcess process in processes())
                {
                    Look(process);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The watch is over.
        }
    }

    private void Look(RunningProcess process)
    {
        try
        {
            long bytes = Signals.ResidentBytes(process.Pid);
            _most.AddOrUpdate(process.Name, bytes, (_, most) => Math.Max(most, bytes));
        }
        catch (Exception gone) when (gone is IOException or InvalidOperationException)
        {
            // It has just died: it is not there, or has no memory any more.
        }
    }
}
