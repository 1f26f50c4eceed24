using Sessions.Domain;
using Sessions.Domain.Replay;

namespace Sessions.Grains;

/// <summary>One call's events on their way into a session, over as many attempts as it takes.</summary>
internal sealed class AppendCall(UserDeviceKey device, IReadOnlyList<PlacedEvent> events)
{
    private readonly Progress[] _events = ProgressOf(device, events);
    private List<Task<RunResult>>? _twins;

    // The events of the run in the making, in the order of their numbers, which are dense.
    private readonly List<int> _drafted = new(events.Count);
    private int _firstNumber;

    /// <summary>Runs of other calls that carry events of this one.</summary>
    public IReadOnlyList<Task<RunResult>> Twins => _twins ?? (IReadOnlyList<Task<RunResult>>)[];

    /// <summary>How many events it has.</summary>
    public int Count => events.Count;

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
        _twins?.Clear();
        _drafted.Clear();
        for (int i = 0; i < events.Count; i++)
        {
            ref Progress one = ref _events[i];
            if (one.Outcome == EventOutcome.Invalid)
            {
                continue;
            }

            if (ledger.HasTaken(one.SeenKey))
            {
                // After a broken connection it may turn out that our own attempt was the one that succeeded.
                one.Outcome ??= one.IsSent ? EventOutcome.New : EventOutcome.Duplicate;
                one.IsSent = false;
            }
            else if (draft.SeenKeys.Contains(one.SeenKey))
            {
                one.Outcome = EventOutcome.Duplicate;
            }
            else if (ledger.RunOf(one.SeenKey) is { } twin)
            {
                (_twins ??= []).Add(twin);
                one.Outcome = EventOutcome.Duplicate;
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
                draft.Add(one.SeenKey, WithoutAddress(events[i], draft.Rules), device.Device, receivedAt, facts);
                one.IsSent = true;
                one.Outcome = null;
                if (_drafted.Count == 0)
                {
                    _firstNumber = draft.Entries[^1].Number;
                }

                _drafted.Add(i);
            }
        }
    }

    /// <summary>Takes note of how the call's own run ended.</summary>
    public void Settle(RunResult result)
    {
        IsFenced = result.Outcome == RunOutcome.Fenced;
        foreach (int number in result.Refused)
        {
            RefuseTwins(_events[_drafted[number - _firstNumber]].SeenKey);
        }

        if (result.Outcome == RunOutcome.Unknown)
        {
            return;
        }

        foreach (int index in _drafted)
        {
            if (result.Outcome == RunOutcome.Committed)
            {
                _events[index].Outcome = EventOutcome.New;
            }

            // Committed, it is settled; else nothing of it was written, so it is not ours should it turn up.
            _events[index].IsSent = false;
        }
    }

    public IReadOnlyList<EventReceipt> Receipts(Guid sessionId)
    {
        var receipts = new EventReceipt[events.Count];
        for (int i = 0; i < receipts.Length; i++)
        {
            EventOutcome outcome = _events[i].Outcome!.Value;
            receipts[i] = new EventReceipt(
                events[i].Event.Id, outcome, outcome == EventOutcome.Invalid ? null : sessionId, _events[i].Reason);
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
            if (_events[i].SeenKey == seenKey)
            {
                Refuse(i, DropReason.InvalidProperties);
            }
        }
    }

    private static Progress[] ProgressOf(UserDeviceKey device, IReadOnlyList<PlacedEvent> events)
    {
        UInt128 mask = SeenKey.MaskOf(device.Device);
        var progress = new Progress[events.Count];
        for (int i = 0; i < progress.Length; i++)
        {
            progress[i].SeenKey = SeenKey.Of(events[i].Event.Id, mask);
        }

        return progress;
    }

    private void Refuse(int index, string reason)
    {
        _events[index].Outcome = EventOutcome.Invalid;
        _events[index].Reason = reason;
    }

    /// <summary>How far an event is.</summary>
    private struct Progress
    {
        public Guid SeenKey;
        public EventOutcome? Outcome;
        public string? Reason;

        /// <summary>Whether a run of this call may have written it, which is not known.</summary>
        public bool IsSent;
    }
}
