using Sessions.Domain.Events;
using Sessions.Domain.Replay.Clicks;

namespace Sessions.Domain.Folding;

/// <summary>
/// The state machine of a session. It decides which events the session takes, already has or refuses, whether it ends,
/// and what the journal writes. It gets facts and returns decisions; its caller reads the store, writes the journal,
/// and reports the results.
/// </summary>
/// <remarks>
/// An instance is used from one load to the next. Decisions use the <see cref="Pending"/> state, which includes all
/// appends; answers come from the <see cref="Committed"/> state. One thread may call it at a time. Between a decision
/// and the start of its append there must be no other call, because the next decision must include this one.
/// </remarks>
public sealed class SessionMachine
{
    private readonly SessionKey _key;
    private readonly AppendChain _chain;
    private readonly int _forgottenUpTo;

    // The number of each event, to read its content when another event arrives with the same id.
    private readonly Dictionary<Guid, int> _seen = [];

    // Appends without a result. Nearly always there is one or none.
    private readonly List<(JournalAppend Append, Dictionary<Guid, JournalEntry> Events)> _inFlight = new(1);

    // The newest activation of the owning device that has called so far.
    private DeviceEpoch _newestOwner;
    private bool _wasLive;

    // The number of the last entry in the row, including writes that have started.
    private int _numberInRow;

    // Says nothing of a loaded row, which may have been written with other rules.
    private readonly RowMark _row = new();

    private SessionMachine(SessionKey key, StoredSession? stored, DateOnly today, StoreHistory? history)
    {
        _key = key;
        _chain = new AppendChain(history);
        Born = stored is null or { ForgottenUpTo: > 0 } ? today : stored.Born;
        _forgottenUpTo = stored?.ForgottenUpTo ?? 0;
    }

    /// <summary>The server day on which the session's row was first written.</summary>
    public DateOnly Born { get; }

    /// <summary>The fold of all durable entries; null when there are none.</summary>
    public SessionState? Committed { get; private set; }

    /// <summary>The fold of all appended entries, durable or not; null when there are none.</summary>
    public SessionState? Pending { get; private set; }

    /// <summary>What could not be read when the session was loaded; null when all could.</summary>
    public SessionDamage? Damage { get; private set; }

    /// <summary>Whether an append has failed, or memory is out of date: the session must be loaded again.</summary>
    public bool MustReload => _chain.IsBroken;

    /// <summary>Whether a stored event may have another id than its sender sent, even if no stored event has the sent id.</summary>
    /// <remarks>The event with that id may have been erased with its person.</remarks>
    internal bool MayHaveReusedIds { get; private set; }

    /// <summary>Loads a session, or begins one that doesn't exist yet.</summary>
    /// <param name="key">The session.</param>
    /// <param name="stored">The stored session; null when there is none.</param>
    /// <param name="rules">The project's rules.</param>
    /// <param name="today">The server's day, on which the session is born if it does not exist yet.</param>
    /// <param name="before">The machine before this load; null for the first load.</param>
    /// <param name="history">The store's history before the load; null when the store has only one.</param>
    public static SessionMachine Load(
        SessionKey key, StoredSession? stored, SessionRules rules, DateOnly today, SessionMachine? before = null, StoreHistory? history = null)
    {
        // In another history the device's epochs may be lower than those that memory knows.
        bool isSame = before is not null && before._chain.History == history;
        var session = new SessionMachine(key, stored, today, history) { _newestOwner = isSame ? before!._newestOwner : default };
        if (stored is not null)
        {
            session.Take(stored, rules);
        }

        session._wasLive = session.Committed is { Status: SessionStatus.Live };
        return session;
    }

    /// <summary>Makes the journal refuse all later appends of this machine: the session must be loaded again.</summary>
    public void Discard() => _chain.Break();

    /// <summary>Whether the session has an event of the device under that id.</summary>
    public bool HasTaken(UserDeviceKey device, Guid eventId) => _seen.ContainsKey(SeenKey.Of(eventId, device.Device));

