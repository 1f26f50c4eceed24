using Sessions.Domain.Events;
using Sessions.Domain.Folding;
using Sessions.Domain.Projects;
using Sessions.Domain.Time;

namespace Sessions.Domain.Devices;

/// <summary>
/// The work of a device on the events of one call: it refuses some events, places the others, appends them to their
/// sessions, and ends the sessions that are over.
/// </summary>
public sealed class TrackCall
{
    private readonly UserDeviceKey _device;
    private readonly IReadOnlyList<SessionEvent> _events;
    private readonly DateTimeOffset _receivedAt;
    private readonly long _erasureGeneration;
    private readonly EventReceipt?[] _receipts;
    private readonly List<SessionBatch> _batches = new(1);
    private Dictionary<Guid, SessionBatch>? _batchOf;
    private readonly bool _allNamed = true;
    private bool _hasIdentify;

    /// <summary>Checks the events. A refused event needs no session.</summary>
    /// <param name="device">The device.</param>
    /// <param name="events">The events, in the order of the call.</param>
    /// <param name="receivedAt">When the device received them.</param>
    /// <param name="rules">The project's rules.</param>
    /// <param name="isErased">
    /// Whether events of a person at a time must be refused, because the person was deleted after that time.
    /// </param>
    /// <param name="erasureGeneration">The generation of erased persons that <paramref name="isErased"/> knows.</param>
    /// <param name="isArchived">Whether the project is archived, so that all events must be refused.</param>
    public TrackCall(
        UserDeviceKey device,
        IReadOnlyList<SessionEvent> events,
        DateTimeOffset receivedAt,
        SessionRules rules,
        Func<string, DateTimeOffset, bool> isErased,
        long erasureGeneration,
        bool isArchived = false)
    {
        (_device, _events, _receivedAt, _erasureGeneration) = (device, events, receivedAt, erasureGeneration);
        _receipts = new EventReceipt?[events.Count];
        IsRefused = true;
        for (int i = 0; i < events.Count; i++)
        {
            SessionEvent sent = events[i];
            DateTimeOffset time = sent.Timestamp ?? receivedAt;
            string? reason = EventValidation.Check(sent)
                ?? (isArchived ? DropReason.ProjectArchived
                    : RetentionRule.IsTooOld(time, receivedAt, rules) ? DropReason.TooOld
                    : isErased(sent.DistinctId, time) ? DropReason.PersonDeleted
                    : null);
            if (reason is not null)
            {
                _receipts[i] = new EventReceipt(sent.Id, EventOutcome.Invalid, null, reason);
                continue;
            }

            IsRefused = false;
            _allNamed &= ClientSessionId.TryParse(sent.SessionId, out _);
            MayOpenLive |= sent.Timestamp is null || (time - receivedAt).Duration() < rules.IdleTimeout;
        }
    }

    /// <summary>The number of events.</summary>
    public int Count => _events.Count;

    /// <summary>Whether all events are refused. Then the device is not opened, so that nothing is written.</summary>
    public bool IsRefused { get; }

    /// <summary>
    /// Whether the events may make a session live. Then the device registers its reminder while it is opened.
    /// </summary>
    public bool MayOpenLive { get; }

    /// <summary>The generation of erased persons with which the events were checked.</summary>
    public long ErasureGeneration => _erasureGeneration;

    /// <summary>
    /// Whether the device's knowledge was outdated, so that the device must be opened again and the call repeated. That
    /// is safe: events that were appended already are found as duplicates.
    /// </summary>
    public bool IsOutdated { get; private set; }

    /// <summary>The receipt of each event, after all steps were performed.</summary>
    public TrackReceipt ToReceipt() => new(_receipts!);

