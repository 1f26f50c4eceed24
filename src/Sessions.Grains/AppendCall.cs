using Sessions.Domain;
using Sessions.Domain.Replay;

namespace Sessions.Grains;

/// <summary>One call's events on their way into a session, over as many attempts as it takes.</summary>
internal sealed class AppendCall(UserDeviceKey device, IReadOnlyList<PlacedEvent> events)
{
    private readonly EventOutcome?[] _outcomes = new EventOutcome?[events.Count];
    private readonly string?[] _reasons = new string?[events.Count];
    private readonly Guid[] _seenKeys = SeenKeys(device, events);
    private readonly HashSet<Guid> _sent = [];
    private readonly List<Task<RunResult>> _twins = [];
    private readonly Dictionary<int, int> _eventByNumber = [];

    /// <summary>Runs of other calls that carry events of this one.</summary>
    public IReadOnlyList<Task<RunResult>> Twins => _twins;

    /// <summary>Whether any event names the session itself.</summary>
    public bool NamesSession { get; } = events.Any(placed => placed.Named);

    /// <summary>Whether the device's activation has been replaced.</summary>
    public bool IsFenced { get; private set; }

    /// <summary>Sorts what is not settled into known, on its way, invalid, and new; the new ones go into the draft.</summary>
    /// <param name="ledger">What the session has.</param>
    /// <param name="draft">The run in the making.</param>
    /// <param name="receivedAt">When the call came.</param>
    /// <param name="forgotten">Whose events are refused.</param>
    public void Sort(SessionLedger ledger, SessionLedger.Draft draft, DateTimeOffset receivedAt, IForgottenPersons forgotten)
    {
        _twins.Clear();
        _eventByNumber.Clear();
        var inThisDraft = new HashSet<Guid>();
        for (int i = 0; i < events.Count; i++)
        {
            if (_outcomes[i] == EventOutcome.Invalid)
            {
                continue;
            }

            Guid seenKey = _seenKeys[i];
            if (ledger.HasTaken(seenKey))
            {
                // After a broken connection it may turn out that our own attempt was the one that succeeded.
                _outcomes[i] ??= _sent.Remove(seenKey) ? EventOutcome.New : EventOutcome.Duplicate;
            }
            else if (inThisDraft.Contains(seenKey))
            {
                _outcomes[i] = EventOutcome.Duplicate;
            }
            else if (ledger.RunOf(seenKey) is { } twin)
            {
                _twins.Add(twin);
                _outcomes[i] = EventOutcome.Duplicate;
            }
            else if (forgotten.Covers(device.Project, events[i].Event.DistinctId, events[i].Event.Timestamp ?? receivedAt))
            {
                Refuse(i, DropReason.PersonDeleted);
            }
            else if (draft.IsFull)
            {
                Refuse(i, DropReason.SessionFull);
            }
            else if (events[i] is { Event.IsReplay: true } recorded && WhyNotRecorded(recorded) is { } reason)
            {
                Refuse(i, reason);
            }
            else if (!EventFactsReader.TryRead(events[i].Event.Properties.Span, out EventFacts facts))
            {
                Refuse(i, DropReason.InvalidProperties);
            }
            else
            {
                draft.Add(seenKey, WithoutAddress(events[i], draft.Rules), device.Device, receivedAt, facts);
                inThisDraft.Add(seenKey);
                _sent.Add(seenKey);
                _eventByNumber[draft.Entries[^1].Number] = i;
                _outcomes[i] = null;
            }
        }
    }

    /// <summary>Takes note of how the call's own run ended.</summary>
    public void Settle(RunResult result)
    {
        IsFenced = result.Outcome == RunOutcome.Fenced;
        foreach (int number in result.Refused)
        {
            RefuseTwins(_seenKeys[_eventByNumber[number]]);
        }

        if (result.Outcome == RunOutcome.Committed)
        {
            foreach (int index in _eventByNumber.Values)
            {
                _outcomes[index] = EventOutcome.New;
                _sent.Remove(_seenKeys[index]);
            }
        }
        else if (result.Outcome != RunOutcome.Unknown)
        {
            // Nothing of it was written, so it is not ours should it turn up.
            foreach (int index in _eventByNumber.Values)
            {
                _sent.Remove(_seenKeys[index]);
            }
        }
    }

    public IReadOnlyList<EventReceipt> Receipts(Guid sessionId)
    {
        var receipts = new EventReceipt[events.Count];
        for (int i = 0; i < receipts.Length; i++)
        {
            EventOutcome outcome = _outcomes[i]!.Value;
            receipts[i] = new EventReceipt(
                events[i].Event.Id, outcome, outcome == EventOutcome.Invalid ? null : sessionId, _reasons[i]);
        }

        return receipts;
    }

    /// <summary>Gateways do the same; backends that call grains are not behind one.</summary>
    private static PlacedEvent WithoutAddress(PlacedEvent placed, SessionRules rules)
    {
        ReadOnlyMemory<byte> kept = rules.KeepsAddresses ? placed.Event.Properties : Addresses.Erase(placed.Event.Properties);
        return kept.Equals(placed.Event.Properties) ? placed : placed with { Event = placed.Event with { Properties = kept } };
    }

    private static string? WhyNotRecorded(PlacedEvent recorded)
    {
        if (!recorded.Named)
        {
            return DropReason.InvalidSessionId;
        }

        return ReplaySummary.TryRead(recorded.Event.Properties.Span, out _) ? null : DropReason.InvalidSnapshot;
    }

    /// <summary>All of the call that are the same event: one after the other they would use up the attempts.</summary>
    private void RefuseTwins(Guid seenKey)
    {
        for (int i = 0; i < events.Count; i++)
        {
            if (_seenKeys[i] == seenKey)
            {
                Refuse(i, DropReason.InvalidProperties);
            }
        }
    }

    private static Guid[] SeenKeys(UserDeviceKey device, IReadOnlyList<PlacedEvent> events)
    {
        UInt128 mask = SeenKey.MaskOf(device.Device);
        var keys = new Guid[events.Count];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = SeenKey.Of(events[i].Event.Id, mask);
        }

        return keys;
    }

    private void Refuse(int index, string reason)
    {
        _outcomes[index] = EventOutcome.Invalid;
        _reasons[index] = reason;
    }
}
