
namespace Sessions.Domain.Tests.Placing;

/// <summary>
/// The rules driven as the grains drive them, with folds in the place of sessions: what a device knows, what is stored
/// of its sessions, and what becomes of a call's events.
/// </summary>
/// <param name="rules">The project's rules.</param>
/// <param name="isPunctual">Whether idle sessions end at their very instant, or only when something else happens.</param>
/// <param name="latestSessions">How many sessions a new activation of the device reads.</param>
internal sealed class DrivenDevice(SessionRules rules, bool isPunctual, int latestSessions = 8)
{
    private static readonly UserDeviceKey Key = UserDeviceKey.Create("shop", "anonymous", "device");

    private readonly Dictionary<Guid, HashSet<Guid>> _taken = [];
    private DeviceTimeline _timeline = DeviceTimeline.Empty;

    /// <summary>Which session has each event.</summary>
    public Dictionary<Guid, Guid> SessionOf { get; } = [];

    /// <summary>The sessions as they were folded.</summary>
    public Dictionary<Guid, SessionState> Sessions { get; } = [];

    public DrivenDevice Play(IEnumerable<Delivery> deliveries)
    {
        foreach (Delivery delivery in deliveries)
        {
            if (isPunctual)
            {
                EndIdleUntil(delivery.Now);
            }

            Track(delivery.Events, delivery.Now);
            switch (delivery.Then)
            {
                case Then.Reset:
                    Reset(delivery.Now);
                    break;
                case Then.Reopen:
                    Reopen();
                    break;
            }
        }

        return this;
    }

    /// <summary>Lets so much time pass that everything has ended.</summary>
    public DrivenDevice PassAway()
    {
        EndOver(DateTimeOffset.MaxValue);
        return this;
    }

    private void Track(IReadOnlyList<Sent> events, DateTimeOffset now)
    {
        EndOver(now);
        DeviceTimeline timeline = _timeline;
        var calls = new List<(Guid Session, Sent Sent)>();
        foreach (Sent sent in events)
        {
            if (calls.Any(call => call.Sent.Id == sent.Id))
            {
                continue;
            }

            var arrival = new Arrival(
                new EventOrder(sent.Time, sent.SenderOrder, sent.Id), now, sent.Client is not null, sent.Person, Facts(sent).IdleTimeout, Claim.Client);
            KnownSession? known;
            Guid sessionId;
            if (sent.Client is { } named)
            {
                sessionId = named;
                known = timeline.Find(named) ?? Standing(named);
            }
            else
            {
                DeviceTimeline around = timeline.NeedsOthers(sent.Time) ? LookUp(timeline, sent.Time) : timeline;
                known = Placement.Decide(around.Sessions, sent.Time, sent.Person);
                if (around.Near(sent.Time).Any(near => near.SessionId != known?.SessionId && HasTaken(near.SessionId, sent.Id)))
                {
                    continue;
                }

                sessionId = known?.SessionId ?? ServerSessionId.Create(Key, sent.Time, sent.Id);
            }

            timeline = timeline.WithAlso(known?.With(arrival) ?? KnownSession.Opened(sessionId, arrival, rules));
            calls.Add((sessionId, sent));
        }

        foreach ((Guid sessionId, Sent sent) in calls)
        {
            Append(sessionId, sent, now);
        }

        foreach (Guid sessionId in calls.Select(call => call.Session).Distinct())
        {
            _timeline = _timeline.With(Standing(sessionId)!);
        }

        EndOver(now);
    }

    private void Append(Guid sessionId, Sent sent, DateTimeOffset now)
    {
        if (!_taken.TryGetValue(sessionId, out HashSet<Guid>? taken))
        {
            _taken[sessionId] = taken = [];
        }

        if (taken.Add(sent.Id))
        {
            SessionState? state = Sessions.GetValueOrDefault(sessionId);
            JournalEntry entry = Entry((state?.Number ?? 0) + 1, sent, now);
            Sessions[sessionId] = SessionFold.Apply(state, entry, Facts(sent), rules);
            SessionOf.Add(sent.Id, sessionId);
        }
    }

