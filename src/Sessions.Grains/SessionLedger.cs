using Sessions.Domain;
using Sessions.Domain.Webhooks;

namespace Sessions.Grains;

/// <summary>
/// What one activation of a session knows between two loads: the committed state, the pending one on top of it, and
/// which events are in either. It decides; it waits for nothing.
/// </summary>
internal sealed class SessionLedger
{
    private readonly SessionKey _key;
    // Each event's number, by which it is read when one with its id comes again.
    private readonly Dictionary<Guid, int> _seen = [];
    // What is on its way; nearly always one run or none.
    private readonly List<(Task<RunResult> Run, Dictionary<Guid, JournalEntry> Events)> _runs = [];
    private readonly int _forgottenUpTo;
    private SessionState? _pending;
    private int _numberInRow;

    // What the row has for sure, since this ledger has seen it written: a checkpoint may still be on its way, and who wrote
    // a row that was read may have had other rules.
    private (int Number, SessionRules? Rules) _durableInRow;

    private SessionLedger(SessionKey key, DateOnly born, int forgottenUpTo)
    {
        _key = key;
        Born = born;
        _forgottenUpTo = forgottenUpTo;
    }

    /// <summary>The server day on which the session's row was first written.</summary>
    public DateOnly Born { get; }

    /// <summary>What <c>Get</c> answers with: the fold of all that is durable.</summary>
    public SessionState? Committed { get; private set; }

    /// <summary>The fold of all that has been numbered.</summary>
    public SessionState? Pending => _pending;

    /// <summary>
    /// Whether an event may be stored under another id than its own, without the one that had the id: that one may have
    /// been taken out with its person.
    /// </summary>
    public bool MayHaveReusedIds { get; private set; }

    /// <summary>The chain that all of this ledger's runs belong to.</summary>
    public RunChain Chain { get; } = new();

    /// <summary>A session as it is stored, or one that doesn't exist yet.</summary>
    /// <param name="key">The session.</param>
    /// <param name="stored">What is stored; null when there is none.</param>
    /// <param name="rules">The project's rules.</param>
    /// <param name="today">The server's day: when the session is born, if it is not yet.</param>
    public static SessionLedger Of(SessionKey key, StoredSession? stored, SessionRules rules, DateOnly today)
    {
        var ledger = new SessionLedger(
            key, stored is null or { ForgottenUpTo: > 0 } ? today : stored.Born, stored?.ForgottenUpTo ?? 0);
        if (stored is not null)
        {
            SessionState? state = stored.Checkpoint;
            foreach (JournalEntry entry in stored.After)
            {
                if (state is null && entry.Kind == EntryKind.PersonForgotten)
                {
                    // All before it is gone, and the session began anew.
                    continue;
                }

                // What was taken was readable then; a fact that can't be read now is none.
                _ = EventFactsReader.TryRead(entry.Properties.Span, out EventFacts facts);
                state = SessionFold.Apply(state, entry, facts, rules);
            }

            foreach (SeenEvent seen in stored.Seen)
            {
                ledger._seen[SeenKey.Of(seen.EventId, seen.Device)] = seen.Number;
                ledger.MayHaveReusedIds |= EventContent.MayBeBeside(seen.EventId);
            }

            ledger._numberInRow = stored.Checkpoint?.Number ?? 0;
            ledger.Committed = state;
            ledger._pending = state;
        }

        return ledger;
    }

    /// <summary>Whether the event is durable in this session.</summary>
    public bool HasTaken(Guid seenKey) => _seen.ContainsKey(seenKey);

    /// <summary>The number under which the event is durable in this session; null when it is not.</summary>
    public int? NumberOf(Guid seenKey) => _seen.TryGetValue(seenKey, out int number) ? number : null;

    /// <summary>The run that carries the event right now, and the event as it has it; null when none does.</summary>
    public (Task<RunResult> Run, JournalEntry Entry)? RunOf(Guid seenKey)
    {
        // The last that has it: one that failed may still be in the list, and its events be on their way again.
        for (int i = _runs.Count - 1; i >= 0; i--)
        {
            if (_runs[i].Events.TryGetValue(seenKey, out JournalEntry? entry))
            {
                return (_runs[i].Run, entry);
            }
        }

        return null;
    }

    /// <summary>Starts a run on top of all that is pending, by the rules of this moment.</summary>
    /// <param name="rules">The project's.</param>
    /// <param name="expected">How many entries it will have at the most.</param>
    public Draft Begin(SessionRules rules, int expected = 1) => new(_pending, rules, _forgottenUpTo, expected);

    /// <summary>
    /// Sends a draft to the journal. Between <see cref="Begin"/> and this nothing may be awaited: the next draft
    /// must see this one.
    /// </summary>
    /// <param name="draft">The run in the making, not empty.</param>
    /// <param name="journal">Where it goes.</param>
    /// <param name="caller">The device whose call it is.</param>
    /// <param name="fenced">Whether its activation must still be the newest.</param>
    /// <param name="welcomeAt">By which generation of the forgotten its events were found welcome; none that has no events.</param>
    public Task<RunResult> Send(
        Draft draft, IJournal journal, DeviceCall caller, bool fenced, long welcomeAt = long.MaxValue)
    {
        SessionState after = draft.State!;
        var run = new Run
        {
            Chain = Chain,
            Session = _key,
            Born = Born,
            Entries = draft.Entries,
            After = after,
            Rules = draft.Rules,
            WelcomeAt = welcomeAt,
            Row = RowChangeOf(draft),
            Happening = SessionHappenings.Between(_pending, after),
            HandOver = draft.HandsOver && after.Owner != caller.Device.Device ? new HandOver(caller.Device, after.Owner) : null,
            Fence = fenced ? caller : null,
        };
        _pending = after;
        Task<RunResult> task = Carry(journal.Append(run), draft.Events, after, run.Row == RowChange.None ? null : draft.Rules);
        if (!task.IsCompleted)
        {
            _runs.Add((task, draft.Events));
        }

        return task;
    }