    /// <summary>Whether another activation has committed entries, up to this number, that this machine does not have.</summary>
    public bool IsBehind(int number) => number > (Committed?.Number ?? 0);

    /// <summary>Decides on a call's events.</summary>
    /// <param name="request">The events.</param>
    /// <param name="rules">The project's rules.</param>
    /// <param name="erasureGeneration">The generation of the list of erased persons that <paramref name="isErased"/> uses.</param>
    /// <param name="isErased">Whether a person was erased after a time. Events before the erasure are refused.</param>
    public AppendDecision Append(
        AppendRequest request, SessionRules rules, long erasureGeneration, Func<string, string, DateTimeOffset, bool> isErased)
    {
        if (request.Unread(this) is { Count: > 0 } unread)
        {
            return new AppendDecision(AppendStep.ReadStored) { Unread = unread };
        }

        if (IsStale(request.Caller) || IsClosedTo(request.Events))
        {
            return new AppendDecision(AppendStep.RefuseStale);
        }

        if (!request.IsExpected && OwnerToAsk(request, rules) is { } owner)
        {
            return new AppendDecision(AppendStep.AskOwner) { Owner = owner };
        }

        bool opens = Pending is null;
        JournalDraft draft = Begin(rules, request.Events.Count);
        request.Classify(this, draft, isErased);
        return new AppendDecision(AppendStep.Commit)
        {
            // A transaction that opens a server-made session, makes a session live, or changes its owner checks that the caller is
            // the device's newest activation: the newest would not know that the session has to end.
            Append = draft.Entries.Count > 0
                ? Append(draft, request.Caller, draft.MakesLive || draft.GivesAway || (opens && !request.NamesSession), erasureGeneration, request.Opens)
                : null,
            InFlightDuplicates = request.InFlightDuplicates,
        };
    }

    /// <summary>Decides whether the session ends.</summary>
    /// <param name="caller">The device that asks.</param>
    /// <param name="reason">The reason.</param>
    /// <param name="closedAt">
    /// The time from which the device's events belong to another session. Null ends the session only when it is idle.
    /// </param>
    /// <param name="rules">The project's rules.</param>
    /// <param name="now">The server's time.</param>
    public EndDecision End(
        DeviceEpoch caller, EndReason reason, DateTimeOffset? closedAt, SessionRules rules, DateTimeOffset now)
    {
        if (RefuseEnd(caller, onlyWhenIdle: closedAt is null, rules, now) is { } verdict)
        {
            return new EndDecision(verdict, null);
        }

        JournalDraft draft = Begin(rules);
        draft.AddEnd(reason, closedAt ?? draft.State!.End, now);
        return new EndDecision(EndVerdict.Ended, Append(draft, caller, fenced: true));
    }

    /// <summary>Removes the replay. Null when there is none.</summary>
    public JournalAppend? ForgetReplay(SessionRules rules, DateTimeOffset now)
    {
        if (Pending?.Replay is null)
        {
            return null;
        }

        JournalDraft draft = Begin(rules);
        draft.AddForgottenReplay(now);
        return Append(draft);
    }

    /// <summary>Sets the rage and dead clicks in the replay. Null when a search that looked at as much has set them.</summary>
    public JournalAppend? SetReplayClicks(ReplayClicks found, SessionRules rules, DateTimeOffset now)
    {
        if (Pending?.Replay?.Lacks(found) != true)
        {
            return null;
        }

        JournalDraft draft = Begin(rules);
        draft.AddReplayClicks(found, now);
        return Append(draft);
    }