    private void Reset(DateTimeOffset now)
    {
        EndOver(now);
        if (_timeline.Live is { } live)
        {
            End(live, EndReason.Reset, now > live.End ? now : live.End);
        }
    }

    private void EndIdleUntil(DateTimeOffset now)
    {
        while (_timeline.Sessions.Where(session => session.IsIdle(now)).ToArray() is { Length: > 0 } idle)
        {
            EndOver(idle.Min(session => session.LastActivityAt + session.IdleTimeout));
        }
    }

    private void EndOver(DateTimeOffset now)
    {
        foreach (KnownSession idle in _timeline.Sessions.Where(session => session.IsIdle(now)).ToArray())
        {
            End(idle, EndReason.Idle, idle.End);
        }

        if (_timeline.Live is { } live)
        {
            DeviceTimeline timeline = _timeline;
            foreach (KnownSession replaced in timeline.Replaced.ToArray())
            {
                End(replaced, Placement.WhyEnded(timeline.Sessions, replaced, live), live.Start);
            }
        }
    }

    private void End(KnownSession session, EndReason reason, DateTimeOffset closedAt)
    {
        SessionState state = Sessions[session.SessionId];
        JournalEntry entry = JournalEntry.OfEnd(state.Number + 1, reason, closedAt, closedAt);
        Sessions[session.SessionId] = SessionFold.Apply(state, entry, EventFacts.None, rules);
        _timeline = _timeline.With(Standing(session.SessionId)!);
    }

    private void Reopen()
    {
        KnownSession[] all = All();
        KnownSession[] latest = [.. all.Take(latestSessions)];
        _timeline = DeviceTimeline.Of(
            latest.Concat(all.Skip(latestSessions).Where(session => session.IsLive)),
            all.Length > latestSessions ? DeviceTimeline.ReachOf(latest[^1].Start, rules) : DateTimeOffset.MinValue);
    }

    private DeviceTimeline LookUp(DeviceTimeline timeline, DateTimeOffset time)
    {
        KnownSession[] all = All();
        IEnumerable<KnownSession> reaching = all.Where(session => session.Start <= time && session.End >= time - rules.IdleTimeout).Take(16);
        IEnumerable<KnownSession> before = all.Where(session => session.Start <= time).Take(latestSessions);
        IEnumerable<KnownSession> after = all.Reverse().Where(session => session.Start > time).Take(4);
        IEnumerable<KnownSession> found = reaching.Concat(before).Concat(after)
            .DistinctBy(session => session.SessionId)
            .Where(session => timeline.Find(session.SessionId) is null);
        return DeviceTimeline.Of(timeline.Sessions.Concat(found), timeline.OthersUntil);
    }

    private KnownSession[] All() =>
        [.. Sessions.Keys.Select(id => Standing(id)!).OrderByDescending(session => session.Start).ThenByDescending(session => session.SessionId)];

    private KnownSession? Standing(Guid sessionId) =>
        Sessions.TryGetValue(sessionId, out SessionState? state) ? KnownSession.Of(sessionId, state, rules) : null;

    private bool HasTaken(Guid sessionId, Guid eventId) => _taken.TryGetValue(sessionId, out HashSet<Guid>? taken) && taken.Contains(eventId);

    private static EventFacts Facts(Sent sent)
    {
        Assert.True(EventFactsReader.TryRead(sent.ToEvent().Properties.Span, out EventFacts facts));
        return facts;
    }

    private static JournalEntry Entry(int number, Sent sent, DateTimeOffset now)
    {
        SessionEvent happened = sent.ToEvent();
        return new JournalEntry(
            number,
            sent.Client is null ? EntryKind.PlacedEvent : EntryKind.NamedEvent,
            happened.Id,
            sent.Time,
            now,
            happened.Name,
            Key.Device,
            happened.DistinctId,
            happened.DeviceId,
            null,
            happened.Properties,
            happened.SenderOrder);
    }
}
