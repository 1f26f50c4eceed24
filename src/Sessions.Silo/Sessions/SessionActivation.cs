using Sessions.Domain;
using Sessions.Domain.Folding;
using Sessions.Domain.Replay.Clicks;
using Sessions.Domain.Time;
using Sessions.Silo.PersonData;

namespace Sessions.Silo.Sessions;

/// <summary>
/// Performs what a <see cref="SessionMachine"/> decides: it loads the session, writes to the journal, and answers a
/// call when the journal has committed.
/// </summary>
/// <remarks>
/// One call runs at a time, but calls interleave at each await. So several appends can wait for the same commit, and
/// reads are not blocked. Nothing is awaited between a decision of the machine and the start of its append.
/// </remarks>
internal sealed class SessionActivation(SessionKey key, ISessionHost host, SessionPorts ports)
{
    // Each attempt but the first begins with a load. A call needs one more attempt for each conflict with another
    // activation and for each outage.
    private const int MaxAttempts = 4;

    private readonly AppendsInFlight _inFlight = new(ports.Journal);
    private SessionRules? _rules;
    private SessionMachine? _session;
    private Task<SessionMachine>? _loading;
    private SessionOpening? _unproven;
    private long _loadedIn;

    /// <summary>The session.</summary>
    public SessionKey Key => key;

    /// <summary>The project's rules as of the call that began last.</summary>
    private SessionRules Rules => _rules ?? throw new InvalidOperationException("A call reads the rules first: Load.");

    private DateTimeOffset Now => WholeMicroseconds.Of(ports.Clock.GetUtcNow());

    /// <inheritdoc cref="ISessionGrain.Get"/>
    public async Task<Session?> Get()
    {
        SessionMachine session = await LoadLatest();
        if (session.Committed is { } state)
        {
            return SessionView.Of(key.SessionId, state, Rules);
        }

        Perform(session.AfterRead());
        return null;
    }

    /// <inheritdoc cref="ISessionWriter.GetStandingSince"/>
    public async Task<SessionStanding?> GetStandingSince(int number)
    {
        SessionMachine session = await Load();
        if (session.IsBehind(number))
        {
            // Another activation has written: the cluster has declared this silo dead.
            session.Discard();
            session = await Load();
        }

        session = await Decided(session);
        Perform(session.AfterRead());
        return StandingOf(session);
    }

    /// <inheritdoc cref="ISessionWriter.HasTaken"/>
    /// <remarks>After a no the device sends the event elsewhere. So a no does not come from memory that may be old.</remarks>
    public async Task<bool> HasTaken(UserDeviceKey device, Guid eventId) =>
        (await Load()).HasTaken(device, eventId) || (await LoadLatest()).HasTaken(device, eventId);

    /// <inheritdoc cref="ISessionWriter.HasTakenSame"/>
    public async Task<bool> HasTakenSame(UserDeviceKey device, PlacedEvent sent)
    {
        var request = new AppendRequest(new DeviceEpoch(device, 0), default, [sent]);
        SessionMachine session = await Load();
        while (request.Unread(session) is { Count: > 0 } unread)
        {
            session = await ReadStored(session, request, unread);
        }

        return request.IsTaken(session);
    }

    /// <inheritdoc cref="ISessionWriter.Append"/>
    public Task<AppendResult> Append(AppendRequest request) =>
        ports.Openings.Take(key, request.Caller) is { } opening ? Open(request, opening) : Append(request, opening: null);

    private async Task<AppendResult> Open(AppendRequest request, SessionOpening opening)
    {
        request.Opens = opening.Device;
        try
        {
            return await Append(request, opening);
        }
        finally
        {
            Settle(opening);
        }
    }

    private async Task<AppendResult> Append(AppendRequest request, SessionOpening? opening)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            SessionMachine session = await Load(opening);
            AppendDecision decision = Decide(session, request);
            while (decision.Step == AppendStep.ReadStored)
            {
                // Meanwhile another call may have taken events with the same ids.
                session = await ReadStored(session, request, decision.Unread, opening);
                decision = Decide(session, request);
            }

            if (decision.Step == AppendStep.RefuseStale)
            {
                return new AppendResult(true, [], null);
            }

            if (decision.Step == AppendStep.AskOwner)
            {
                return new AppendResult(false, [], StandingOf(session), decision.Owner);
            }

