using Microsoft.Extensions.Hosting;

namespace Sessions.Silo.Membership;

/// <summary>
/// Detects whether this process was stopped for a while: frozen, paused with its machine, or without processor time.
/// Meanwhile the other silos may have declared it dead, and its grains may be active elsewhere with newer state.
/// Postgres refuses its writes then, but nothing checks its answers from memory. So grains call this before they answer
/// from memory. After a stop, the first call waits until the membership table confirms that this silo is still a
/// member.
/// </summary>
internal sealed class Wakefulness(IMembershipTable table, ILocalSiloDetails self, TimeProvider time) : IHostedService, IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);

    // Shorter than the time after which a silo is declared dead, and longer than a busy machine delays a thread.
    private static readonly TimeSpan Stopped = TimeSpan.FromSeconds(1.5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // The timestamp until which this silo is known to be a member that did not stop.
    private long _awake = time.GetTimestamp();
    private Task? _check;
    private ITimer? _beat;

    /// <summary>Returns when this silo is sure to be a member of its cluster: nearly always at once.</summary>
    /// <exception cref="SessionsUnavailableException">It was declared dead, or the table can't be read now.</exception>
    public ValueTask IsSure() => IsAwake(time.GetTimestamp()) ? ValueTask.CompletedTask : new ValueTask(Check());

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _beat = time.CreateTimer(_ => StayAwake(), null, Beat, Beat);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _beat?.Dispose();

    private void StayAwake()
    {
        // After a stop the silo stays in doubt until a call has read the membership table.
        long now = time.GetTimestamp();
        if (IsAwake(now))
        {
            Volatile.Write(ref _awake, now);
        }
    }

    private bool IsAwake(long now) => time.GetElapsedTime(Volatile.Read(ref _awake), now) < Stopped;

    /// <summary>Reads the membership table once for all waiting callers.</summary>
    private Task Check()
    {
        Task? running = Volatile.Read(ref _check);
        if (running is { IsCompleted: false })
        {
            return running;
        }

        Task mine = ReadTable();
        Volatile.Write(ref _check, mine);
        return mine;
    }

    private async Task ReadTable()
    {
        long begun = time.GetTimestamp();
        MembershipTableData found;
        try
        {
            found = await table.ReadRowAsync(self.SiloAddress, CancellationToken.None).WaitAsync(Patience, time);
        }
        catch (Exception away) when (away is not OutOfMemoryException)
        {
            throw new SessionsUnavailableException("The silo was stopped for a while and can't learn now whether it is still a member of its cluster.");
        }

        if (found.TryGet(self.SiloAddress)?.Item1.Status is null or SiloStatus.Dead)
        {
            throw new SessionsUnavailableException("The silo was stopped for a while and declared dead.");
        }

        Volatile.Write(ref _awake, begun);
    }
}
