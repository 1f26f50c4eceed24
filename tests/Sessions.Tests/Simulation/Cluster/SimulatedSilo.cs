using Sessions.Silo.Sessions;
using Sessions.Tests.Silo.Activations;
using Sessions.Tests.Simulation.Store;

namespace Sessions.Tests.Simulation.Cluster;

/// <summary>A silo: activations in memory, and its ways to Postgres.</summary>
internal sealed class SimulatedSilo
{
    // As the product has it.
    private static readonly TimeSpan CheckpointPeriod = TimeSpan.FromSeconds(2);

    private readonly Dictionary<GrainKey, Activation> _activations = [];
    private readonly Actor _services;
    private readonly SiloLink _link;
    private Task? _asking;

    public SimulatedSilo(SimulatedCluster cluster, string name)
    {
        Cluster = cluster;
        Process = new SimulatedProcess(cluster.Scheduler, name);
        _services = new Actor(Process, $"{name}'s services");
        _link = new SiloLink(this, _services);
        Store = new MemoryStore(cluster.Tables, _link) { FirstWaits = FlushSoon, ReadsLastNumbers = cluster.Switches.LastNumber };
        var journal = new MemoryJournal(cluster.Tables, _link) { OutcomeOfABrokenConnection = cluster.Switches.OutcomeOfABrokenConnection };
        Ports = new SessionPorts(journal, Store, Nobody.Forgotten, Process.Clock, new SessionOpenings());
    }

    public SimulatedCluster Cluster { get; }

    public SimulatedProcess Process { get; }

    public MemoryStore Store { get; }

    public SessionPorts Ports { get; }

    /// <summary>Whether the others have given it up.</summary>
    public bool IsDeclaredDead { get; set; }

    /// <summary>Whether it stood still for so long that it does not know whether it is still a member.</summary>
    public bool IsInDoubt { get; set; }

    /// <summary>What breaks the calls that wait for an answer of this silo.</summary>
    internal List<Action> Pending { get; } = [];

    public Activation ActivationOf(GrainKey key)
    {
        if (!_activations.TryGetValue(key, out Activation? activation))
        {
            _activations[key] = activation = key.Device is null ? new SessionHome(this, key) : new DeviceHome(this, key);
        }

        return activation;
    }

    /// <summary>As <c>Wakefulness</c> has it.</summary>
    public ValueTask EnsureMember() => IsInDoubt ? new ValueTask(_asking is { IsCompleted: false } ? _asking : _asking = AskMembership()) : default;

    public void Forget(Activation gone)
    {
        _activations.Remove(gone.Key);
        Cluster.Leave(gone);
    }

    /// <summary>Breaks all calls that wait for an answer of this silo.</summary>
    public void BreakCalls()
    {
        Action[] pending = [.. Pending];
        Pending.Clear();
        Array.ForEach(pending, fail => fail());
    }

    private async Task AskMembership()
    {
        var answer = new TaskCompletionSource();
        bool isMember = false;
        _link.Send("membership", () => isMember = !IsDeclaredDead, reached =>
        {
            if (reached == Reached.Answered && isMember)
            {
                IsInDoubt = false;
                answer.SetResult();
            }
            else
            {
                answer.SetException(new SessionsUnavailableException("The silo was stopped for a while."));
            }
        });
        await answer.Task;
    }

    private void FlushSoon() => Cluster.Scheduler.After(CheckpointPeriod, () => _services.Run(() => _ = Flush()));

    private async Task Flush()
    {
        if (!await Store.Flush())
        {
            FlushSoon();
        }
    }
}