            Task<JournalResult>? own = decision.Append is { } append ? Write(session, append) : null;
            bool duplicatesCommitted = decision.InFlightDuplicates.Count == 0 || await _inFlight.AllCommitted(decision.InFlightDuplicates);
            switch (request.Complete(own is null ? null : await own, duplicatesCommitted))
            {
                case AppendVerdict.Taken:
                    Settle(opening);
                    Perform(session.AfterAppend());
                    // Nothing was written that would show that another activation has written since. The device would learn old times.
                    session = own is null && session.Committed is not null ? await LoadLatest() : session;
                    return new AppendResult(false, request.Receipts(key.SessionId), StandingOf(await Decided(session)));
                case AppendVerdict.Stale:
                    return new AppendResult(true, [], null);
                case AppendVerdict.Unavailable:
                    throw NotDurable("events");
            }
        }

        throw NotDurable("events");
    }

    /// <inheritdoc cref="ISessionWriter.End"/>
    public async Task<EndResult> End(DeviceEpoch caller, EndReason reason, DateTimeOffset? closedAt)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            SessionMachine session = await Load();
            EndDecision decision = session.End(caller, reason, closedAt, Rules, Now);
            if (decision.Append is null && decision.Verdict is EndVerdict.NotYours or EndVerdict.Ended)
            {
                // The device gives the session up by this answer, and no other device would end it.
                session = await Decided(await LoadLatest());
                decision = session.End(caller, reason, closedAt, Rules, Now);
            }

            if (decision.Append is not { } append)
            {
                return new EndResult(decision.Verdict, StandingOf(session));
            }

            switch ((await Write(session, append)).Outcome)
            {
                case JournalOutcome.Committed:
                    Perform(session.AfterEnd());
                    return new EndResult(decision.Verdict, StandingOf(session));
                case JournalOutcome.Fenced:
                    return new EndResult(EndVerdict.Stale, null);
                case JournalOutcome.Unavailable:
                    throw NotDurable("end");
            }
        }

        throw NotDurable("end");
    }

    /// <inheritdoc cref="ISessionGrain.ForgetReplay"/>
    public Task<bool> ForgetReplay() => Change("deletion of the recording", session => session.ForgetReplay(Rules, Now));

    /// <inheritdoc cref="ISessionWriter.SetReplayClicks"/>
    public Task<bool> SetReplayClicks(ReplayClicks found) =>
        Change("search of the recording", session => session.SetReplayClicks(found, Rules, Now));

    /// <summary>Erases a person from the session in memory, and in the store with the function that the caller passes.</summary>
    /// <param name="takeOut">Erases the person from the store.</param>
    public async Task Forget(Func<Task> takeOut)
    {
        while (_loading is { IsCompleted: false } loading)
        {
            // A failure of the load is reported to the call that began it.
            await ((Task)loading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        // From now on all calls wait for the load that follows the erasure.
        _session?.Discard();
        _loading = EraseAndLoad(takeOut);
        await _loading;
    }

    private async Task<SessionMachine> EraseAndLoad(Func<Task> takeOut)
    {
        _rules = await host.ReadRules();
        SessionMachine? before = _session;
        await Settled();
        await takeOut();
        SessionMachine session = await LoadAnew();
        if (session.Committed is { } left)
        {
            // The row still includes the erased person's events.
            await ports.Store.CheckpointNow(key, left, Rules);
        }
        else
        {
            Perform(session.AfterErasure(before));
        }

        return session;
    }

    private async ValueTask<SessionMachine> Load(SessionOpening? opening = null)
    {
        // Checked before memory is read. If the process is suspended in between, the answer is still right for the time
        // at which the call arrived.
        await host.EnsureMember();
        _rules = await host.ReadRules();
        await ports.Erased.CheckStays(key.Project, host.Deactivate);
        while (_unproven is { } unproven && !ReferenceEquals(unproven, opening))
        {
            // The session began without a look at the store. Others don't answer from that.
            await unproven.Settled;
        }

        // What was loaded before the project was made belongs to a deleted project of the same id.
        if (_session is { MustReload: false } session && _loadedIn >= ports.Erased.MadeIn(key.Project))
        {
            return session;
        }

        if (_loading is null || _loading.IsCompleted)
        {
            _loading = opening is { IsNew: true } && _session is null ? Task.FromResult(Begin(opening)) : LoadAnew();
        }

        return await _loading;
    }

    /// <summary>Begins a session that the device takes for new. The transaction of its first entries fails if it is not.</summary>
    private SessionMachine Begin(SessionOpening opening)
    {
        _unproven = opening;
        _loadedIn = ports.Erased.Generation;
        return _session = SessionMachine.Load(
            key, stored: null, Rules, DateOnly.FromDateTime(Now.UtcDateTime), before: null, ports.Store.History);
    }

    /// <summary>Lets the other calls go on. A session that has no row yet looks for one when the next call comes.</summary>
    private void Settle(SessionOpening? opening)
    {
        if (opening is not null && ReferenceEquals(_unproven, opening))
        {
            _unproven = null;
            if (_session is { Committed: null } unproven)
            {
                unproven.Discard();
            }
        }

        opening?.Settle();
    }

    /// <summary>Writes a change of the session that is no event. Returns whether there was anything to change.</summary>
    private async Task<bool> Change(string what, Func<SessionMachine, JournalAppend?> decide)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            SessionMachine session = await Load();
            if (decide(session) is not { } append)
            {
                Perform(session.AfterRead());
                return false;
            }

            switch ((await Write(session, append)).Outcome)
            {
                case JournalOutcome.Committed:
                    Perform(session.AfterAppend());
                    return true;
                case JournalOutcome.Unavailable:
                    throw NotDurable(what);
            }
        }

        throw NotDurable(what);
    }

    /// <summary>Loads the session with all that is durable, also by another activation.</summary>
    /// <remarks>
    /// While silos start and stop, a session may have two activations for a while, and events may go to the other one.
    /// The journal refuses the writes of the older activation. Before it answers from memory, it compares its last
    /// number with the journal.
    /// </remarks>
    private async Task<SessionMachine> LoadLatest()
    {
        bool isFresh = _session is not { MustReload: false } && _loading is not { IsCompleted: false } && _unproven is null;
        SessionMachine session = await Load();
        if (isFresh)
        {
            return session;
        }

        int last = session.Committed is null ? 0 : await ports.Store.LastNumber(key, session.Born);
        if (last > 0 && !session.IsBehind(last) && !session.MustReload)
        {
            return session;
        }

        // The journal may already have this activation's own appends, whose results have not arrived yet.
        await Settled();
        if (last == 0 || session.IsBehind(last))
        {
            session.Discard();
        }

        return await Load();
    }

    /// <summary>
    /// The session once it is known whether it has ended, goes on or has another owner. A device acts on that at once: it gives
    /// the session up, or looks for it among the heir's.
    /// </summary>
    private async ValueTask<SessionMachine> Decided(SessionMachine session)
    {
        if (session is not { Committed: { } durable, Pending: { } pending } || pending.StandsAs(durable))
        {
            return session;
        }

        await Settled();
        return await Load();
    }

    private async Task<SessionMachine> LoadAnew()
    {
        await Settled();
        StoreHistory? history = ports.Store.History;
        long generation = ports.Erased.Generation;
        StoredSession? stored = await ports.Store.Load(key);
        _session = SessionMachine.Load(key, stored, Rules, DateOnly.FromDateTime(Now.UtcDateTime), before: _session, history);
        _loadedIn = generation;
        Perform(_session.AfterLoad());
        return _session;
    }

    private AppendDecision Decide(SessionMachine session, AppendRequest request) =>
        session.Append(request, Rules, ports.Erased.Generation, ports.IsErased);

    private async Task<SessionMachine> ReadStored(
        SessionMachine session, AppendRequest request, IReadOnlyCollection<int> unread, SessionOpening? opening = null)
    {
        request.Learn(unread, await ports.Store.Contents(key, session.Born, unread));
        return await Load(opening);
    }

    private Task<JournalResult> Write(SessionMachine session, JournalAppend append) =>
        _inFlight.Write(session, append with { LoadedIn = _loadedIn }, decided: append);

    /// <summary>Completes when all appends have their results.</summary>
    public Task Settled() => _inFlight.Settled();

    private void Perform(SessionEffects effects)
    {
        if (effects.Checkpoint is { } state)
        {
            ports.Store.Checkpoint(key, state, Rules, effects.History, effects.Row);
        }

        ports.Damaged?.Report(key, effects.Damage);
        if (effects.Publish is { } changed)
        {
            host.Publish(changed, Rules, effects.WasLive);
        }

        if (effects.Deactivate)
        {
            host.Deactivate();
        }
    }

    private SessionStanding? StandingOf(SessionMachine session) =>
        session.Pending is { } state ? SessionStanding.Of(key.SessionId, state, Rules) : null;

    private static SessionsUnavailableException NotDurable(string what) => new($"The session's {what} can't be made durable now.");
}
