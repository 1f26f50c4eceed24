using Microsoft.Extensions.Logging;
using Sessions.Domain;
using Sessions.Domain.Devices;
using Sessions.Domain.Events;
using Sessions.Domain.Folding;
using Sessions.Domain.Time;
using Sessions.Silo.PersonData;
using Sessions.Silo.Sessions;

namespace Sessions.Silo.Devices;

/// <summary>
/// One activation of a user-device: it opens the device and performs the steps that <see cref="Device"/> decides, in
/// their order. It runs without a silo in tests, because everything that it calls is a port.
/// </summary>
internal sealed partial class DeviceActivation(
    UserDeviceKey key,
    IDeviceHost host,
    IDeviceStore store,
    SessionOpenings openings,
    IForgottenPersons forgotten,
    int maxEvents,
    TimeProvider clock,
    GrainMetrics metrics,
    ILogger log)
{
    // Each attempt reads the sessions again. All but the first raise the epoch.
    private const int MaxAttempts = 4;

    private readonly DeviceAlarms _alarms = new();
    private readonly DeviceSessions _sessions = new(key, host, openings);
    private readonly Func<string, DateTimeOffset, bool> _isErased =
        (distinctId, time) => forgotten.Covers(key.Project, distinctId, time);

    private SessionRules? _rules;
    private StoreHistory? _history;
    private long _openedIn;
    private Device? _device;
    private Task<Device?>? _opening;
    private bool _isCountedLive;

    // Whether the last call needed no row of the device. The next one writes it, so that the device stays in memory.
    private bool _wasLeftUnknown;

    private DateTimeOffset Now => WholeMicroseconds.Of(clock.GetUtcNow());

    public async Task<TrackReceipt> Track(IReadOnlyList<SessionEvent> events)
    {
        if (events.Count > maxEvents)
        {
            throw new ArgumentException($"{events.Count} events in one call; at most {maxEvents} are taken.", nameof(events));
        }

        events = EventIds.Stored(events);
        DateTimeOffset receivedAt = Now;
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            SessionRules rules = await Prepare();
            bool isArchived = await forgotten.IsArchivedNow(key.Project);
            var call = new TrackCall(key, events, receivedAt, rules, _isErased, forgotten.Generation, isArchived);
            if (!call.IsRefused)
            {
                DateTimeOffset? reminderDue = call.MayOpenLive ? receivedAt + rules.IdleTimeout + DeviceAlarms.ReminderSlack : null;
                if ((Written ?? await Open(reminderDue, call.ErasureGeneration, leaveUnknown: attempt == 0 && !_wasLeftUnknown)) is not { } device)
                {
                    continue;
                }

                await Run(device, call.Steps(device));
                _wasLeftUnknown = !device.IsWritten;
                if (call.IsOutdated)
                {
                    Close(device);
                    continue;
                }
            }

            TrackReceipt receipt = call.ToReceipt();
            metrics.Answered(receipt);
            return receipt;
        }

        throw Device.Replaced();
    }

    public async Task<Session?> GetLiveSession()
    {
        await Prepare();
        // A read must not raise the epoch of a device that is not in memory: otherwise every read would write.
        if (_device is not { IsWritten: true } device)
        {
            return await LiveOf(await ReadLatest());
        }

        // Runs at the same time as the session's own check of its last durable number.
        Task<long> newest = store.EpochOf(key);
        Session? session = await LiveOf(device.Timeline);
        // While silos start and stop, another activation of the device may exist, and this one may be outdated.
        return await newest > device.Epoch || _history is { IsOver: true } ? await LiveOf(await ReadLatest()) : session;
    }

    public async Task<Session?> Reset(Guid? sessionId)
    {
        Device device = await Open();
        var reset = new DeviceReset(sessionId);
        await Run(device, device.Reset(reset));
        return reset.Ended is { } ended ? await host.Read(ended) : null;
    }

    /// <summary>Registers the reminder for a session that is about to be handed over to the device.</summary>
    /// <returns>False when persons were erased after that generation, so that the caller must check its events again.</returns>
    public async Task<bool> Expect(long erasureGeneration)
    {
        await Prepare();
        if ((Written ?? await Open(reminderDue: null, erasureGeneration)) is not { } device)
        {
            return false;
        }

        await Run(device, device.Expect());
        return true;
    }

    public async Task Inherit(SessionStanding session)
    {
        Device device = await Open();
        await Run(device, device.Inherit(session));
    }

    public async Task Recall()
    {
        _device = null;
        Device device = await Open();
        await Run(device, device.Recall());
    }

    public async Task OnTimer()
    {
        _alarms.ForgetTimer();
        try
        {
            Device device = await Open();
            await Run(device, device.Wake(isReminder: false));
        }
        catch (SessionsUnavailableException unavailable)
        {
            LogRetriesSoon(unavailable);
            Set(_alarms.Retry(clock.GetUtcNow()));
        }
    }

    /// <summary>The reminder is due.</summary>
    /// <returns>False when the device was erased with its person. It must not be written again, and its reminder must go.</returns>
    public async Task<bool> OnReminder()
    {
        try
        {
            if (Written is null && await store.EpochOf(key) == 0)
            {
                return false;
            }

            Device device = await Open();
            await Run(device, device.Wake(isReminder: true));
        }
        catch (SessionsUnavailableException unavailable)
        {
            LogRetriesByReminder(unavailable);
        }

        return true;
    }

    public void OnDeactivate() => CountLive(false);

    /// <summary>Waits until this silo is sure to be a member of its cluster, and then reads the rules.</summary>
    /// <remarks>Otherwise an activation on a silo that was declared dead could raise its epoch above its successor's.</remarks>
    private async ValueTask<SessionRules> Prepare()
    {
        await host.IsMember();
        SessionRules rules = await host.Rules();
        await forgotten.CheckStays(key.Project, host.Deactivate);
        if ((_rules is not null && rules.IdleTimeout != _rules.IdleTimeout) || _history is { IsOver: true } || _openedIn < forgotten.MadeIn(key.Project))
        {
            // The idle timeout has changed: the timeline was computed with the old one, and the timer may be too late. Or
            // the store is another server, which may lack what the device knows. Or the device's project is deleted, and
            // another one has its id.
            _history = null;
            _device = null;
            _alarms.ForgetTimer();
        }

        return _rules = rules;
    }

    private async Task<Device> Open()
    {
        while (true)
        {
            // With it the store refuses to write a device whose project is deleted after the check.
            long generation = forgotten.Generation;
            await Prepare();
            // We may have joined an opening that another call began for its events, and that was refused.
            if ((Written ?? await Open(reminderDue: null, generation)) is { } device)
            {
                return device;
            }
        }
    }

    /// <summary>Raises the epoch, so that older activations are refused, and reads the sessions. Concurrent calls share it.</summary>
    /// <param name="reminderDue">When the reminder is to be due, if this call opens the device; null leaves the reminder.</param>
    /// <param name="erasureGeneration">The generation of erased persons with which the call's events were checked.</param>
    /// <param name="leaveUnknown">
    /// Whether a device that the store does not know is left to the transaction of its first events, which the caller sends.
    /// </param>
    /// <returns>Null when persons were erased after that generation.</returns>
    private async Task<Device?> Open(DateTimeOffset? reminderDue, long erasureGeneration, bool leaveUnknown = false)
    {
        while (true)
        {
            if (_opening is null || _opening.IsCompleted)
            {
                _opening = OpenAnew(reminderDue, erasureGeneration, leaveUnknown);
            }

            // We may have joined the opening of a call that leaves an unknown device to its events.
            if (await _opening is var device && (leaveUnknown || device is null or { IsWritten: true }))
            {
                return device;
            }
        }
    }

    private async Task<Device?> OpenAnew(DateTimeOffset? reminderDue, long erasureGeneration, bool leaveUnknown)
    {
        _history = store.History;
        _openedIn = forgotten.Generation;
        if (await store.Open(key, reminderDue, erasureGeneration, leaveUnknown) is not { } opened)
        {
            return null;
        }

        if (opened.IsUnknown)
        {
            _alarms.Opened(reminderDue is null ? null : DeviceOpening.FirstReminder, reminderDue);
            return _device = new Device(key, opened.Epoch, DeviceTimeline.Empty, handedTo: null, _alarms)
            {
                Opening = new DeviceOpening(new DeviceEpoch(key, opened.Epoch), reminderDue),
            };
        }

        _alarms.Opened(opened.Reminder, reminderDue);
        TimelineReading reading = await Read(opened.Sessions, opened.OthersBefore);
        return _device = new Device(key, opened.Epoch, reading.ToTimeline(), reading.HandedTo ?? opened.HandedTo, _alarms);
    }

    /// <summary>The device in memory, if its epoch is in the store; else null, and it must be opened.</summary>
    private Device? Written => _device is { IsWritten: true } device ? device : null;

    private void Close(Device device)
    {
        if (_device == device)
        {
            _device = null;
        }
    }

    private async Task<DeviceTimeline> ReadLatest() =>
        (await Read(await store.SessionsAround(key, Now, _rules!.IdleTimeout), othersBefore: null)).ToTimeline();

    private async Task<TimelineReading> Read(IReadOnlyList<SessionCheckpoint> rows, DateTimeOffset? othersBefore)
    {
        var reading = new TimelineReading(key, rows, othersBefore, _rules!);
        await _sessions.Read(reading.Standings);
        return reading;
    }

    private async Task<Session?> LiveOf(DeviceTimeline timeline) =>
        timeline.Live is { } live && await host.Read(live.SessionId) is { Status: SessionStatus.Live } session ? session : null;

    /// <summary>Performs each step before the next one is decided. After a failure the next call opens the device again.</summary>
    private async Task Run(Device device, IEnumerable<DeviceStep> steps)
    {
        device.Rules = _rules!;
        device.Now = Now;
        try
        {
            foreach (DeviceStep step in steps)
            {
                // The usual call has one step: append its events to one session. It needs no other async method.
                if (step is AppendEvents { Batches: [var only] } append)
                {
                    Take(only, await _sessions.Append(device.Epoch, device.Opening, append, only));
                }
                else
                {
                    await Perform(device, step);
                }

                device.Now = Now;
            }
        }
        catch (SessionsUnavailableException)
        {
            Close(device);
            throw;
        }

        CountLive(device.Timeline.Live is not null);
    }

    private async Task Perform(Device device, DeviceStep step)
    {
        switch (step)
        {
            case AppendEvents append:
                await Task.WhenAll(append.Batches.Select(
                    async batch => Take(batch, await _sessions.Append(device.Epoch, device.Opening, append, batch))));
                break;
            case EndSessions ends:
                await Task.WhenAll(ends.Ends.Select(end => _sessions.End(device.Epoch, end)));
                break;
            case ReadStandings request:
                await _sessions.Read(request);
                break;
            case CheckTaken asked:
                asked.Answer = await host.Session(asked.SessionId).HasTakenEvent(key, asked.Placed);
                break;
            case ReadSessions read:
                read.Answer = await store.SessionsAround(read.Device, read.Time, read.IdleTimeout);
                break;
            case RegisterReminder reminder:
                reminder.Answer = await store.Remind(key, reminder.Due);
                break;
            case ExpectSession expect:
                bool[] expecting = await Task.WhenAll(expect.Devices.Select(other => host.Device(other).Expect(expect.ErasureGeneration)));
                expect.Answer = !expecting.Contains(false);
                break;
            case HandOverSession handOver:
                await host.Device(handOver.Heir).Inherit(handOver.Standing);
                break;
            case SetTimer timer:
                Set(timer);
                break;
            case StandDown down:
                await Perform(device, down);
                break;
            default:
                throw new NotSupportedException($"No device performs {step.GetType().Name}.");
        }
    }

    private async Task Perform(Device device, StandDown down)
    {
        try
        {
            if (down.Reminder is { } version)
            {
                await store.RemindNoMore(key, version);
            }
        }
        catch (SessionsUnavailableException failure) when (!down.IsForced)
        {
            LogKeepsReminder(failure);
        }

        if (down.IsForced)
        {
            // The device's row will be deleted. A call before the deactivation must not use the old state.
            Close(device);
        }

        host.Deactivate();
    }

    private static void Take(SessionBatch batch, AppendResult result) =>
        batch.Take(result.IsStale, result.Receipts, result.Standing, result.Revives);

    private void Set(SetTimer timer) =>
        host.SetTimer(TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerMillisecond, (DeviceAlarms.Together(timer.At) - clock.GetUtcNow()).Ticks)));

    private void CountLive(bool live)
    {
        if (live != _isCountedLive)
        {
            _isCountedLive = live;
            metrics.Live(live ? 1 : -1);
        }
    }

    [LoggerMessage(1040, LogLevel.Debug, "A device could not end its idle session. It tries again in two seconds.")]
    private partial void LogRetriesSoon(Exception failure);

    [LoggerMessage(1041, LogLevel.Debug, "A device could not end its idle session. It tries again at its reminder's next tick, within a minute.")]
    private partial void LogRetriesByReminder(Exception failure);

    [LoggerMessage(1042, LogLevel.Debug, "A device could not remove its reminder. The reminder's next tick removes it.")]
    private partial void LogKeepsReminder(Exception failure);
}
