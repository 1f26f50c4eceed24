using System.Diagnostics;

namespace Sessions.Silo.Near;

/// <summary>
/// Calls one activation from the same silo without a message: Orleans' message, its callback and its filters cost more
/// than most calls do. The call runs on the activation's own scheduler, like each of its turns.
/// </summary>
/// <remarks>
/// Orleans counts only messages when it looks for idle activations. So calls are made this way only for a while after a
/// message, and the next call is a message again. Calls that are traced are always messages, because Orleans passes the
/// trace on. The dashboard counts messages only.
/// </remarks>
/// <param name="clock">The clock.</param>
internal sealed class NearCalls(TimeProvider clock)
{
    // Well below the shortest time after which a silo deactivates an idle grain (Silo:GrainAge, 2 minutes).
    private static readonly TimeSpan AfterMessage = TimeSpan.FromSeconds(30);

    private readonly TaskScheduler _scheduler = TaskScheduler.Current;
    private long _lastMessage;
    private volatile bool _isOpen;

    /// <summary>Whether the activation takes calls this way now.</summary>
    public bool IsOpen => _isOpen && clock.GetElapsedTime(Volatile.Read(ref _lastMessage)) < AfterMessage
        && Activity.Current is not { Recorded: true };

    /// <summary>A message has arrived.</summary>
    public void Messaged()
    {
        Volatile.Write(ref _lastMessage, clock.GetTimestamp());
        _isOpen = true;
    }

    /// <summary>The activation takes no further calls: it is being deactivated.</summary>
    public void Close() => _isOpen = false;

    /// <summary>Runs a call on the activation's scheduler.</summary>
    /// <param name="call">
    /// The call. It runs after the turns that are queued, so it checks again whether the activation is open.
    /// </param>
    /// <param name="state">Its argument.</param>
    public Task<T> Run<T>(Func<object?, Task<T>> call, object? state) =>
        Task.Factory.StartNew(call, state, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _scheduler).Unwrap();
}