    /// <summary>The steps, in the order of their effects.</summary>
    public IEnumerable<DeviceStep> Steps(Device device)
    {
        if (device.Timeline.HasIdle(device.Now))
        {
            // In case the timer is late: the events must not join a session that is over.
            foreach (DeviceStep step in device.End())
            {
                yield return step;
            }
        }

        // 1. Find each event's session.
        var placing = new Placing(device, this, _receivedAt);
        bool byList = SenderOrders.AreOfTheList(_events);
        for (int i = 0; i < _events.Count; i++)
        {
            if (_receipts[i] is not null)
            {
                continue;
            }

            PlacedEvent placed = Settle(_events[i], byList ? i : _events[i].SenderOrder);
            if (_allNamed && placing.TryPlaceNamed(i, placed))
            {
                continue;
            }

            foreach (DeviceStep question in placing.Place(i, placed))
            {
                yield return question;
            }
        }

        if (!device.IsWritten && (_batches.Count > 1 || (placing.MayBeLive && device.FirstReminder() is not null)))
        {
            // One transaction writes the row of a device, and there would be several; and a reminder needs the row, because
            // without one its device counts as erased.
            IsOutdated = true;
            yield break;
        }

        // 2. Register the reminder before a session is live.
        if (placing.MayBeLive && device.FirstReminder() is { } reminder)
        {
            yield return reminder;
            device.Alarms.Registered(reminder);
        }

        // 3. Devices that get a session register their reminders before they own it.
        UserDeviceKey[] heirs = _hasIdentify ? [.. Heirs()] : [];
        if (heirs.Length > 0)
        {
            var expect = new ExpectSession(heirs, _erasureGeneration);
            yield return expect;
            if (!expect.Answer)
            {
                IsOutdated = true;
                yield break;
            }
        }

        // 4. Append.
        if (_batches.Count > 0)
        {
            yield return new AppendEvents(_batches, _receivedAt, IsExpected: false);
        }

        foreach (SessionBatch batch in _batches)
        {
            if (batch.Revives is { } owner)
            {
                foreach (DeviceStep step in Revive(batch, UserDeviceKey.OfDevice(_device.Project, owner)))
                {
                    yield return step;
                }
            }

            IsOutdated |= batch.IsStale;
        }

        // The session is on another silo, which does not write the device. A device that owns no session needs no row.
        IsOutdated |= !device.IsWritten && (heirs.Length > 0 || _batches.Exists(batch => batch.Standing?.Owner == _device.Device));
        if (IsOutdated)
        {
            yield break;
        }

        device.Opening = device.IsWritten ? null : device.Opening;

        foreach (SessionBatch batch in _batches)
        {
            Settle(batch);
            device.Learn(batch.SessionId, batch.Standing);
        }

        // 5. The events are durable: hand sessions over, end sessions, and set the alarms.
        foreach (UserDeviceKey heir in heirs)
        {
            foreach (SessionBatch batch in _batches)
            {
                if (batch.Standing is { } standing && standing.Owner == heir.Device)
                {
                    device.HandedTo = heir.Device;
                    yield return new HandOverSession(heir, standing);
                }
            }
        }

        if (device.Timeline.HasEnds(device.Now))
        {
            foreach (DeviceStep step in device.End())
            {
                yield return step;
            }
        }

        if (device.NeedsAlarms)
        {
            foreach (DeviceStep step in device.SetAlarms())
            {
                yield return step;
            }
        }
    }

    /// <summary>Records that an earlier session of the device already has the event.</summary>
    internal void IsTaken(int index, Guid sessionId) =>
        _receipts[index] = new EventReceipt(_events[index].Id, EventOutcome.Duplicate, sessionId, WarningOf(_events[index]));

    internal void Send(int index, Guid sessionId, in PlacedEvent placed, Device device)
    {
        SessionBatch batch = BatchOf(sessionId, device, placed);
        batch.Add(index, placed);
        _hasIdentify |= placed.Event.Name == EventNames.Identify;
    }

    /// <summary>
    /// Handles events that would make another device's session live again. That device has stood down, so it must
    /// register its reminder first.
    /// </summary>
    private IEnumerable<DeviceStep> Revive(SessionBatch batch, UserDeviceKey owner)
    {
        var expect = new ExpectSession([owner], _erasureGeneration);
        yield return expect;
        if (!expect.Answer)
        {
            IsOutdated = true;
            yield break;
        }

        yield return new AppendEvents([batch], _receivedAt, IsExpected: true);
        if (batch.Standing is { Status: SessionStatus.Live } standing && standing.Owner == owner.Device)
        {
            yield return new HandOverSession(owner, standing);
        }
    }

    /// <summary>The event with its final time and sender order.</summary>
    private PlacedEvent Settle(SessionEvent sent, long senderOrder)
    {
        DateTimeOffset time = WholeMicroseconds.Of(sent.Timestamp ?? _receivedAt);
        DateTimeOffset? clientTime = sent.ClientTimestamp ?? (sent.IsTimeReckoned ? null : sent.Timestamp);
        return new PlacedEvent(
            sent.Timestamp == time && sent.SenderOrder == senderOrder ? sent : sent with { Timestamp = time, SenderOrder = senderOrder },
            Named: false,
            clientTime is { } clients ? WholeMicroseconds.Of(clients) : null);
    }

