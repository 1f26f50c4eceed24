using Sessions.Domain;
using Sessions.Domain.Folding;
using Sessions.Domain.Replay.Clicks;
using Sessions.Domain.Time;
using Sessions.Silo.Damage;
using Sessions.Silo.Journal;
using Sessions.Silo.PersonData;

namespace Sessions.Silo.Sessions;

/// <summary>The stores and the clock that all sessions of a silo share, and the place to report what can't be read.</summary>
internal sealed record SessionPorts(
    IJournal Journal, ISessionStore Store, IForgottenPersons Erased, TimeProvider Clock, DamagedSessions? Damaged = null)
{
    /// <summary>
    /// Whether a person was erased after a time. The delegate is allocated once for all sessions of the silo.
    /// </summary>
    public Func<string, string, DateTimeOffset, bool> IsErased { get; } = Erased.Covers;
}

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

    private readonly List<(JournalAppend Append, Task<JournalResult> Result)> _inFlight = new(1);
    private SessionRules? _rules;
    private SessionMachine? _session;
    private Task<SessionMachine>? _loading;
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
    /// <remarks>
    /// The device sends the event elsewhere when the answer is no, and then it counts there: so a no does not come from memory
    /// that another activation has left behind.
    /// </remarks>
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
    public async Task<AppendResult> Append(AppendRequest request)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            SessionMachine session = await Load();
            AppendDecision decision = Decide(session, request);
            while (decision.Step == AppendStep.ReadStored)
            {
                // Meanwhile another call may have taken events with the same ids.
                session = await ReadStored(session, request, decision.Unread);
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
            bool duplicatesCommitted = decision.InFlightDuplicates.Count == 0 || await AllCommitted(decision.InFlightDuplicates);
            switch (request.Complete(own is null ? null : await own, duplicatesCommitted))
            {
                case AppendVerdict.Taken:
                    Perform(session.AfterAppend());
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
                // The device gives the session up by this answer, and nobody else would end it.
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

    /// <summary>
    /// Erases a person from the session in memory, and in the store with the function that the caller passes.
    /// </summary>
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

    private async ValueTask<SessionMachine> Load()
    {
        // Checked before memory is read. If the process is suspended in between, the answer is still right for the time
        // at which the call arrived.
        await host.EnsureMember();
        _rules = await host.ReadRules();
        ports.Erased.CheckStays(key.Project, host.Deactivate);
        // What was loaded before the project was made belongs to a deleted project of the same id.
        if (_session is { MustReload: false } session && _loadedIn >= ports.Erased.MadeIn(key.Project))
        {
            return session;
        }

        if (_loading is null || _loading.IsCompleted)
        {
            _loading = LoadAnew();
        }

        return await _loading;
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
        bool isFresh = _session is not { MustReload: false } && _loading is not { IsCompleted: false };
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

    private async Task<SessionMachine> ReadStored(SessionMachine session, AppendRequest request, IReadOnlyCollection<int> unread)
    {
        request.Learn(unread, await ports.Store.Contents(key, session.Born, unread));
        return await Load();
    }

    private Task<JournalResult> Write(SessionMachine session, JournalAppend append)
    {
        Task<JournalResult> result = WriteAndComplete(session, append);
        if (!result.IsCompleted)
        {
            _inFlight.Add((append, result));
        }

        return result;
    }

    private async Task<JournalResult> WriteAndComplete(SessionMachine session, JournalAppend append)
    {
        JournalResult result = await ports.Journal.Append(append with { LoadedIn = _loadedIn });
        session.Complete(append, result);
        for (int i = _inFlight.Count - 1; i >= 0; i--)
        {
            if (ReferenceEquals(_inFlight[i].Append, append))
            {
                _inFlight.RemoveAt(i);
            }
        }

        return result;
    }

    private async Task<bool> AllCommitted(IReadOnlyList<JournalAppend> appends)
    {
        JournalResult[] results = await Task.WhenAll(
            appends.Select(append => _inFlight.Find(sent => ReferenceEquals(sent.Append, append)).Result));
        return results.All(result => result.Outcome == JournalOutcome.Committed);
    }

    /// <summary>Completes when all appends have their results.</summary>
    public Task Settled() => Task.WhenAll(_inFlight.Select(sent => (Task)sent.Result).ToArray());

    private void Perform(SessionEffects effects)
    {
        if (effects.Checkpoint is { } state)
        {
            ports.Store.Checkpoint(key, state, Rules, effects.History);
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

    private static SessionsUnavailableException NotDurable(string what) =>
        new($"The session's {what} can't be made durable now.");
}
