namespace Sessions.Tests.Simulation;

/// <summary>
/// Something with turns of its own, as an activation of a grain has: its turns keep their order, and run while no other
/// one's does. Where code of an actor awaits, it goes on in a turn of the same actor.
/// </summary>
internal sealed class Actor : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Turn, object? State)> _turns = [];
    private readonly SimulatedProcess _process;
    private bool _isReady;

    public Actor(SimulatedProcess process, string name)
    {
        _process = process;
        Name = name;
        Number = process.Scheduler.NextActor();
        process.Add(this);
    }

    public string Name { get; }

    /// <summary>Its number in the order in which actors came.</summary>
    public ulong Number { get; }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != _process.Scheduler.Thread)
        {
            throw new InvalidOperationException("Something of the simulation runs on another thread: its order is not the seed's.");
        }

        if (_process.IsDead)
        {
            return;
        }

        _turns.Enqueue((d, state));
        BeReady();
    }

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("Nothing waits for another actor's turn.");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Lets something run in a turn of this actor.</summary>
    public void Run(Action what) => Post(static state => ((Action)state!)(), what);

    /// <summary>Runs the first turn.</summary>
    /// <returns>Whether there is another one.</returns>
    internal bool RunOneTurn()
    {
        (SendOrPostCallback turn, object? state) = _turns.Dequeue();
        SynchronizationContext? outer = Current;
        SetSynchronizationContext(this);
        try
        {
            turn(state);
        }
        finally
        {
            SetSynchronizationContext(outer);
        }

        // The turn may have frozen or killed its own process.
        _isReady = _isReady && _turns.Count > 0;
        return _isReady;
    }

    internal void BeReady()
    {
        if (!_isReady && _turns.Count > 0 && !_process.IsFrozen)
        {
            _isReady = true;
            _process.Scheduler.AddReady(this);
        }
    }

    /// <summary>The process stands still, or has died.</summary>
    internal void BeHeld(bool forGood)
    {
        if (forGood)
        {
            _turns.Clear();
        }

        if (_isReady)
        {
            _isReady = false;
            _process.Scheduler.RemoveReady(this);
        }
    }
}
