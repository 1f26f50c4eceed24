using Sessions.Domain;
using Sessions.Tests.Simulation.Store;

namespace Sessions.Tests.Simulation.Cluster;

/// <summary>Silos, the messages between them and their clients, and where grains are.</summary>
internal sealed class SimulatedCluster
{
    /// <summary>As Orleans has it.</summary>
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(30);

    // Where each grain is. Nearly always one place; while silos come and go there may be two.
    private readonly Dictionary<GrainKey, List<SimulatedSilo>> _directory = [];
    private readonly List<SimulatedSilo> _silos = [];
    private readonly Mishaps _mishaps;
    private int _names;

    public SimulatedCluster(SeededScheduler scheduler, MemoryTables tables, int silos, Switches switches)
    {
        (Scheduler, Tables, Switches) = (scheduler, tables, switches);
        _mishaps = new Mishaps(this);
        tables.Reminded = (device, version, due) => new Wake(this, device, version).At(due);
        for (int i = 0; i < silos; i++)
        {
            StartSilo();
        }
    }

    public SeededScheduler Scheduler { get; }

    public MemoryTables Tables { get; }

    public Switches Switches { get; }

    public SessionRules Rules { get; } = new();

    public Weather Weather { get; private set; } = Weather.Fair;

    /// <summary>Until when Postgres takes nothing.</summary>
    public TimeSpan StoreIsBackAt { get; set; }

    /// <summary>Failures that no caller expects.</summary>
    public List<string> Unexpected { get; } = [];

    /// <summary>The silos that are members of the cluster, as far as the others know.</summary>
    public IEnumerable<SimulatedSilo> Members => _silos.Where(silo => !silo.IsDeclaredDead);

    /// <summary>Whether a silo has died with checkpoints that it had not written.</summary>
    public bool HasLostSilos { get; private set; }

    public void Begin(Weather weather) => Weather = weather;

    /// <summary>All faults stop: each grain has one place, frozen silos go on, clocks are right.</summary>
    public void BeFair()
    {
        Weather = Weather.Fair;
        StoreIsBackAt = TimeSpan.Zero;
        foreach (SimulatedSilo silo in _silos.Where(silo => !silo.Process.IsDead).ToArray())
        {
            silo.Process.Clock.Offset = TimeSpan.Zero;
            silo.Process.GoOn();
            if (silo.IsDeclaredDead)
            {
                Kill(silo);
            }
        }

        foreach (List<SimulatedSilo> places in _directory.Values.Where(places => places.Count > 1))
        {
            places.RemoveRange(1, places.Count - 1);
        }
    }

    public SimulatedSilo StartSilo()
    {
        var silo = new SimulatedSilo(this, $"silo-{++_names}");
        _silos.Add(silo);
        return silo;
    }

    /// <summary>The process is gone; the others notice later.</summary>
    public void Kill(SimulatedSilo silo)
    {
        Scheduler.Say($"{silo.Process.Name} is killed");
        HasLostSilos = true;
        silo.Process.Die();
    }

    /// <summary>The others give a silo up, rightly or not. Another one takes its place.</summary>
    public void DeclareDead(SimulatedSilo silo)
    {
        if (silo.IsDeclaredDead)
        {
            return;
        }

        Scheduler.Say($"{silo.Process.Name} is declared dead");
        silo.IsDeclaredDead = true;
        foreach (List<SimulatedSilo> places in _directory.Values)
        {
            places.Remove(silo);
        }

        StartSilo();
        silo.BreakCalls();
    }

    public bool CollectsNow() => Scheduler.Chance(Weather.Collected);

    /// <summary>Whether calls of the same device reach this silo's activation of a grain.</summary>
    public void Leave(Activation gone)
    {
        if (_directory.TryGetValue(gone.Key, out List<SimulatedSilo>? places))
        {
            places.Remove(gone.Silo);
        }
    }

