using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Domain;
using Sessions.Domain.Time;

namespace Sessions.Grains;

/// <summary>
/// One user-device: decides which session an event belongs to, and ends its live session when it idles. The rules
/// are <see cref="Placement"/>'s; calls go down to sessions only.
/// </summary>
[GrainType(DeviceReminder.GrainType)]
internal sealed partial class UserDeviceGrain(
    IDeviceStore store,
    GrainFinder<ISessionIntake> sessions,
    IOptions<SessionOptions> options,
    ProjectCache<SessionRules> projects,
    IForgottenPersons forgotten,
    Wakefulness wakefulness,
    TimeProvider clock,
    GrainMetrics metrics,
    ILogger<UserDeviceGrain> log)
    : Grain, IUserDeviceGrain, IDeviceReset, IDeviceHeir, IDeviceRecall, IRemindable
{
    // Each attempt begins with a fresh epoch and a fresh look at the sessions.
    private const int MaxAttempts = 3;

    private SessionRules _rules = options.Value.ToRules();
    private UserDeviceKey? _key;
    private readonly int _maxEvents = options.Value.MaxTrackEvents;
    private OpenDevice? _open;
    private Task<OpenDevice?>? _opening;

    private UserDeviceKey Key => _key ??= UserDeviceKey.Parse(this.GetPrimaryKeyString());

    private DateTimeOffset Now => WholeMicroseconds.Of(clock.GetUtcNow());

    public async Task<TrackReceipt> Track(IReadOnlyList<SessionEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (events.Count > _maxEvents)
        {
            throw new ArgumentException($"{events.Count} events in one call; at most {_maxEvents} are taken.", nameof(events));
        }

        events = EventIds.Stored(events);
        DateTimeOffset receivedAt = Now;
        await ReadRules();
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            long welcomeAt = forgotten.Generation;
            if (events.Count > 0 && events.All(happened => IsForgotten(happened, receivedAt)))
            {
                // Not even the device must be written down again.
                TrackReceipt nothing = NothingOf(events);
                metrics.Answered(nothing);
                return nothing;
            }

            if (await OpenAhead(events, receivedAt, welcomeAt) is not { } device)
            {
                continue;
            }

            try
            {
                if (await Track(device, events, receivedAt, welcomeAt) is { } receipt)
                {
                    metrics.Answered(receipt);
                    return receipt;
                }
            }
            catch (SessionsUnavailableException)
            {
                _open = null;
                throw;
            }

            _open = null;
        }

        throw new SessionsUnavailableException("Another activation of the device is at work.");
    }

    public async Task<Session?> GetLiveSession()
    {
        await wakefulness.IsSure();
        // Asking must not raise the epoch of a device that is not in memory: it would write for every question.
        if (_open is not { } open)
        {
            return await LiveOf(await ReadLatest());
        }

        // Side by side with the session's own look at what is durable.
        Task<long> newest = store.EpochOf(Key);
        Session? session = await LiveOf(open.Timeline);
        // While silos come and go there may be another activation of the device, and this one knows too little.
        return await newest > open.Epoch ? await LiveOf(await ReadLatest()) : session;
    }

    private async Task<Session?> LiveOf(DeviceTimeline timeline)
    {
        if (timeline.Live is not { } live)
        {
            return null;
        }

        Session? session = await Read(live.SessionId);
        return session is { Status: SessionStatus.Live } ? session : null;
    }

    /// <summary>Null when the device's view was out of date: nothing invalid was done, and it is to be tried again.</summary>
    private async Task<TrackReceipt?> Track(
        OpenDevice device, IReadOnlyList<SessionEvent> events, DateTimeOffset receivedAt, long welcomeAt)
    {
        if (device.Timeline.HasIdle(Now))
        {
            // A timer that is late must not let the call find live what has ended.
            await EndOver(device);
        }

        var call = new TrackCall(events);
        bool places = events.Any(happened => !ClientSessionId.TryParse(happened.SessionId, out _));
        var placing = new Placing(this, device, receivedAt, places, byPlace: SenderOrders.AreOfTheList(events));
        for (int i = 0; i < events.Count; i++)
        {
            if (EventValidation.Check(events[i]) is { } reason)
            {
                call.Refuse(i, reason);
            }
            else if (Retention.IsTooOld(events[i].Timestamp ?? receivedAt, receivedAt, _rules))
            {
                call.Refuse(i, DropReason.TooOld);
            }
            else if (IsForgotten(events[i], receivedAt))
            {
                call.Refuse(i, DropReason.PersonDeleted);
            }
            else
            {
                await placing.Place(call, i);
            }
        }

        if (placing.MayBeLive)
        {
            // Before the first event of a live session is journalled, so that no live session lacks one.
            await ArmReminder();
        }

        UserDeviceKey[] heirs = call.HasIdentify ? [.. call.Heirs(Key)] : [];
        if (heirs.Length > 0)
        {
            bool[] welcome = await Task.WhenAll(heirs.Select(heir => GrainFactory.GetGrain<IDeviceHeir>(heir).Expect(welcomeAt)));
            if (welcome.Contains(false))
            {
                return null;
            }
        }

        AppendResult[] results = await Append(device, call.Batches, receivedAt, welcomeAt);
        if (results.Any(result => result.IsStale))
        {
            return null;
        }

        for (int i = 0; i < results.Length; i++)
        {
            call.Settle(call.Batches[i], results[i]);
            Learn(device, call.Batches[i].SessionId, results[i].Standing);
        }

        await HandOver(device, heirs, results);
        await EndOver(device);
        await HastenReminder(device);
        ArmTimer(device);
        return call.ToReceipt();
    }

    private static TrackReceipt NothingOf(IReadOnlyList<SessionEvent> events)
    {
        var refused = new TrackCall(events);
        for (int i = 0; i < events.Count; i++)
        {
            refused.Refuse(i, DropReason.PersonDeleted);
        }

        return refused.ToReceipt();
    }

    private bool IsForgotten(SessionEvent happened, DateTimeOffset receivedAt) =>
        happened.DistinctId is { Length: > 0 } && forgotten.Covers(Key.Project, happened.DistinctId, happened.Timestamp ?? receivedAt);

    /// <summary>Nearly always all events go to one session; then nothing is made to wait for several.</summary>
    private async Task<AppendResult[]> Append(
        OpenDevice device, IReadOnlyList<SessionBatch> batches, DateTimeOffset receivedAt, long welcomeAt)
    {
        var caller = new DeviceCall(Key, device.Epoch);
        AppendResult[] results = batches.Count == 1
            ? [await Intake(batches[0].SessionId).Append(caller, receivedAt, batches[0].Events)]
            : await Task.WhenAll(batches.Select(batch => Intake(batch.SessionId).Append(caller, receivedAt, batch.Events)));
        for (int i = 0; i < results.Length; i++)
        {
            if (results[i].Revives is { } owner)
            {
                results[i] = await Revive(owner, caller, batches[i], receivedAt, welcomeAt);
            }
        }

        return results;
    }

    /// <summary>Ends what has idled, and then what a later session of the device has replaced.</summary>
    private async Task EndOver(OpenDevice device)
    {
        if (device.Timeline.Sessions is [{ } only] && !only.IsIdle(Now))
        {
            return;
        }

        // In this order: with a timer that is never late the idle ones would have ended before anything replaced them.
        DateTimeOffset now = Now;
        bool isLast = device.Timeline.Sessions.Count(session => session.IsLive) == 1;
        await Task.WhenAll(device.Timeline.Sessions.Where(session => session.IsIdle(now)).ToArray().Select(idle =>
            isLast ? EndLast(device, idle) : End(device, idle, EndReason.Idle, closedAt: null)));
        if (device.Timeline.Live is { } live)
        {
            ImmutableArray<KnownSession> sessions = device.Timeline.Sessions;
            await Task.WhenAll(device.Timeline.Replaced.ToArray().Select(replaced =>
            {
                DateTimeOffset closedAt = live.Start > replaced.End ? live.Start : replaced.End;
                return End(device, replaced, Placement.WhyEnded(sessions, replaced, live), closedAt);
            }));
        }
    }

    /// <summary>Ends the only live session as idle, and removes the reminder in the same commit.</summary>
    private async Task EndLast(OpenDevice device, KnownSession last)
    {
        int? version = _reminder;
        // Who expects a session meanwhile writes another one, which this does not touch.
        _reminder = null;
        if (await End(device, last, EndReason.Idle, closedAt: null, version) != EndVerdict.Ended)
        {
            _reminder ??= version;
        }
    }

    private async Task<EndVerdict> End(
        OpenDevice device, KnownSession session, EndReason reason, DateTimeOffset? closedAt, int? reminder = null)
    {
        EndResult result = await Intake(session.SessionId).End(new DeviceCall(Key, device.Epoch, reminder), reason, closedAt);
        switch (result.Verdict)
        {
            case EndVerdict.NotYours:
                device.Timeline = device.Timeline.Without(session.SessionId);
                break;
            case EndVerdict.Stale:
                _open = null;
                throw new SessionsUnavailableException("Another activation of the device is at work.");
            default:
                Learn(device, session.SessionId, result.Standing);
                break;
        }

        return result.Verdict;
    }

    private void Learn(OpenDevice device, Guid sessionId, SessionStanding? standing) =>
        device.Timeline = standing is not null && IsMine(standing)
            ? device.Timeline.With(standing.ToKnown())
            : device.Timeline.Without(sessionId);

    private bool IsMine(SessionStanding standing) => standing.Owner == Key.Device;

    /// <summary>
    /// What a device knows of its sessions holds by the idle timeout of then. With another one it asks them again; a
    /// timer that was set for later than now is to be set anew.
    /// </summary>
    private async ValueTask ReadRules()
    {
        SessionRules rules = await projects.Of(Key.Project);
        if (rules.IdleTimeout != _rules.IdleTimeout)
        {
            _open = null;
            _timerIsArmed = false;
        }

        _rules = rules;
    }

    private Task<Session?> Read(Guid sessionId) =>
        GrainFactory.GetGrain<ISessionGrain>(SessionKey.Create(Key.Project, sessionId)).Get();

    private ISessionIntake Intake(Guid sessionId) => sessions.Find(SessionKey.Create(Key.Project, sessionId));
}
