namespace Sessions.Tests.Simulation;

/// <summary>A process of the cluster, which can stand still and die.</summary>
internal sealed class SimulatedProcess
{
    private readonly List<Actor> _actors = [];

    public SimulatedProcess(SeededScheduler scheduler, string name)
    {
        Scheduler = scheduler;
        Name = name;
        Clock = new SimulatedClock(this);
    }

    public SeededScheduler Scheduler { get; }

    public string Name { get; }

    /// <summary>Its machine's clock.</summary>
    public SimulatedClock Clock { get; }

    public bool IsFrozen { get; private set; }

    public bool IsDead { get; private set; }

    /// <summary>None of its turns runs until it goes on. Its timers fire then.</summary>
    public void Freeze()
    {
        IsFrozen = true;
        _actors.ForEach(actor => actor.BeHeld(forGood: false));
    }

    public void GoOn()
    {
        IsFrozen = false;
        _actors.ForEach(actor => actor.BeReady());
    }

    /// <summary>Nothing of it ever runs again. What it has sent still arrives.</summary>
    public void Die()
    {
        IsDead = true;
        _actors.ForEach(actor => actor.BeHeld(forGood: true));
    }

    internal void Add(Actor actor) => _actors.Add(actor);

    internal void Remove(Actor actor) => _actors.Remove(actor);
}