    /// <summary>Calls a grain.</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="silo">The silo that the caller is on; null for a client.</param>
    /// <param name="grain">The grain.</param>
    /// <param name="what">The call's name, for the trace.</param>
    /// <param name="interleaves">Whether it may run beside other calls.</param>
    /// <param name="run">What it does.</param>
    public Task<T> Call<T>(
        SimulatedProcess caller, SimulatedSilo? silo, GrainKey grain, string what, bool interleaves, Func<Activation, Task<T>> run)
    {
        var answer = new TaskCompletionSource<T>();
        new Call<T>(this, caller, silo, grain, what, interleaves, run, answer).Send();
        return answer.Task;
    }

    /// <summary>Lets a message arrive, or not, or twice, or late.</summary>
    internal void Send(bool isLocal, bool mayDouble, Action arrive)
    {
        if (isLocal)
        {
            arrive();
            return;
        }

        _mishaps.MayHappen();
        if (Scheduler.Chance(Weather.Lost))
        {
            return;
        }

        Scheduler.After(Delay(), arrive);
        if (mayDouble && Scheduler.Chance(Weather.Doubled))
        {
            Scheduler.After(Delay(), arrive);
        }
    }

    internal TimeSpan Delay() => Scheduler.Chance(Weather.Slow)
        ? Scheduler.Between(TimeSpan.FromMilliseconds(1), Weather.LongestDelay)
        : TimeSpan.FromMicroseconds(100 + Scheduler.Random.Next(1000));

    internal void AfterResponseTimeout(Action what) => Scheduler.After(ResponseTimeout, what);

    /// <summary>The silo where a caller finds a grain.</summary>
    internal SimulatedSilo Locate(GrainKey grain, SimulatedSilo? caller)
    {
        if (caller is { IsDeclaredDead: true })
        {
            // It does not know that it was given up, and has a directory of its own.
            return caller;
        }

        if (!_directory.TryGetValue(grain, out List<SimulatedSilo>? places))
        {
            _directory[grain] = places = [];
        }

        double second = grain.Device is null ? Weather.SecondActivation : Weather.SecondActivationOfDevices;
        if (places.Count == 0 || (places.Count == 1 && Scheduler.Chance(second)))
        {
            SimulatedSilo[] members = [.. Members.Where(silo => !places.Contains(silo))];
            if (members.Length > 0)
            {
                // Sessions are placed where they are called first, devices anywhere.
                places.Add(grain.Device is null && caller is { IsDeclaredDead: false } && !places.Contains(caller)
                    ? caller
                    : members[Scheduler.Random.Next(members.Length)]);
            }
        }

        return places[places.Count == 1 ? 0 : Scheduler.Random.Next(places.Count)];
    }

    /// <summary>A reminder that is due wakes its device, and again until it is gone.</summary>
    private sealed class Wake(SimulatedCluster cluster, UserDeviceKey device, int version)
    {
        private static readonly TimeSpan Again = TimeSpan.FromSeconds(10);

        public void At(DateTimeOffset due) => After(due - (SimulatedClock.Begin + cluster.Scheduler.Now));

        private void After(TimeSpan delay)
        {
            TimeSpan least = delay > TimeSpan.Zero ? delay : TimeSpan.Zero;
            cluster.Scheduler.After(cluster.Scheduler.Between(least, least + TimeSpan.FromSeconds(2.5)), Fire);
        }

        private void Fire()
        {
            if (cluster.Tables.ReminderOf(device) != version)
            {
                return;
            }

            SimulatedSilo[] members = [.. cluster.Members.Where(silo => silo.Process is { IsDead: false, IsFrozen: false })];
            if (members.Length > 0)
            {
                SimulatedSilo silo = members[cluster.Scheduler.Random.Next(members.Length)];
                _ = cluster.Call<bool>(silo.Process, silo, new GrainKey(device.Device, default), "reminder", interleaves: false, async activation =>
                {
                    Assert.True(await ((DeviceHome)activation).Device.OnReminder());
                    return true;
                });
            }

            After(Again);
        }
    }
}