    /// <summary>Handles the journal's result of an append.</summary>
    public void Complete(JournalAppend append, JournalResult result)
    {
        int place = 0;
        while (!ReferenceEquals(_inFlight[place].Append, append))
        {
            place++;
        }

        Dictionary<Guid, JournalEntry> events = _inFlight[place].Events;
        _inFlight.RemoveAt(place);
        if (result.Outcome != JournalOutcome.Committed)
        {
            _chain.Break();
            return;
        }

        // Appends of a chain commit in order, so a later state includes this one.
        int number = append.After.Number;
        if (Committed is null || number > Committed.Number)
        {
            Committed = append.After;
        }

        if (append.Row != RowChange.None)
        {
            _numberInRow = Math.Max(_numberInRow, number);
            _row.Set(number, append.Rules);
        }

        append.Opens?.Commit();

        foreach ((Guid seenKey, JournalEntry entry) in events)
        {
            _seen[seenKey] = entry.Number;
        }
    }

    /// <summary>The effects after a load: another activation may have died before it wrote the row.</summary>
    public SessionEffects AfterLoad() => WithCheckpoint(new SessionEffects(Damage: Damage));

    /// <summary>The effects after a read: a session that doesn't exist must not stay in memory.</summary>
    public SessionEffects AfterRead() => new(Deactivate: Pending is null);

    /// <summary>The effects after a call's events were taken.</summary>
    public SessionEffects AfterAppend() => WithCheckpoint(TakeChange() with { Deactivate = Pending is null });

    /// <summary>The effects after the session has ended.</summary>
    public SessionEffects AfterEnd() => TakeChange() with { Deactivate = true };

    /// <summary>The effects after a person was erased. If nothing is left, watchers must not see the session as live.</summary>
    /// <param name="before">The machine before the erasure; null when the session had not been loaded.</param>
    public SessionEffects AfterErasure(SessionMachine? before)
    {
        _newestOwner = default;
        return before is { _wasLive: true, Committed: { } seen }
            ? new SessionEffects(
                Publish: seen with { Status = SessionStatus.Ended, EndReason = EndReason.Reset }, WasLive: true, Deactivate: true)
            : new SessionEffects(Deactivate: true);
    }

    /// <summary>The journal number of an event; null when the event is not durable.</summary>
    internal int? NumberOf(Guid seenKey) => _seen.TryGetValue(seenKey, out int number) ? number : null;

    /// <summary>The append in flight that carries an event, and its entry; null when none does.</summary>
    internal (JournalAppend Append, JournalEntry Entry)? InFlight(Guid seenKey)
    {
        // Searched backwards: a failed append may still be in the list while a later one carries its events again.
        for (int i = _inFlight.Count - 1; i >= 0; i--)
        {
            if (_inFlight[i].Events.TryGetValue(seenKey, out JournalEntry? entry))
            {
                return (_inFlight[i].Append, entry);
            }
        }

        return null;
    }

    private void Take(StoredSession stored, SessionRules rules)
    {
        (Committed, _numberInRow, Damage) = StoredFold.Of(stored, rules);
        foreach (SeenEvent seen in stored.Seen)
        {
            _seen[SeenKey.Of(seen.EventId, seen.Device)] = seen.Number;
            MayHaveReusedIds |= EventContent.MayBeBeside(seen.EventId);
        }

        Pending = Committed;
    }

    private JournalDraft Begin(SessionRules rules, int expected = 1) => new(Pending, rules, _forgottenUpTo, expected);

    private JournalAppend Append(
        JournalDraft draft, DeviceEpoch caller = default, bool fenced = false, long erasureGeneration = long.MaxValue, DeviceOpening? opens = null)
    {
        SessionState after = draft.State!;
        var append = new JournalAppend
        {
            Chain = _chain,
            Session = _key,
            Born = Born,
            Entries = draft.Entries,
            After = after,
            Rules = draft.Rules,
            ErasureGeneration = erasureGeneration,
            Row = RowChangeOf(draft),
            Happening = SessionHappenings.Between(Pending, after),
            HandOver = draft.HandsOver && after.Owner != caller.Device.Device ? new HandOver(caller.Device, after.Owner) : null,
            Fence = fenced || opens is not null ? caller : null,
            Opens = opens,
        };
        Pending = after;
        _inFlight.Add((append, draft.Events));
        return append;
    }

