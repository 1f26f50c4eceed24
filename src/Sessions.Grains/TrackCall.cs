using Sessions.Domain;

namespace Sessions.Grains;

/// <summary>One call's events on their way through a device: which session each goes to, and what became of it.</summary>
internal sealed class TrackCall(IReadOnlyList<SessionEvent> events)
{
    private readonly EventReceipt?[] _receipts = new EventReceipt?[events.Count];
    private readonly List<SessionBatch> _batches = [];
    private readonly Dictionary<Guid, SessionBatch> _batchOf = [];

    /// <summary>The events by session, in the order of the call.</summary>
    public IReadOnlyList<SessionBatch> Batches => _batches;

    /// <summary>Whether any event may hand a session over.</summary>
    public bool HasIdentify { get; private set; }

    public SessionEvent this[int index] => events[index];

    public void Refuse(int index, string reason) =>
        _receipts[index] = new EventReceipt(events[index].Id, EventOutcome.Invalid, null, reason);

    /// <summary>An earlier session of the device has the event already.</summary>
    public void FindTaken(int index, Guid sessionId) =>
        _receipts[index] = new EventReceipt(events[index].Id, EventOutcome.Duplicate, sessionId, WarningOf(events[index]));

    public void Send(int index, Guid sessionId, in PlacedEvent placed)
    {
        if (!_batchOf.TryGetValue(sessionId, out SessionBatch? batch))
        {
            // Nearly always all events of a call are of one session.
            batch = new SessionBatch(sessionId, _batches.Count == 0 ? events.Count : 1);
            _batchOf.Add(sessionId, batch);
            _batches.Add(batch);
        }

        HasIdentify |= placed.Event.Name == EventNames.Identify;
        batch.Events.Add(placed);
        batch.Indexes.Add(index);
    }

    /// <summary>Takes a session's answer.</summary>
    public void Settle(SessionBatch batch, AppendResult result)
    {
        for (int i = 0; i < batch.Indexes.Count; i++)
        {
            int index = batch.Indexes[i];
            EventReceipt receipt = result.Receipts[i];
            bool wasNotAsked = !batch.Events[i].Named && !string.IsNullOrEmpty(events[index].SessionId);
            string? warning = receipt.Outcome == EventOutcome.Invalid ? null
                : wasNotAsked ? DropReason.InvalidSessionId
                : WarningOf(events[index]);
            _receipts[index] = warning is null ? receipt : receipt with { Reason = warning };
        }
    }

    /// <summary>
    /// The devices that get a session of this one by an <c>$identify</c> of the call. They are those that
    /// <see cref="SessionFold.HandsOver"/> names.
    /// </summary>
    public IEnumerable<UserDeviceKey> Heirs(UserDeviceKey device) => PersonIds.NamesNobody(device.Device) ? [] : _batches
        .SelectMany(batch => batch.Events)
        .Select(placed => placed.Event)
        .Where(happened => happened.Name == EventNames.Identify
            && string.IsNullOrEmpty(happened.DeviceId) && !PersonIds.NamesNobody(happened.DistinctId))
        .Select(happened => UserDeviceKey.Create(device.Project, happened.DistinctId))
        .Where(heir => heir != device)
        .Distinct();

    /// <summary>What to tell the sender of an event that was kept: whether an id that it says names nobody.</summary>
    private static string? WarningOf(SessionEvent happened) =>
        PersonIds.NamesNobody(happened.DistinctId)
        || (PersonMerge.IsNamed(happened.Name) && PersonMerge.OtherIdOf(happened) is { } other && PersonIds.NamesNobody(other))
            ? DropReason.GenericDistinctId
            : null;

    public TrackReceipt ToReceipt() => new(_receipts.Select(receipt => receipt!).ToArray());
}

/// <summary>The events of one call that go to one session.</summary>
internal sealed class SessionBatch(Guid sessionId, int expected)
{
    public Guid SessionId { get; } = sessionId;

    public List<PlacedEvent> Events { get; } = new(expected);

    /// <summary>Each event's place in the call.</summary>
    public List<int> Indexes { get; } = new(expected);
}
