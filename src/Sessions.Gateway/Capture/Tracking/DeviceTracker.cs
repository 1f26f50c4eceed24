using Microsoft.Extensions.Logging;
using Sessions.Gateway.Capture.Parsing;

namespace Sessions.Gateway.Capture.Tracking;

/// <summary>Finds the grain of a user-device.</summary>
internal delegate IUserDeviceGrain FindUserDevice(UserDeviceKey key);

/// <summary>An event and what its grain says became of it.</summary>
internal readonly record struct TrackedEvent(int Index, EventReceipt Receipt);

/// <summary>
/// Hands a request's events to their user-devices, one call each, and waits until all are durable. Calls that fail for
/// a passing reason are made again, which is safe because an event counts once.
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
            if (calls.Exists(call => call.HandsOver))
            {
                await Call([.. calls.Where(call => call.HandsOver)], started);
            }

            await Call([.. calls.Where(call => !call.HandsOver)], started);
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

        return calls.Count == 1 ? calls[0].Receipts : [.. calls.SelectMany(call => call.Receipts)];
    }

    private static List<DeviceCall> GroupByDevice(string project, IReadOnlyList<CapturedEvent> events)
    {
        List<DeviceCall> calls = [];
        Dictionary<UserDeviceKey, DeviceCall> byDevice = [];
        foreach (CapturedEvent captured in events)
        {
            var key = UserDeviceKey.Create(project, captured.AnonymousId ?? captured.Event.DistinctId, captured.Event.DeviceId);
            if (!byDevice.TryGetValue(key, out DeviceCall? call))
            {
                // Nearly always all events of a request are of one device.
                byDevice.Add(key, call = new DeviceCall(key, calls.Count == 0 ? events.Count : 1));
                calls.Add(call);
            }

            call.HandsOver |= captured.AnonymousId is not null;
            call.Indexes.Add(captured.Index);
            call.Events.Add(captured.Event);
        }

        return calls;
    }

    private async Task Call(DeviceCall[] calls, long started)
    {
        if (calls.Length == 0)
        {
            return;
        }

        if (calls.Length == 1)
        {
            calls[0].Receipts = await Call(calls[0], started);
            return;
        }

        await Parallel.ForEachAsync(
            calls,
            new ParallelOptions { MaxDegreeOfParallelism = options.MaxDevicesAtOnce },
            async (call, _) => call.Receipts = await Call(call, started));
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
