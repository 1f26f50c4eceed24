using Microsoft.Extensions.Hosting;

namespace Sessions.Grains;

/// <summary>
/// Knows whether this process was stopped for a while: frozen, paused with its machine, without processor time. Its
/// fellows may have declared it dead meanwhile, and its grains may have taken more elsewhere. What it would write then is
/// fenced in Postgres; what it would answer from memory is not. So who answers from memory asks here first, and the first
/// one after a stop waits until the cluster's table has said that this silo is still a member.
/// </summary>
internal sealed class Wakefulness(IMembershipTable table, ILocalSiloDetails self, TimeProvider time) : IHostedService, IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);

    // Less than it takes to be declared dead, and more than a busy machine takes to let a thread run.
    private static readonly TimeSpan Stopped = TimeSpan.FromSeconds(1.5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Until then it is known that this silo was a member and did not stop.
    private long _awake = time.GetTimestamp();
    private Task? _asking;
    private ITimer? _beat;

    /// <summary>Returns when this silo is sure to be a member of its cluster: nearly always at once.</summary>
    /// <exception cref="SessionsUnavailableException">It was declared dead, or the table can't be read now.</exception>
    public ValueTask IsSure() => IsAwake(time.GetTimestamp()) ? ValueTask.CompletedTask : new ValueTask(Ask());

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _beat = time.CreateTimer(_ => StayAwake(), null, Beat, Beat);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _beat?.Dispose();

    private void StayAwake()
    {
        // Once it has slept it stays in doubt until somebody has asked.
        long now = time.GetTimestamp();
        if (IsAwake(now))
        {
            Volatile.Write(ref _awake, now);
        }
    }

    private bool IsAwake(long now) => time.GetElapsedTime(Volatile.Read(ref _awake), now) < Stopped;

    /// <summary>One question for all who wait.</summary>
    private Task Ask()
    {
        Task? asking = Volatile.Read(ref _asking);
        if (asking is { IsCompleted: false })
        {
            return asking;
        }

        Task mine = AskAnew();
        Volatile.Write(ref _asking, mine);
        return mine;
    }

    private async Task AskAnew()
    {
        long asked = time.GetTimestamp();
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

        Volatile.Write(ref _awake, asked);
    }
}
