using Sessions.Domain.Devices;
using Sessions.Domain.Events;
using Sessions.Domain.Folding;

namespace Sessions.Domain.Tests.Placing;

/// <summary>
/// The product's device, whose steps are performed at once in a simulated world: sessions are folds in a dictionary, and
/// their rows are up to date. The world checks what must be true after each step.
/// </summary>
/// <param name="rules">The project's rules.</param>
/// <param name="isPunctual">Whether idle sessions end at their very instant, or only when something else happens.</param>
/// <param name="latestSessions">How many sessions a new activation of the device reads.</param>
internal sealed class SimulatedDevice(SessionRules rules, bool isPunctual, int latestSessions = 8)
{
    private static readonly UserDeviceKey Key = UserDeviceKey.Create("shop", "anonymous", "device");

    private readonly Dictionary<Guid, HashSet<Guid>> _taken = [];
    private readonly DeviceAlarms _alarms = new();
    private Device? _opened;
    private DateTimeOffset _now;
    private int _versions;
    private int? _reminder;
    private DateTimeOffset? _timer;

    private Device Device => _opened ?? Open();

    /// <summary>Which session has each event.</summary>
    public Dictionary<Guid, Guid> SessionOf { get; } = [];

    /// <summary>The sessions as they were folded.</summary>
    public Dictionary<Guid, SessionState> Sessions { get; } = [];

    public SimulatedDevice Play(IEnumerable<Delivery> deliveries)
    {
        foreach (Delivery delivery in deliveries)
        {
            if (isPunctual)
            {
                EndIdleUntil(delivery.Now);
            }

            Track(delivery);
            switch (delivery.Then)
            {
                case Then.Reset:
                    Run(Device.Reset(new DeviceReset(null)));
                    break;
                case Then.Reopen:
                    Open();
                    break;
            }
        }

        return this;
    }

    /// <summary>Lets so much time pass that everything has ended.</summary>
    public SimulatedDevice PassAway()
    {
        Wake(DateTimeOffset.MaxValue.AddDays(-1));
        return this;
    }

    private void Track(Delivery delivery)
    {
        _now = delivery.Now;
        var call = new TrackCall(Key, [.. delivery.Events.Select(sent => sent.ToEvent())], _now, rules, (_, _) => false, 0);
        Run(call.Steps(Device));
        Assert.False(call.IsOutdated);
        foreach ((EventReceipt receipt, Sent sent) in call.ToReceipt().Events.Zip(delivery.Events))
        {
            Assert.Equal((sent.Id, SessionOf[sent.Id]), (receipt.EventId, receipt.SessionId!.Value));
        }
    }

    private void EndIdleUntil(DateTimeOffset now)
    {
        while (Device.Timeline.HasIdle(now))
        {
            Wake(Device.Timeline.IdlesAt!.Value);
        }
    }

    private void Wake(DateTimeOffset now)
    {
        _now = now;
        _alarms.ForgetTimer();
        Run(Device.Wake(isReminder: false));
    }

    /// <summary>Begins a new activation, which knows what is stored.</summary>
    private Device Open()
    {
        SessionCheckpoint[] all = All();
        SessionCheckpoint[] latest = [.. all.Take(latestSessions)];
        var reading = new TimelineReading(
            Key,
            [.. latest, .. all.Skip(latestSessions).Where(row => row.State!.Status == SessionStatus.Live)],
            all.Length > latestSessions ? latest[^1].State!.Start : null,
            rules);
        Perform(reading.Standings);
        _alarms.Opened(_reminder, due: null);
        _alarms.ForgetTimer();
        _timer = null;
        return _opened = new Device(Key, (_opened?.Epoch ?? 0) + 1, reading.ToTimeline(), handedTo: null, _alarms) { Rules = rules };
    }

    private void Run(IEnumerable<DeviceStep> steps)
    {
        Device.Now = _now;
        foreach (DeviceStep step in steps)
        {
            Perform(step);
            Assert.True(_reminder is not null || !IsAnyLive(), $"After {step.GetType().Name} a session is live, and no reminder would end it.");
        }

        Assert.True(_timer <= Device.Timeline.IdlesAt || Device.Timeline.IdlesAt is null || !IsAnyLive(), "A session is live, and the timer is late.");
    }

