namespace Sessions.Tests.Simulation.Cluster;

/// <summary>
/// One activation of a grain on a silo. As in Orleans, calls come one at a time unless they interleave; one that is to leave
/// finishes its calls, and those that come meanwhile go to the next activation.
/// </summary>
internal abstract class Activation
{
    private readonly Queue<GrainCall> _waiting = [];
    private readonly Actor _actor;
    private int _running;
    private bool _isBusy;
    private bool _isLeaving;

    protected Activation(SimulatedSilo silo, GrainKey key)
    {
        (Silo, Key) = (silo, key);
        _actor = new Actor(silo.Process, $"{key} on {silo.Process.Name}");
    }

    public GrainKey Key { get; }

    public SimulatedSilo Silo { get; }

    /// <summary>Whether it has left the memory.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Takes a call, in a turn of its own.</summary>
    public void Deliver(GrainCall call) => _actor.Run(() => Take(call));

    /// <summary>Leaves the memory as soon as no call is running.</summary>
    public void Leave()
    {
        _isLeaving = true;
        LeaveWhenIdle();
    }

    protected virtual void OnGone()
    {
    }

    private void Take(GrainCall call)
    {
        if (IsGone)
        {
            call.SendOn();
        }
        else if (!_isLeaving && (call.Interleaves || !_isBusy))
        {
            _ = Run(call);
        }
        else
        {
            _waiting.Enqueue(call);
        }
    }

    private async Task Run(GrainCall call)
    {
        _running++;
        _isBusy |= !call.Interleaves;
        await call.Run(this);
        _running--;
        _isBusy &= call.Interleaves;
        if (Silo.Cluster.CollectsNow())
        {
            _isLeaving = true;
        }

        LeaveWhenIdle();
        while (!_isLeaving && !_isBusy && _waiting.TryDequeue(out GrainCall? next))
        {
            if (!next.IsExpired)
            {
                _ = Run(next);
            }
        }
    }

    private void LeaveWhenIdle()
    {
        if (!_isLeaving || IsGone || _running > 0)
        {
            return;
        }

        IsGone = true;
        Silo.Forget(this);
        OnGone();
        while (_waiting.TryDequeue(out GrainCall? call))
        {
            if (!call.IsExpired)
            {
                call.SendOn();
            }
        }
    }
}

/// <summary>A call on its way to a grain.</summary>
internal abstract class GrainCall(bool interleaves)
{
    public bool Interleaves => interleaves;

    /// <summary>Whether nobody waits for it any more. Orleans drops such a call.</summary>
    public abstract bool IsExpired { get; }

    /// <summary>Runs it, and sends its answer. Its failure is an answer too.</summary>
    public abstract Task Run(Activation activation);

    /// <summary>Sends it to another activation of its grain.</summary>
    public abstract void SendOn();
}
