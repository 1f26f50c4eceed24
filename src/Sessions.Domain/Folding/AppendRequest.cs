using Sessions.Domain.Events;
using Sessions.Domain.Replay;

namespace Sessions.Domain.Folding;

/// <summary>
/// The events of one call to a session, with the progress of each. A call may need several attempts, and an event that
/// one attempt has written must not count again in the next.
/// </summary>
/// <param name="caller">The device that calls.</param>
/// <param name="receivedAt">When the call arrived.</param>
/// <param name="events">The events.</param>
/// <param name="isExpected">
/// Whether the session's owner, another device, was told to expect that the session goes on.
/// </param>
public sealed class AppendRequest(
    DeviceEpoch caller, DateTimeOffset receivedAt, IReadOnlyList<PlacedEvent> events, bool isExpected = false)
{
    private readonly Progress[] _events = ProgressOf(caller.Device, events);
    private List<JournalAppend>? _inFlightDuplicates;

    // The content of stored events with ids of this call, by their numbers; null for an event that was erased.
    private Dictionary<int, EventContent?>? _stored;

    // The content of the entry that was compared last, because all events of a call may have the same id.
    private (JournalEntry Entry, EventContent Content)? _compared;

    // The indexes of the events in this attempt's append, in the order of their journal numbers, which have no gaps.
    private readonly List<int> _drafted = new(events.Count);
    private int _firstNumber;

    /// <summary>The device that calls.</summary>
    public DeviceEpoch Caller => caller;

    /// <summary>When the call arrived.</summary>
    public DateTimeOffset ReceivedAt => receivedAt;

    /// <summary>The events.</summary>
    public IReadOnlyList<PlacedEvent> Events => events;

    /// <summary>Whether the session's owner, another device, was told to expect that the session goes on.</summary>
    public bool IsExpected => isExpected;

    /// <summary>The calling device, when the store does not know it yet; else null.</summary>
    public DeviceOpening? Opens { get; set; }

    /// <summary>Whether any event names the session itself.</summary>
    public bool NamesSession { get; } = events.Any(placed => placed.Named);

    /// <summary>Appends of other calls that carry events of this one.</summary>
    internal IReadOnlyList<JournalAppend> InFlightDuplicates => _inFlightDuplicates ?? (IReadOnlyList<JournalAppend>)[];

    /// <summary>
    /// The numbers of stored events that must be read before the session can decide: they have the same ids as events
    /// of this call, and must be compared with them. Nearly always there are none.
    /// </summary>
    public IReadOnlyCollection<int> Unread(SessionMachine session)
    {
        HashSet<int>? unread = null;
        foreach (Progress one in _events)
        {
            if (one.Outcome != EventOutcome.Invalid
                && session.NumberOf(one.IdKey) is { } number
                && _stored?.ContainsKey(number) != true)
            {
                (unread ??= []).Add(number);
            }
        }

        return unread ?? (IReadOnlyCollection<int>)[];
    }

    /// <summary>Sets the content of stored events.</summary>
    /// <param name="unread">The numbers that were read.</param>
    /// <param name="found">The content by number, without events that were erased.</param>
    public void Learn(IReadOnlyCollection<int> unread, IReadOnlyDictionary<int, EventContent> found)
    {
        _stored ??= [];
        foreach (int number in unread)
        {
            _stored[number] = found.GetValueOrDefault(number);
        }
    }

    /// <summary>
    /// Whether the first event is durable in the session. Call it when nothing is <see cref="Unread"/> any more.
    /// </summary>
    public bool IsTaken(SessionMachine session) => Identify(0, session, draft: null, out _).IsTaken;

    /// <summary>Sets the journal's results of this attempt.</summary>
    /// <param name="own">The result of the call's own append; null when it had none.</param>
    /// <param name="duplicatesCommitted">
    /// Whether all appends in flight that carry events of this call have committed.
    /// </param>
    public AppendVerdict Complete(JournalResult? own, bool duplicatesCommitted)
    {
        JournalOutcome outcome = own?.Outcome ?? JournalOutcome.Committed;
        foreach (int number in own?.Refused ?? [])
        {
            RefuseAllLike(_events[_drafted[number - _firstNumber]].SeenKey);
        }

        if (outcome != JournalOutcome.Unknown)
        {
            foreach (int index in _drafted)
            {
                if (outcome == JournalOutcome.Committed)
                {
                    _events[index].Outcome = EventOutcome.New;
                }

                // Either the outcome is known, or nothing was written. If the event is found later, another call has
                // sent it.
                _events[index].MayBeWritten = false;
            }
        }

        return outcome switch
        {
            JournalOutcome.Unavailable => AppendVerdict.Unavailable,
            JournalOutcome.Committed when duplicatesCommitted => AppendVerdict.Taken,
            JournalOutcome.Fenced => AppendVerdict.Stale,
            // Mostly the device is written already, so that its knowledge is old.
            not JournalOutcome.Unknown when Opens is { IsDurable: false } => AppendVerdict.Stale,
            _ => AppendVerdict.Retry,
        };
    }

    /// <summary>The receipt of each event, in order, after the events were taken.</summary>
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
    /// Classifies each event: the session has it already, another append carries it, it is invalid, or it is new. New
    /// events are added to the draft.
    /// </summary>
    internal void Classify(SessionMachine session, JournalDraft draft, Func<string, string, DateTimeOffset, bool> isErased)
    {
        _inFlightDuplicates?.Clear();
        _drafted.Clear();
        for (int i = 0; i < events.Count; i++)
        {
            ref Progress one = ref _events[i];
            if (one.Outcome == EventOutcome.Invalid)
            {
                continue;
            }

            Match match = Identify(i, session, draft, out Guid id);
            if (match.IsTaken && one.MayBeWritten)
            {
                // After a broken connection, an earlier attempt of this call turns out to have succeeded.
                one.Outcome ??= EventOutcome.New;
                one.MayBeWritten = false;
                Opens?.Commit();
            }
            else if (match.IsTaken)
            {
                one.Outcome ??= EventOutcome.Duplicate;
            }
            else if (match.IsDrafted)
            {
                one.Outcome = EventOutcome.Duplicate;
            }
            else if (match.Append is { } append)
            {
                (_inFlightDuplicates ??= []).Add(append);
                one.Outcome = EventOutcome.Duplicate;
            }
            else if (WhyInvalid(events[i].Event, events[i].Named, draft, isErased, out EventFacts facts) is { } reason)
            {
                Refuse(i, reason);
            }
            else
            {
                draft.AddEvent(one.SeenKey, id, WithoutAddress(events[i], draft.Rules), caller.Device.Device, receivedAt, facts);
                one.MayBeWritten = true;
                one.Outcome = null;
                if (_drafted.Count == 0)
                {
                    _firstNumber = draft.Entries[^1].Number;
                }

                _drafted.Add(i);
            }
        }
    }

    private string? WhyInvalid(
        SessionEvent sent, bool named, JournalDraft draft, Func<string, string, DateTimeOffset, bool> isErased, out EventFacts facts)
    {
        facts = EventFacts.None;
        if (isErased(caller.Device.Project, sent.DistinctId, sent.Timestamp ?? receivedAt))
        {
            return DropReason.PersonDeleted;
        }

        if (draft.IsFull)
        {
            return DropReason.SessionFull;
        }

        if (sent.IsReplay && !named)
        {
            return DropReason.InvalidSessionId;
        }

        if (sent.IsReplay && !ReplaySummary.TryRead(sent.Properties.Span, out _))
        {
            return DropReason.InvalidSnapshot;
        }

        return EventFactsReader.TryRead(sent.Properties.Span, out facts) ? null : DropReason.InvalidProperties;
    }

    /// <summary>
    /// Finds an event among those that the session has or is writing. If a different event has the same id, the event
    /// is searched and stored under another id.
    /// </summary>
    private Match Identify(int index, SessionMachine session, JournalDraft? draft, out Guid id)
    {
        ref Progress one = ref _events[index];
        id = events[index].Event.Id;
        one.SeenKey = one.IdKey;
        one.IsBeside = false;
        Match match = Find(one.IdKey, session, draft);
        if (match.Exists ? IsSame(index, match) : !session.MayHaveReusedIds)
        {
            return match;
        }

        Guid beside = ContentOf(index).IdBeside(id);
        Guid besideKey = SeenKey.Of(beside, caller.Device.Device);
        Match other = Find(besideKey, session, draft);
        if (!match.Exists && !other.Exists)
        {
            return match;
        }

        id = beside;
        one.SeenKey = besideKey;
        one.IsBeside = true;
        return other;
    }

    private static Match Find(Guid seenKey, SessionMachine session, JournalDraft? draft)
    {
        if (session.NumberOf(seenKey) is { } number)
        {
            return new Match(number, null, null);
        }

        if (draft is not null && draft.Events.TryGetValue(seenKey, out JournalEntry? drafted))
        {
            return new Match(0, drafted, null);
        }

        return session.InFlight(seenKey) is { } sent ? new Match(0, sent.Entry, sent.Append) : default;
    }

    /// <summary>
    /// Whether the event that was found by its id is the same event. An erased event can't be compared and counts as
    /// the same.
    /// </summary>
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

    /// <summary>Removes the address. Gateways do this too, but backends call grains without a gateway.</summary>
    private static PlacedEvent WithoutAddress(PlacedEvent placed, SessionRules rules)
    {
        ReadOnlyMemory<byte> kept = rules.KeepsAddresses ? placed.Event.Properties : Addresses.Erase(placed.Event.Properties);
        return kept.Equals(placed.Event.Properties) ? placed : placed with { Event = placed.Event with { Properties = kept } };
    }

    /// <summary>
    /// Refuses all copies of an event in the call at once: one after the other, they would use up the attempts.
    /// </summary>
    private void RefuseAllLike(Guid seenKey)
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

    /// <summary>The progress of an event.</summary>
    private struct Progress
    {
        /// <summary>The key of the event's own id.</summary>
        public Guid IdKey;

        /// <summary>The key under which the session knows the event.</summary>
        public Guid SeenKey;

        /// <summary>Whether the two keys differ, because a different event has the same id.</summary>
        public bool IsBeside;

        /// <summary>The event's content, if it had to be compared.</summary>
        public EventContent? Content;

        public EventOutcome? Outcome;
        public string? Reason;

        /// <summary>Whether an append of this call with an unknown outcome may have written the event.</summary>
        public bool MayBeWritten;
    }

    /// <summary>Where an event was found.</summary>
    /// <param name="Number">The event's journal number when it is durable; else 0.</param>
    /// <param name="Entry">The event's entry in the draft or in an append in flight.</param>
    /// <param name="Append">The append in flight that carries it.</param>
    private readonly record struct Match(int Number, JournalEntry? Entry, JournalAppend? Append)
    {
        public bool IsTaken => Number > 0;

        public bool IsDrafted => Entry is not null && Append is null;

        public bool Exists => IsTaken || Entry is not null;
    }
}