    private void Perform(DeviceStep step)
    {
        switch (step)
        {
            case ReadSessions read:
                read.Answer = Around(read.Time);
                break;
            case ReadStandings asked:
                asked.Answer = [.. asked.Sessions.Select(one => Standing(one.SessionId))];
                break;
            case CheckTaken asked:
                asked.Answer = _taken.TryGetValue(asked.SessionId, out HashSet<Guid>? taken) && taken.Contains(asked.Placed.Event.Id);
                break;
            case RegisterReminder reminder:
                reminder.Answer = ++_versions;
                _reminder = _versions;
                break;
            case AppendEvents append:
                foreach (SessionBatch batch in append.Batches)
                {
                    EventReceipt[] receipts = [.. batch.Events.Select(placed => Append(batch.SessionId, placed))];
                    batch.Take(isStale: false, receipts, Standing(batch.SessionId), revives: null);
                }

                break;
            case EndSessions ends:
                foreach (SessionEnd end in ends.Ends)
                {
                    End(end);
                }

                break;
            case SetTimer timer:
                _timer = timer.At;
                break;
            case StandDown down:
                Remove(down.Reminder);
                break;
            default:
                throw new NotSupportedException($"One device alone has no step {step.GetType().Name}.");
        }
    }

    private EventReceipt Append(Guid sessionId, PlacedEvent placed)
    {
        if (!_taken.TryGetValue(sessionId, out HashSet<Guid>? taken))
        {
            _taken[sessionId] = taken = [];
        }

        SessionEvent sent = placed.Event;
        if (!taken.Add(sent.Id))
        {
            return new EventReceipt(sent.Id, EventOutcome.Duplicate, sessionId);
        }

        SessionState? state = Sessions.GetValueOrDefault(sessionId);
        JournalEntry entry = EntryOf(sent, placed.Named, (state?.Number ?? 0) + 1, _now);
        Assert.True(EventFactsReader.TryRead(sent.Properties.Span, out EventFacts facts));
        Sessions[sessionId] = SessionFold.Apply(state, entry, facts, rules);
        SessionOf.Add(sent.Id, sessionId);
        return new EventReceipt(sent.Id, EventOutcome.New, sessionId);
    }

    /// <summary>An event as a session stores it.</summary>
    public static JournalEntry EntryOf(Sent sent, int number, DateTimeOffset now) =>
        EntryOf(sent.ToEvent(), sent.Client is not null, number, now);

    private static JournalEntry EntryOf(SessionEvent sent, bool named, int number, DateTimeOffset now) => new(
        number,
        named ? EntryKind.NamedEvent : EntryKind.PlacedEvent,
        sent.Id,
        sent.Timestamp!.Value,
        now,
        sent.Name,
        Key.Device,
        sent.DistinctId,
        sent.DeviceId,
        null,
        sent.Properties,
        sent.SenderOrder);

    private void End(SessionEnd end)
    {
        SessionState state = Sessions[end.SessionId];
        JournalEntry entry = JournalEntry.OfEnd(state.Number + 1, end.Reason, end.ClosedAt ?? state.End, _now);
        Sessions[end.SessionId] = SessionFold.Apply(state, entry, EventFacts.None, rules);
        Remove(end.Reminder);
        end.Take(EndVerdict.Ended, Standing(end.SessionId));
    }

    private void Remove(int? reminder) => _reminder = _reminder == reminder ? null : _reminder;

    private SessionCheckpoint[] Around(DateTimeOffset time)
    {
        SessionCheckpoint[] all = All();
        return [.. all.Where(row => row.State!.Start <= time && row.State.End >= time - rules.IdleTimeout).Take(16)
            .Concat(all.Where(row => row.State!.Start <= time).Take(latestSessions))
            .Concat(all.Reverse().Where(row => row.State!.Start > time).Take(4))
            .DistinctBy(row => row.SessionId)];
    }

    private SessionCheckpoint[] All() =>
        [.. Sessions.Select(one => new SessionCheckpoint(one.Key, one.Value)).OrderByDescending(row => row.State!.Start).ThenByDescending(row => row.SessionId)];

    private SessionStanding? Standing(Guid sessionId) =>
        Sessions.TryGetValue(sessionId, out SessionState? state) ? SessionStanding.Of(sessionId, state, rules) : null;

    private bool IsAnyLive() => Sessions.Values.Any(state => state.Status == SessionStatus.Live);
}
