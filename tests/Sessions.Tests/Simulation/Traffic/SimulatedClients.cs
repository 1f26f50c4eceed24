using Microsoft.Extensions.Logging.Abstractions;
using Sessions.Client.Calls;
using Sessions.Client.Tracking;
using Sessions.Silo.Devices;
using Sessions.SystemTests.Traffic;
using Sessions.Tests.Simulation.Cluster;

namespace Sessions.Tests.Simulation.Traffic;

/// <summary>
/// Visitors with their SDKs and the gateway: what they send, they send again until it is answered. They keep records for the
/// audit.
/// </summary>
internal sealed class SimulatedClients
{
    // As the gateway has them.
    private static readonly CallTimes Times = new()
    {
        Patience = TimeSpan.FromSeconds(8),
        StorePatience = TimeSpan.FromMilliseconds(500),
        HedgeAfter = TimeSpan.FromSeconds(2),
        FirstPause = TimeSpan.FromMilliseconds(50),
        LongestPause = TimeSpan.FromMilliseconds(500),
    };

    private static readonly TimeSpan RetryPace = TimeSpan.FromMilliseconds(300);

    private readonly SimulatedCluster _cluster;
    private readonly SimulatedProcess _process;
    private readonly HedgedCall _gateway;
    private readonly Dictionary<Guid, SentEvent> _sent = [];
    private readonly HashSet<Guid> _acknowledged = [];
    private readonly List<Reset> _resets = [];
    private readonly Dictionary<Guid, int> _inSession = [];
    private readonly List<Task> _work = [];
    private readonly List<SimulatedVisitor> _visitors = [];

    public SimulatedClients(SimulatedCluster cluster)
    {
        _cluster = cluster;
        _process = new SimulatedProcess(cluster.Scheduler, "clients");
        _gateway = new HedgedCall(Times, _process.Clock, NullLogger.Instance);
    }

    /// <summary>How far the clocks of silos may have been off.</summary>
    public TimeSpan ClocksOff { get; init; }

    /// <summary>Answers that do not have what was acknowledged before the question.</summary>
    public List<string> OldAnswers { get; } = [];

    public bool AreDone => _work.TrueForAll(work => work.IsCompleted);

    /// <summary>What failed in the clients themselves.</summary>
    public IEnumerable<Exception> Failures => _work.Select(work => work.Exception).OfType<Exception>();

    public WriterRecords Records => new(_sent, _acknowledged, _resets);

    private SeededScheduler Scheduler => _cluster.Scheduler;

    /// <summary>Lets a visitor come, and send some batches.</summary>
    public void Add(string name, Habits habits, int batches)
    {
        var visitor = new SimulatedVisitor(Scheduler, _process.Clock, name, habits);
        _visitors.Add(visitor);
        var actor = new Actor(_process, name);
        var done = new TaskCompletionSource();
        _work.Add(done.Task);
        actor.Run(() => _ = Visit());

        async Task Visit()
        {
            try
            {
                await Send(visitor, batches);
                done.SetResult();
            }
            catch (Exception failure)
            {
                done.SetException(failure);
            }
        }
    }

    private async Task Send(SimulatedVisitor visitor, int batches)
    {
        List<Task> deliveries = [];
        for (int i = 0; i < batches; i++)
        {
            while (visitor.IsBetweenSessions)
            {
                await Delay(TimeSpan.FromSeconds(20));
            }

            SentEvent[] batch = visitor.Next();
            // A client with two tabs, or a page that is left, does not wait for the answer of one request before it sends the next.
            Task delivery = Deliver(batch);
            deliveries.Add(delivery);
            if (Scheduler.Random.Next(4) > 0 || visitor.Habits.Identifies)
            {
                await delivery;
            }

            if (Scheduler.Random.Next(6) == 0)
            {
                deliveries.Add(Deliver(batch));
            }

            if (batch[0].SessionId is { } named && Scheduler.Random.Next(3) == 0)
            {
                await Look(Guid.Parse(named));
            }

            if (visitor.WantsReset())
            {
                await Task.WhenAll(deliveries);
                await EndSession(visitor);
            }

            await Pause();
        }

        await Task.WhenAll(deliveries);
    }