    private SessionBatch BatchOf(Guid sessionId, Device device, in PlacedEvent placed)
    {
        // Nearly always all events of a call belong to one session.
        if (_batches.Count > 0 && _batches[^1].SessionId == sessionId)
        {
            return _batches[^1];
        }

        if (_batchOf?.TryGetValue(sessionId, out SessionBatch? batch) == true)
        {
            return batch;
        }

        batch = new SessionBatch(sessionId, _batches.Count == 0 ? _events.Count : 1)
        {
            IsNew = device.IsNew(sessionId, placed, _receivedAt),
        };
        if (_batches.Count > 0)
        {
            _batchOf ??= new Dictionary<Guid, SessionBatch> { [_batches[0].SessionId] = _batches[0] };
            _batchOf.Add(sessionId, batch);
        }

        _batches.Add(batch);
        return batch;
    }

    private void Settle(SessionBatch batch)
    {
        for (int i = 0; i < batch.Indexes.Count; i++)
        {
            int index = batch.Indexes[i];
            EventReceipt receipt = batch.Receipts[i];
            bool isElsewhere = !batch.Events[i].Named && !string.IsNullOrEmpty(_events[index].SessionId);
            string? warning = receipt.Outcome == EventOutcome.Invalid ? null
                : isElsewhere ? DropReason.InvalidSessionId
                : WarningOf(_events[index]);
            _receipts[index] = warning is null ? receipt : receipt with { Reason = warning };
        }
    }

    /// <summary>
    /// The devices that get a session of this one by an <c>$identify</c> of the call: those that
    /// <see cref="SessionFold.HandsOver"/> names.
    /// </summary>
    private IEnumerable<UserDeviceKey> Heirs() => PersonIds.NamesNobody(_device.Device) ? [] : _batches
        .SelectMany(batch => batch.Events)
        .Select(placed => placed.Event)
        .Where(sent => sent.Name == EventNames.Identify
            && string.IsNullOrEmpty(sent.DeviceId) && !PersonIds.NamesNobody(sent.DistinctId))
        .Select(sent => UserDeviceKey.Create(_device.Project, sent.DistinctId))
        .Where(heir => heir != _device)
        .Distinct();

    /// <summary>The warning for an event that is kept but has a generic id; null when it has none.</summary>
    private static string? WarningOf(SessionEvent sent) =>
        PersonIds.NamesNobody(sent.DistinctId)
        || (PersonMerge.IsNamed(sent.Name) && PersonMerge.OtherIdOf(sent) is { } other && PersonIds.NamesNobody(other))
            ? DropReason.GenericDistinctId
            : null;
}

/// <summary>The events of one call that go to one session, and the session's answer.</summary>
/// <param name="sessionId">The session.</param>
/// <param name="expected">The expected number of events.</param>
public sealed class SessionBatch(Guid sessionId, int expected)
{
    private readonly List<PlacedEvent> _events = new(expected);
    private IReadOnlyList<EventReceipt>? _receipts;

    /// <summary>The session.</summary>
    public Guid SessionId => sessionId;

    /// <summary>Whether the session need not look for its row, because it has none: <see cref="Device.IsNew"/>.</summary>
    public bool IsNew { get; init; }

    /// <summary>The events, in the order of the call.</summary>
    public IReadOnlyList<PlacedEvent> Events => _events;

    /// <summary>Each event's index in the call.</summary>
    internal List<int> Indexes { get; } = new(expected);

    internal bool IsStale { get; private set; }

    internal IReadOnlyList<EventReceipt> Receipts =>
        _receipts ?? throw new InvalidOperationException("The events were not appended.");

    internal SessionStanding? Standing { get; private set; }

    internal string? Revives { get; private set; }

    /// <summary>Sets the session's answer.</summary>
    /// <param name="isStale">
    /// True when nothing was taken, because the device's activation was replaced or did not know that the session was
    /// closed.
    /// </param>
    /// <param name="receipts">One for each event, in order.</param>
    /// <param name="standing">
    /// The session afterwards; null when it does not exist because all events were invalid.
    /// </param>
    /// <param name="revives">The device whose session the events would make live again; nothing was taken yet.</param>
    public void Take(bool isStale, IReadOnlyList<EventReceipt> receipts, SessionStanding? standing, string? revives) =>
        (IsStale, _receipts, Standing, Revives) = (isStale, receipts, standing, revives);

    internal void Add(int index, in PlacedEvent placed)
    {
        _events.Add(placed);
        Indexes.Add(index);
    }
}