    /// <summary>
    /// Decides how an append changes the row. Sessions are found by their rows, so the same transaction must write starts,
    /// ends, revivals and new owners into the row. For other changes, a later checkpoint is enough.
    /// </summary>
    private RowChange RowChangeOf(JournalDraft draft)
    {
        if (Pending is null)
        {
            return RowChange.Insert;
        }

        if (draft.IsEnd && _row.IsAt(Pending.Number, draft.Rules))
        {
            return RowChange.End;
        }

        return draft.ChangesRow || draft.ChangesOwner || draft.State!.Status != Pending.Status
            ? RowChange.Update
            : RowChange.None;
    }

    /// <summary>Adds the committed state if the row is behind it. From then on the state counts as written.</summary>
    private SessionEffects WithCheckpoint(SessionEffects effects)
    {
        if (Committed is not { } committed || committed.Number <= _numberInRow)
        {
            return effects;
        }

        _numberInRow = committed.Number;
        return effects with { Checkpoint = committed, History = _chain.History, Row = _row };
    }

    /// <summary>Returns the change for watchers of live sessions: they see each change of a live session, and its end.</summary>
    private SessionEffects TakeChange()
    {
        bool wasLive = _wasLive;
        _wasLive = Committed is { Status: SessionStatus.Live };
        return new SessionEffects(Publish: wasLive || _wasLive ? Committed : null, WasLive: wasLive);
    }

    private EndVerdict? RefuseEnd(DeviceEpoch caller, bool onlyWhenIdle, SessionRules rules, DateTimeOffset now)
    {
        if (Pending is not { } state || !IsOwner(caller, state))
        {
            // A backend whose event names a browser's session must not end that session.
            return EndVerdict.NotYours;
        }

        if (state.Status == SessionStatus.Ended)
        {
            return EndVerdict.Ended;
        }

        if (IsStale(caller))
        {
            return EndVerdict.Stale;
        }

        return onlyWhenIdle && now - state.LastActivityAt < SessionFold.IdleTimeoutOf(state, rules)
            ? EndVerdict.Active
            : null;
    }

    /// <summary>Whether a newer activation of the owning device has called before. If not, remembers the caller.</summary>
    private bool IsStale(DeviceEpoch caller)
    {
        if (Pending is null || !IsOwner(caller, Pending))
        {
            return false;
        }

        if (_newestOwner.Device == caller.Device && caller.Epoch < _newestOwner.Epoch)
        {
            return true;
        }

        _newestOwner = caller;
        return false;
    }

    /// <summary>Whether the server placed an event here from after the close, because the device did not know of the close.</summary>
    private bool IsClosedTo(IReadOnlyList<PlacedEvent> events) =>
        Pending?.ClosedAt is { } closedAt && events.Any(placed => !placed.Named && placed.Event.Timestamp > closedAt);

    /// <summary>
    /// The owner, when the session ended as idle and events of another device would make it live again. The owner has
    /// given the session up. Unless it is told to expect the session, no device would end it.
    /// </summary>
    private string? OwnerToAsk(AppendRequest request, SessionRules rules) =>
        Pending is { Status: SessionStatus.Ended, EndReason: EndReason.Idle } state && !IsOwner(request.Caller, state)
        && request.Events.Any(placed =>
        {
            _ = EventFactsReader.TryRead(placed.Event.Properties.Span, out EventFacts facts);
            TimeSpan idleTimeout = SessionFold.Longer(state.IdleTimeout, facts.IdleTimeout) ?? rules.IdleTimeout;
            return SessionFold.ClaimOf(placed.Event.DeviceId, placed.Event.IsReplay) <= state.Claim
                && SessionFold.IsTimely(placed.Event.Timestamp ?? request.ReceivedAt, request.ReceivedAt, idleTimeout);
        })
            ? state.Owner
            : null;

    private static bool IsOwner(DeviceEpoch caller, SessionState state) => state.Owner == caller.Device.Device;
}
