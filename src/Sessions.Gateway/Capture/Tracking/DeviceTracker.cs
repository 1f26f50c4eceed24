using Microsoft.Extensions.Logging;
using Sessions.Gateway.Capture.Parsing;

namespace Sessions.Gateway.Capture.Tracking;

/// <summary>Finds the grain of a user-device.</summary>
internal delegate IUserDeviceGrain FindUserDevice(UserDeviceKey key);

/// <summary>An event and what its grain says became of it.</summary>
internal readonly record struct TrackedEvent(int Index, EventReceipt Receipt);

/// <summary>
/// Hands a request's events to their user-devices, one call each, and waits until all are durable. Calls that fail for
/// a passing reason are made again, which is safe because an event counts once. Devices are called side by side, but for
/// those whose events say in turn who is whom (<see cref="MergeLanes"/>).
/// </summary>
internal sealed partial class DeviceTracker(
    FindUserDevice findDevice, CaptureOptions options, TimeProvider time, ILogger<DeviceTracker> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    private volatile bool _isFailing;

    /// <summary>What became of the events, in no particular order.</summary>
    /// <exception cref="CaptureRefusedException">Not all could be made durable within the patience: 503.</exception>
    public async Task<IReadOnlyList<TrackedEvent>> Track(string project, IReadOnlyList<CapturedEvent> events)
    {
        long started = time.GetTimestamp();
        List<DeviceCall> calls = GroupByDevice(project, events);
        try
        {
            // Who is identified gets the anonymous device's session before its own events look for one.
            ILookup<bool, DeviceCall>? waves = calls.Exists(call => call.HandsOver || call.Next is not null)
                ? calls.ToLookup(call => call.InOrder.Any(one => one.HandsOver))
                : null;
            if (waves is not null)
            {
                await Call([.. waves[true]], started);
            }

            await Call([.. waves?[false] ?? calls], started);
            _isFailing = false;
        }
        catch (Exception failure)
        {
            bool isNews = !_isFailing || failure is not (SessionsUnavailableException or TimeoutException);
            _isFailing = true;
            // Once until events are taken again: while Postgres is away every request says the same.
            if (isNews)
            {
                LogUnavailable(failure is SessionsUnavailableException or TimeoutException ? null : failure, failure.Message);
            }

            throw new CaptureRefusedException(CaptureRefusal.Unavailable());
        }

        return calls is [{ Next: null } only] ? only.Receipts : [.. calls.SelectMany(call => call.InOrder).SelectMany(call => call.Receipts)];
    }

    private static List<DeviceCall> GroupByDevice(string project, IReadOnlyList<CapturedEvent> events)
    {
        MergeLanes? lanes = LanesOf(project, events);
        List<DeviceCall> calls = [];
        Dictionary<UserDeviceKey, DeviceCall> byDevice = [];
        DeviceCall?[] inLane = lanes is null ? [] : new DeviceCall?[lanes.Count];
        for (int i = 0; i < events.Count; i++)
        {
            CapturedEvent captured = events[i];
            UserDeviceKey key = DeviceOf(project, captured);
            if (!byDevice.TryGetValue(key, out DeviceCall? call))
            {
                // Nearly always all events of a request are of one device.
                byDevice.Add(key, call = new DeviceCall(key, calls.Count == 0 ? events.Count : 1));
                if (lanes?.LaneOf(key) is null)
                {
                    calls.Add(call);
                }
            }

            call.HandsOver |= captured.AnonymousId is not null && captured.OtherId is not null;
            call.Indexes.Add(captured.Index);
            call.Events.Add(captured.Event);
            if (lanes?.IsOrdered(i) == true)
            {
                // What comes later in the lane waits for it.
                Close(byDevice[key], lanes.LaneOf(key)!.Value);
                byDevice.Remove(key);
            }
        }

        foreach (DeviceCall open in byDevice.Values)
        {
            if (lanes?.LaneOf(open.Device) is { } lane)
            {
                Close(open, lane);
            }
        }

        return calls;

        void Close(DeviceCall call, int lane)
        {
            if (inLane[lane] is not { } last)
            {
                calls.Add(call);
            }
            else
            {
                last.Next = call;
            }

            inLane[lane] = call;
        }
    }

    private static MergeLanes? LanesOf(string project, IReadOnlyList<CapturedEvent> events)
    {
        List<Merge>? merges = null;
        for (int i = 0; i < events.Count; i++)
        {
            if (events[i].OtherId is { } other)
            {
                (merges ??= []).Add(
                    new Merge(i, DeviceOf(project, events[i]), events[i].Event.SessionId, events[i].Event.DistinctId, other));
            }
        }

        return merges is null ? null : MergeLanes.Of(merges);
    }

    private static UserDeviceKey DeviceOf(string project, CapturedEvent captured) =>
        UserDeviceKey.Create(project, captured.AnonymousId ?? captured.Event.DistinctId, captured.Event.DeviceId);

    private async Task Call(DeviceCall[] calls, long started)
    {
        if (calls.Length == 0)
        {
            return;
        }

        if (calls.Length == 1)
        {
            await CallInOrder(calls[0], started);
            return;
        }

        await Parallel.ForEachAsync(
            calls,
            new ParallelOptions { MaxDegreeOfParallelism = options.MaxDevicesAtOnce },
            async (call, _) => await CallInOrder(call, started));
    }

    private async Task CallInOrder(DeviceCall first, long started)
    {
        for (DeviceCall? call = first; call is not null; call = call.Next)
        {
            call.Receipts = await Call(call, started);
        }
    }

    private async Task<TrackedEvent[]> Call(DeviceCall call, long started)
    {
        for (TimeSpan pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                TrackReceipt receipt = await RepeatedCall.Make(
                    () => findDevice(call.Device).Track(call.Events),
                    options.SendAgain,
                    options.Patience - time.GetElapsedTime(started),
                    time,
                    CancellationToken.None);
                return call.With(receipt);
            }
            catch (Exception failure) when (time.GetElapsedTime(started) + pause < PatienceWith(failure))
            {
                LogRetry(failure.GetType().Name);
            }

            await Task.Delay(pause, time);
        }
    }

    /// <summary>How long a failure of this kind is worth trying again: not at all when it is nobody's absence.</summary>
    private TimeSpan PatienceWith(Exception failure) => failure switch
    {
        SessionsUnavailableException => options.StorePatience < options.Patience ? options.StorePatience : options.Patience,
        TimeoutException or OrleansException => options.Patience,
        _ => TimeSpan.Zero,
    };

    [LoggerMessage(LogLevel.Warning, "Events could not be made durable, their sender is told to send them again: {Reason}")]
    private partial void LogUnavailable(Exception? failure, string reason);

    [LoggerMessage(LogLevel.Debug, "A call to a user-device failed and is made again: {Failure}")]
    private partial void LogRetry(string failure);

    private sealed class DeviceCall(UserDeviceKey device, int expected)
    {
        public UserDeviceKey Device { get; } = device;

        public bool HandsOver { get; set; }

        /// <summary>The call to make after this one; nearly always none.</summary>
        public DeviceCall? Next { get; set; }

        /// <summary>This call and those after it.</summary>
        public IEnumerable<DeviceCall> InOrder
        {
            get
            {
                for (DeviceCall? call = this; call is not null; call = call.Next)
                {
                    yield return call;
                }
            }
        }

        public List<int> Indexes { get; } = new(expected);

        public List<SessionEvent> Events { get; } = new(expected);

        public TrackedEvent[] Receipts { get; set; } = [];

        public TrackedEvent[] With(TrackReceipt receipt)
        {
            var tracked = new TrackedEvent[Indexes.Count];
            for (int i = 0; i < tracked.Length; i++)
            {
                tracked[i] = new TrackedEvent(Indexes[i], receipt.Events[i]);
            }

            return tracked;
        }
    }
}
