using Orleans.Concurrency;
using Orleans.Placement;
using Sessions.Domain;
using Sessions.Domain.Time;

namespace Sessions.Grains;

/// <summary>
/// One session: numbers what it takes, folds it, has it written, and answers when it is durable. The rules are
/// <see cref="SessionFold"/>'s, the bookkeeping <see cref="SessionLedger"/>'s.
/// </summary>
/// <remarks>
/// Reentrant, so that appends wait for the same commit side by side and reads are not held up. Whatever decides on
/// the ledger and changes it does so without an await in between.
/// </remarks>
[GrainType("session"), Reentrant, PreferLocalPlacement]
internal sealed partial class SessionGrain(
    IJournal journal,
    ISessionStore store,
    IPersonDeletions deletions,
    IForgottenPersons forgotten,
    ProjectCache<SessionRules> projects,
    LiveFeed feed,
    Wakefulness wakefulness,
    TimeProvider clock)
    : Grain, ISessionGrain, ISessionIntake
{
    // A run fails for good after this many loads: each is one more activation or outage met on the way.
    private const int MaxAttempts = 4;

    private SessionKey? _key;
    private SessionRules? _rules;
    private SessionLedger? _ledger;
    private Task<SessionLedger>? _loading;
    private DeviceCall _owner;
    private bool _wasLive;

    private SessionKey Key => _key ??= SessionKey.Parse(this.GetPrimaryKeyString());

    /// <summary>The project's rules as of the call that began last.</summary>
    private SessionRules Rules => _rules ?? throw new InvalidOperationException("A call reads the rules first: Load.");

    public async Task<Session?> Get()
    {
        SessionLedger ledger = await LoadLatest();
        if (ledger.Committed is not { } state)
        {
            ForgetWhenUnknown(ledger);
            return null;
        }

        return SessionView.Of(Key.SessionId, state, Rules);
    }

    public Task<SessionStanding?> GetStanding() => GetStandingSince(number: 0);

    public async Task<SessionStanding?> GetStandingSince(int number)
    {
        SessionLedger ledger = await Load();
        if ((ledger.Committed?.Number ?? 0) < number)
        {
            // Another activation has gone on: this one is of a silo that others have given up.
            ledger.Chain.Break();
            ledger = await Load();
        }

        ForgetWhenUnknown(ledger);
        return StandingOf(ledger.Pending);
    }

    public async Task<bool> HasTaken(UserDeviceKey device, Guid eventId)
    {
        SessionLedger ledger = await Load();
        return ledger.HasTaken(SeenKey.Of(eventId, device.Device));
    }

    public async Task<bool> HasTakenSame(UserDeviceKey device, PlacedEvent sent)
    {
        var call = new AppendCall(device, [sent]);
        SessionLedger ledger = await Load();
        while (call.Unread(ledger) is { Count: > 0 } unread)
        {
            call.Learn(unread, await store.Contents(Key, ledger.Born, unread));
            ledger = await Load();
        }

        return call.IsTaken(ledger);
    }

    public Task<AppendResult> Append(DeviceCall caller, DateTimeOffset receivedAt, IReadOnlyList<PlacedEvent> events) =>
        Append(caller, receivedAt, events, isExpected: false);

    public Task<AppendResult> AppendExpected(
        DeviceCall caller, DateTimeOffset receivedAt, IReadOnlyList<PlacedEvent> events) =>
        Append(caller, receivedAt, events, isExpected: true);

    public async Task<EndResult> End(DeviceCall caller, EndReason reason, DateTimeOffset? closedAt)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            SessionLedger ledger = await Load();
            DateTimeOffset now = WholeMicroseconds.Of(clock.GetUtcNow());
            if (RefuseEnd(ledger.Pending, caller, closedAt is null, now) is { } verdict)
            {
                return new EndResult(verdict, StandingOf(ledger.Pending));
            }

            SessionLedger.Draft draft = ledger.Begin(Rules);
            draft.AddEnd(reason, closedAt ?? draft.State!.End, now);
            RunResult result = await ledger.Send(draft, journal, caller, fenced: true);
            switch (result.Outcome)
            {
                case RunOutcome.Committed:
                    Tell(ledger);
                    DeactivateOnIdle();
                    return new EndResult(EndVerdict.Ended, StandingOf(ledger.Pending));
                case RunOutcome.Fenced:
                    return new EndResult(EndVerdict.Stale, null);
                case RunOutcome.Unavailable:
                    throw new SessionsUnavailableException("The session's end can't be made durable now.");
            }
        }

        throw new SessionsUnavailableException("The session's end can't be made durable now.");
    }

    public async Task<bool> ForgetReplay()
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            SessionLedger ledger = await Load();
            if (ledger.Pending?.Replay is null)
            {
                ForgetWhenUnknown(ledger);
                return false;
            }

            SessionLedger.Draft draft = ledger.Begin(Rules);
            draft.AddForgottenReplay(WholeMicroseconds.Of(clock.GetUtcNow()));
            switch ((await ledger.Send(draft, journal, default, fenced: false)).Outcome)
            {
                case RunOutcome.Committed:
                    return true;
                case RunOutcome.Unavailable:
                    throw new SessionsUnavailableException("It can't be made durable now that the replay is forgotten.");
            }
        }

        throw new SessionsUnavailableException("It can't be made durable now that the replay is forgotten.");
    }

    private async Task<AppendResult> Append(
        DeviceCall caller, DateTimeOffset receivedAt, IReadOnlyList<PlacedEvent> events, bool isExpected)
    {
        var call = new AppendCall(caller.Device, events);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            SessionLedger ledger = await Load();
            // What comes in while others wait here may have the same ids: from the last look on nothing is awaited.
            while (call.Unread(ledger) is { Count: > 0 } unread)
            {
                call.Learn(unread, await store.Contents(Key, ledger.Born, unread));
                ledger = await Load();
            }

            if (IsStale(caller, ledger.Pending) || IsClosedTo(events, ledger.Pending))
            {
                return new AppendResult(true, [], null);
            }

            if (!isExpected && WhomItRevives(caller, ledger.Pending, receivedAt, events) is { } owner)
            {
                return new AppendResult(false, [], StandingOf(ledger.Pending), owner);
            }

            if (await Take(ledger, call, caller, receivedAt))
            {
                Checkpoint(ledger);
                Tell(ledger);
                ForgetWhenUnknown(ledger);
                return new AppendResult(false, call.Receipts(Key.SessionId), StandingOf(ledger.Pending));
            }

            if (call.IsFenced)
            {
                return new AppendResult(true, [], null);
            }
        }

        throw new SessionsUnavailableException("The session's events can't be made durable now.");
    }

    /// <summary>Takes what the call has left to take; false when it must be tried again on a fresh load.</summary>
    private async Task<bool> Take(SessionLedger ledger, AppendCall call, DeviceCall caller, DateTimeOffset receivedAt)
    {
        SessionLedger.Draft draft = ledger.Begin(Rules, call.Count);
        bool opens = ledger.Pending is null;
        long welcomeAt = forgotten.Generation;
        call.Sort(ledger, draft, receivedAt, forgotten);

        // The transaction that opens a server-made session checks that the device's activation is the newest.
        bool fenced = opens && !call.NamesSession;
        Task<RunResult>? own = draft.Entries.Count > 0 ? ledger.Send(draft, journal, caller, fenced, welcomeAt) : null;

        // A twin of an event on its way shares that event's fate.
        bool twinsCommitted = true;
        foreach (Task<RunResult> twin in call.Twins)
        {
            twinsCommitted &= (await twin).Outcome == RunOutcome.Committed;
        }

        RunResult result = own is null ? RunResult.Of(RunOutcome.Committed) : await own;
        call.Settle(result);
        if (result.Outcome == RunOutcome.Unavailable)
        {
            throw new SessionsUnavailableException("The session's events can't be made durable now.");
        }

        return twinsCommitted && result.Outcome == RunOutcome.Committed;
    }

    private EndVerdict? RefuseEnd(SessionState? state, DeviceCall caller, bool onlyWhenIdle, DateTimeOffset now)
    {
        if (state is null || !IsOwner(caller, state))
        {
            // A backend event that names a browser's session must not end it.
            return EndVerdict.NotYours;
        }

        if (state.Status == SessionStatus.Ended)
        {
            return EndVerdict.Ended;
        }

        if (IsStale(caller, state))
        {
            return EndVerdict.Stale;
        }

        return onlyWhenIdle && now - state.LastActivityAt < SessionFold.IdleTimeoutOf(state, Rules)
            ? EndVerdict.Active
            : null;
    }

    /// <summary>Whether a newer activation of the owning device has been here.</summary>
    private bool IsStale(DeviceCall caller, SessionState? state)
    {
        if (state is null || !IsOwner(caller, state))
        {
            return false;
        }

        if (_owner.Device == caller.Device && caller.Epoch < _owner.Epoch)
        {
            return true;
        }

        _owner = caller;
        return false;
    }

    /// <summary>Whether the server placed an event here that came after the session was closed: the device was out of date.</summary>
    private static bool IsClosedTo(IReadOnlyList<PlacedEvent> events, SessionState? state) =>
        state?.ClosedAt is { } closedAt && events.Any(placed => !placed.Named && placed.Event.Timestamp > closedAt);

    /// <summary>
    /// The other device whose session has idled and would go on with these events: it has stood down, so that nobody
    /// would end the session again.
    /// </summary>
    private string? WhomItRevives(
        DeviceCall caller, SessionState? state, DateTimeOffset receivedAt, IReadOnlyList<PlacedEvent> events) =>
        state is { Status: SessionStatus.Ended, EndReason: EndReason.Idle } && !IsOwner(caller, state)
        && events.Any(placed =>
        {
            _ = EventFactsReader.TryRead(placed.Event.Properties.Span, out EventFacts facts);
            TimeSpan idleTimeout = SessionFold.Longer(state.IdleTimeout, facts.IdleTimeout) ?? Rules.IdleTimeout;
            return SessionFold.ClaimOf(placed.Event.DeviceId, placed.Event.IsReplay) <= state.Claim
                && SessionFold.IsTimely(placed.Event.Timestamp ?? receivedAt, receivedAt, idleTimeout);
        })
            ? state.Owner
            : null;

    private static bool IsOwner(DeviceCall caller, SessionState state) =>
        state.Owner == caller.Device.Device;

    private SessionStanding? StandingOf(SessionState? state) =>
        state is null ? null : SessionStanding.Of(Key.SessionId, state, Rules);

    private void Checkpoint(SessionLedger ledger)
    {
        if (ledger.TakeCheckpoint() is { } committed)
        {
            store.Checkpoint(Key, committed, Rules);
        }
    }

    /// <summary>Tells those who watch, when there are any.</summary>
    private void Tell(SessionLedger ledger)
    {
        bool isLive = ledger.Committed is { Status: SessionStatus.Live };
        if ((isLive || _wasLive) && feed.IsWatched(Key.Project))
        {
            feed.Tell(Key, ledger.Committed!, Rules, _wasLive);
        }

        _wasLive = isLive;
    }

    private void ForgetWhenUnknown(SessionLedger ledger)
    {
        // Anybody may ask for any id: what doesn't exist must not stay in memory.
        if (ledger.Pending is null)
        {
            DeactivateOnIdle();
        }
    }

    private async Task<SessionLedger> Load()
    {
        // Before the look at what is in memory: a stop between the two is one that the call came before.
        await wakefulness.IsSure();
        _rules = await projects.Of(Key.Project);
        if (_ledger is { Chain.IsBroken: false } ledger)
        {
            return ledger;
        }

        if (_loading is null || _loading.IsCompleted)
        {
            _loading = LoadAnew();
        }

        return await _loading;
    }

    /// <summary>
    /// With all that is durable, whoever made it so. When silos come and go there may be two activations for a while, as
    /// their directory allows, and this one may be the one that events don't reach any more: what it would write is
    /// refused, what it would answer from memory is compared with the journal first.
    /// </summary>
    private async Task<SessionLedger> LoadLatest()
    {
        bool isRead = _ledger is not { Chain.IsBroken: false } && _loading is not { IsCompleted: false };
        SessionLedger ledger = await Load();
        if (isRead)
        {
            return ledger;
        }

        int last = ledger.Committed is null ? 0 : await store.LastNumber(Key, ledger.Born);
        if (last > 0 && last <= ledger.Committed!.Number)
        {
            return ledger;
        }

        // Its own runs that are on their way may be what was found.
        await ledger.Settled();
        if (last == 0 || last > (ledger.Committed?.Number ?? 0))
        {
            ledger.Chain.Break();
        }

        return await Load();
    }

    private async Task<SessionLedger> LoadAnew()
    {
        if (_ledger is not null)
        {
            await _ledger.Settled();
        }

        StoredSession? stored = await store.Load(Key);
        DateOnly today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        _ledger = SessionLedger.Of(Key, stored, Rules, today);
        _wasLive = _ledger.Committed is { Status: SessionStatus.Live };
        // Whoever died before it had written the row: it is behind the entries that were just read.
        Checkpoint(_ledger);
        return _ledger;
    }
}
