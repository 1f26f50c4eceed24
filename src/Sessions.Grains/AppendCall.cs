using Sessions.Domain;
using Sessions.Domain.Replay;

namespace Sessions.Grains;

/// <summary>One call's events on their way into a session, over as many attempts as it takes.</summary>
internal sealed class AppendCall(UserDeviceKey device, IReadOnlyList<PlacedEvent> events)
{
    private readonly UInt128 _mask = SeenKey.MaskOf(device.Device);
    private readonly Progress[] _events = ProgressOf(device, events);
    private List<Task<RunResult>>? _twins;

    // What the session's events say that have ids of this call's, by their numbers; null for one that is gone.
    private Dictionary<int, EventContent?>? _stored;

    // Of the entry that was compared last: all of a call may have one id.
    private (JournalEntry Entry, EventContent Content)? _compared;

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

    /// <summary>
    /// The numbers of the session's events that have ids of this call's and must be read before it can be sorted: an id
    /// alone does not say whether an event is the same one. Nearly always none.
    /// </summary>
    public IReadOnlyCollection<int> Unread(SessionLedger ledger)
    {
        HashSet<int>? unread = null;
        foreach (Progress one in _events)
        {
            if (one.Outcome != EventOutcome.Invalid
                && ledger.NumberOf(one.IdKey) is { } number
                && _stored?.ContainsKey(number) != true)
            {
                (unread ??= []).Add(number);
            }
        }

        return unread ?? (IReadOnlyCollection<int>)[];
    }

    /// <summary>Takes note of what was read for <see cref="Unread"/>.</summary>
    public void Learn(IReadOnlyCollection<int> asked, IReadOnlyDictionary<int, EventContent> found)
    {
        _stored ??= [];
        foreach (int number in asked)
        {
            _stored[number] = found.GetValueOrDefault(number);
        }
    }

    /// <summary>Whether the session has the call's only event.</summary>
    public bool IsTaken(SessionLedger ledger) => Identify(0, ledger, draft: null, out _).IsTaken;

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

            Match match = Identify(i, ledger, draft, out Guid id);
            if (match.IsTaken)
            {
                // After a broken connection it may turn out that our own attempt was the one that succeeded.
                one.Outcome ??= one.IsSent ? EventOutcome.New : EventOutcome.Duplicate;
                one.IsSent = false;
            }
            else if (match.IsDrafted)
            {
                one.Outcome = EventOutcome.Duplicate;
            }
            else if (match.Run is { } twin)
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
                draft.Add(one.SeenKey, id, WithoutAddress(events[i], draft.Rules), device.Device, receivedAt, facts);
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
                events[i].Event.Id,
                outcome,
                outcome == EventOutcome.Invalid ? null : sessionId,
                _events[i].Reason ?? (_events[i].IsBeside ? DropReason.UuidReused : null));
        }

        return receipts;
    }

    /// <summary>
    /// Finds an event in what the session has and is about to get. When another event has its id, it is looked for, and
    /// kept, under an id of its own.
    /// </summary>
    private Match Identify(int index, SessionLedger ledger, SessionLedger.Draft? draft, out Guid id)
    {
        ref Progress one = ref _events[index];
        id = events[index].Event.Id;
        one.SeenKey = one.IdKey;
        one.IsBeside = false;
        Match match = Find(one.IdKey, ledger, draft);
        if (match.Exists ? IsSame(index, match) : !ledger.MayHaveReusedIds)
        {
            return match;
        }

        Guid beside = ContentOf(index).IdBeside(id);
        Guid besideKey = SeenKey.Of(beside, _mask);
        Match other = Find(besideKey, ledger, draft);
        if (!match.Exists && !other.Exists)
        {
            return match;
        }

        id = beside;
        one.SeenKey = besideKey;
        one.IsBeside = true;
        return other;
    }

    private static Match Find(Guid seenKey, SessionLedger ledger, SessionLedger.Draft? draft)
    {
        if (ledger.NumberOf(seenKey) is { } number)
        {
            return new Match(number, null, null);
        }

        if (draft is not null && draft.Events.TryGetValue(seenKey, out JournalEntry? drafted))
        {
            return new Match(0, drafted, null);
        }

        return ledger.RunOf(seenKey) is { } sent ? new Match(0, sent.Entry, sent.Run) : default;
    }

    /// <summary>Whether what was found by the event's id is that event. What can't be compared any more was taken.</summary>
    private bool IsSame(int index, Match match)
    {
        if (match.IsTaken)
        {
            return _stored?.GetValueOrDefault(match.Number) is not { } stored || ContentOf(index).IsSameAs(stored);
        }

        if (_compared is not { } compared || !ReferenceEquals(compared.Entry, match.Entry))
        {
            _compared = compared = (match.Entry!, EventContent.Of(match.Entry!));
        }

        return ContentOf(index).IsSameAs(compared.Content);
    }

    private EventContent ContentOf(int index) =>
        _events[index].Content ??= EventContent.Of(events[index].Event, events[index].ClientTime);

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
            progress[i].IdKey = SeenKey.Of(events[i].Event.Id, mask);
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
        /// <summary>The key of the event by its own id.</summary>
        public Guid IdKey;

        /// <summary>The key by which the session knows it.</summary>
        public Guid SeenKey;

        /// <summary>Whether that is another one, since another event has its id.</summary>
        public bool IsBeside;

        /// <summary>What it says, once somebody had to know.</summary>
        public EventContent? Content;

        public EventOutcome? Outcome;
        public string? Reason;

        /// <summary>Whether a run of this call may have written it, which is not known.</summary>
        public bool IsSent;
    }

    /// <summary>Where an event was found.</summary>
    /// <param name="Number">Its number when it is durable; else 0.</param>
    /// <param name="Entry">It in the run in the making, or in one on its way.</param>
    /// <param name="Run">The run on its way that carries it.</param>
    private readonly record struct Match(int Number, JournalEntry? Entry, Task<RunResult>? Run)
    {
        public bool IsTaken => Number > 0;

        public bool IsDrafted => Entry is not null && Run is null;

        public bool Exists => IsTaken || Entry is not null;
    }
}