    private Task Pause() => Delay(Scheduler.Random.Next(20) switch
    {
        < 10 => Scheduler.Between(TimeSpan.Zero, TimeSpan.FromSeconds(2)),
        < 17 => Scheduler.Between(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2)),
        _ => Scheduler.Between(TimeSpan.FromMinutes(29), TimeSpan.FromMinutes(45)),
    });

    private Task Delay(TimeSpan delay) => Task.Delay(delay, _process.Clock);

    private async Task Deliver(SentEvent[] batch)
    {
        foreach (SentEvent made in batch)
        {
            _sent[made.Id] = made;
        }

        // A gateway makes one call for each device.
        await Task.WhenAll(batch.GroupBy(SimulatedVisitor.DeviceOf).Select(async group =>
        {
            SentEvent[] made = [.. group];
            SessionEvent[] events = [.. made.Select(SimulatedVisitor.ToEvent)];
            TrackReceipt receipt = await Insist(() => Device(group.Key, "Track", device => device.Track(events)));
            foreach ((SentEvent one, EventReceipt answered) in made.Zip(receipt.Events))
            {
                if (answered.Outcome == EventOutcome.Invalid)
                {
                    _cluster.Unexpected.Add($"{one} was refused: {answered.Reason}");
                }
                else if (_acknowledged.Add(one.Id))
                {
                    _inSession[answered.SessionId!.Value] = _inSession.GetValueOrDefault(answered.SessionId.Value) + 1;
                }

                Scheduler.Say($"{one.Visitor} learns that {one.Id} of {one.Timestamp:HH:mm:ss.fff} is {answered.Outcome} in session {answered.SessionId.ToString()![..8]}");
            }
        }));
    }

    /// <summary>What is said of a session has all that was acknowledged before the question.</summary>
    private async Task Look(Guid session)
    {
        int acknowledged = _inSession.GetValueOrDefault(session);
        Session? answer = await Insist(() => _cluster.Call(
            _process, null, new GrainKey(null, session), "Get", interleaves: true, activation => ((SessionHome)activation).Session.Get()));
        if ((answer?.EventCount ?? 0) < acknowledged)
        {
            OldAnswers.Add($"the answer says that session {session} has {answer?.EventCount ?? 0} events, and {acknowledged} were acknowledged before");
        }
    }

    private async Task EndSession(SimulatedVisitor visitor)
    {
        UserDeviceKey key = visitor.Device;
        DateTimeOffset asked = _process.Clock.GetUtcNow();
        Session? ended = _cluster.Switches.NamedReset
            ? await Again(() => SafeReset.Make(
                () => Insist(() => Device(key, "GetLiveSession", device => device.GetLiveSession())),
                id => Insist(() => Device(key, "Reset", device => device.Reset(id)))))
            : await Insist(() => Device(key, "Reset", device => device.Reset(null)));
        DateTimeOffset answered = _process.Clock.GetUtcNow();
        Scheduler.Say($"{visitor.Name} has reset {ended?.SessionId}");
        // A silo whose clock is wrong closes the session at a wrong time.
        _resets.Add(new Reset(visitor.Name, asked - ClocksOff, answered + ClocksOff, ended is not null && ClocksOff == TimeSpan.Zero));
    }

    private Task<T> Device<T>(UserDeviceKey device, string what, Func<DeviceActivation, Task<T>> run) => _cluster.Call(
        _process, null, new GrainKey(device.Device, default), what, interleaves: false, activation => run(((DeviceHome)activation).Device));

    /// <summary>Calls as the gateway does, and again as SDKs do, until there is an answer.</summary>
    private Task<T> Insist<T>(Func<Task<T>> call) =>
        Again(() => _gateway.Make(call, _process.Clock.GetTimestamp(), CancellationToken.None));

    private async Task<T> Again<T>(Func<Task<T>> request)
    {
        while (true)
        {
            try
            {
                return await request();
            }
            catch (Exception failure) when (failure is SessionsUnavailableException or TimeoutException or SiloUnavailableException)
            {
                await Delay(RetryPace);
            }
        }
    }
}