    /// <summary>The committed state when the session's row is behind it; it then counts as on its way there.</summary>
    public SessionState? TakeCheckpoint()
    {
        if (Committed is not { } committed || committed.Number <= _numberInRow)
        {
            return null;
        }

        _numberInRow = committed.Number;
        return committed;
    }

    /// <summary>Completes when no run of this ledger is on its way any more.</summary>
    public Task Settled() => Task.WhenAll(_runs.Select(each => each.Run).ToArray());

    /// <summary>Who is to find the session by its row must find it as soon as the entries are there.</summary>
    private RowChange RowChangeOf(Draft draft)
    {
        if (_pending is null)
        {
            return RowChange.Insert;
        }

        if (draft.IsEnd && _durableInRow == (_pending.Number, draft.Rules))
        {
            return RowChange.End;
        }

        // Who is on now, and who is not any more, is told by rows: a revival shows at once, as an end does.
        return draft.ChangesRow || draft.State!.Owner != _pending.Owner || draft.State.Status != _pending.Status
            ? RowChange.Update
            : RowChange.None;
    }

    private async Task<RunResult> Carry(
        Task<RunResult> append, Dictionary<Guid, JournalEntry> events, SessionState after, SessionRules? inRow)
    {
        RunResult result = await append;
        if (result.Outcome == RunOutcome.Committed)
        {
            // Runs of a chain commit in their order, so a later state contains this one.
            if (Committed is null || after.Number > Committed.Number)
            {
                Committed = after;
            }

            if (inRow is not null && after.Number > _numberInRow)
            {
                _numberInRow = after.Number;
            }

            if (inRow is not null && after.Number > _durableInRow.Number)
            {
                _durableInRow = (after.Number, inRow);
            }

            foreach ((Guid seenKey, JournalEntry entry) in events)
            {
                _seen[seenKey] = entry.Number;
            }
        }
        else
        {
            Chain.Break();
        }

        Forget(events);
        return result;
    }

    private void Forget(Dictionary<Guid, JournalEntry> events)
    {
        for (int i = 0; i < _runs.Count; i++)
        {
            if (ReferenceEquals(_runs[i].Events, events))
            {
                _runs.RemoveAt(i);
                return;
            }
        }
    }

    /// <summary>A run in the making.</summary>
    internal sealed class Draft(SessionState? state, SessionRules rules, int forgottenUpTo, int expected)
    {
        public SessionRules Rules { get; } = rules;

        public SessionState? State { get; private set; } = state;

        public List<JournalEntry> Entries { get; } = new(expected);

        /// <summary>Its events by their keys.</summary>
        public Dictionary<Guid, JournalEntry> Events { get; } = new(expected);

        /// <summary>Whether what it adds must show in the session's row at once.</summary>
        public bool ChangesRow { get; private set; }

        /// <summary>Whether it is an end and nothing else.</summary>
        public bool IsEnd { get; private set; }

        /// <summary>Whether an event in it hands the session over to its person's device.</summary>
        public bool HandsOver { get; private set; }

        /// <summary>Whether the session can take no more events.</summary>
        public bool IsFull => State is { } state && state.EventCount + state.ReplayBlockCount >= Rules.MaxEvents;

        /// <summary>Numbers an event and folds it in.</summary>
        /// <param name="seenKey">The key of the event by that id.</param>
        /// <param name="id">The id under which it is kept.</param>
        /// <param name="placed">The event.</param>
        /// <param name="device">The device that took it.</param>
        /// <param name="receivedAt">When it came.</param>
        /// <param name="facts">What was read out of it.</param>
        public void Add(
            Guid seenKey, Guid id, PlacedEvent placed, string device, DateTimeOffset receivedAt, EventFacts facts)
        {
            SessionEvent happened = placed.Event;
            var entry = new JournalEntry(
                (State?.Number ?? forgottenUpTo) + 1,
                happened.IsReplay ? EntryKind.Replay : placed.Named ? EntryKind.NamedEvent : EntryKind.PlacedEvent,
                id,
                happened.Timestamp ?? receivedAt,
                receivedAt,
                happened.Name,
                device,
                happened.DistinctId,
                happened.DeviceId,
                happened.WindowId,
                happened.Properties,
                happened.SenderOrder)
            {
                ClientTime = placed.ClientTime,
            };
            State = SessionFold.Apply(State, entry, facts, Rules);
            Entries.Add(entry);
            Events.Add(seenKey, entry);
            HandsOver |= SessionFold.HandsOver(entry);
        }

        /// <summary>Numbers that the replay is forgotten and folds it in.</summary>
        public void AddForgottenReplay(DateTimeOffset now)
        {
            JournalEntry entry = JournalEntry.OfForgottenReplay(State!.Number + 1, now);
            State = SessionFold.Apply(State, entry, EventFacts.None, Rules);
            Entries.Add(entry);
            ChangesRow = true;
        }

        /// <summary>Numbers an end and folds it in.</summary>
        public void AddEnd(EndReason reason, DateTimeOffset closedAt, DateTimeOffset now)
        {
            JournalEntry entry = JournalEntry.OfEnd(State!.Number + 1, reason, closedAt, now);
            State = SessionFold.Apply(State, entry, EventFacts.None, Rules);
            IsEnd = Entries.Count == 0;
            Entries.Add(entry);
            ChangesRow = true;
        }
    }
}
