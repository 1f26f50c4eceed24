using Sessions.Domain;
using Sessions.Domain.Time;

namespace Sessions.Grains;

internal sealed partial class UserDeviceGrain
{
    // Where an event whose time is no guide may have gone when it was sent before.
    private const int LatestSessionsAsked = 3;

    /// <summary>Finds each event's session, one after the other: an event sees the sessions as the ones before it left them.</summary>
    /// <param name="grain">The device.</param>
    /// <param name="device">What it knew before the call.</param>
    /// <param name="receivedAt">When the call came.</param>
    /// <param name="places">Whether any event of the call names no session: only then it matters what the others say.</param>
    /// <param name="byPlace">Whether events of one time are in the order of the call.</param>
    private sealed class Placing(
        UserDeviceGrain grain, OpenDevice device, DateTimeOffset receivedAt, bool places, bool byPlace)
    {
        // A twin goes where the call's first one went: what came between them may have changed what its time says.
        private readonly Dictionary<Guid, PlacedBefore> _before = [];
        private DeviceTimeline _timeline = device.Timeline;

        /// <summary>Whether a session may be live after the call.</summary>
        public bool MayBeLive { get; private set; }

        public async Task Place(TrackCall call, int index)
        {
            SessionEvent happened = call[index];
            DateTimeOffset time = WholeMicroseconds.Of(happened.Timestamp ?? receivedAt);
            long order = byPlace ? index : happened.SenderOrder;
            SessionEvent settled = happened.Timestamp == time && happened.SenderOrder == order
                ? happened
                : happened with { Timestamp = time, SenderOrder = order };
            var placed = new PlacedEvent(settled, Named: false, ClientTimeOf(happened));
            if (ClientSessionId.TryParse(happened.SessionId, out Guid named))
            {
                if (places)
                {
                    Remember(placed, named);
                    await NoteNamed(named, Arrive(settled, time, named: true));
                }
                else
                {
                    NoteLiveness(named, time);
                }

                call.Send(index, named, placed with { Named = true });
                return;
            }

            if (Find(placed) is { } twin)
            {
                call.Send(index, twin.SessionId, placed);
                return;
            }

            Arrival arrival = Arrive(settled, time, named: false);
            DeviceTimeline around = await grain.Around(device, _timeline, time);
            KnownSession? joined = Placement.Decide(around.Own, time, arrival.IdentifiedAs);
            if (await FindTaken(around, joined, placed) is { } taken)
            {
                call.FindTaken(index, taken);
                return;
            }

            Guid sessionId = joined?.SessionId ?? ServerSessionId.Create(grain.Key, time, happened.Id);
            Note(sessionId, joined, arrival);
            Remember(placed, sessionId);
            call.Send(index, sessionId, placed);
        }

        private static DateTimeOffset? ClientTimeOf(SessionEvent happened) =>
            (happened.ClientTimestamp ?? (happened.IsTimeReckoned ? null : happened.Timestamp)) is { } time
                ? WholeMicroseconds.Of(time)
                : null;

        /// <summary>The same event earlier in the call; null when there is none, though another may have its id.</summary>
        private PlacedBefore? Find(in PlacedEvent placed)
        {
            if (!_before.TryGetValue(placed.Event.Id, out PlacedBefore? first))
            {
                return null;
            }

            EventContent content = EventContent.Of(placed.Event, placed.ClientTime);
            return content.IsSameAs(first.Content)
                ? first
                : _before.GetValueOrDefault(content.IdBeside(placed.Event.Id));
        }

        private void Remember(in PlacedEvent placed, Guid sessionId)
        {
            var before = new PlacedBefore(placed, sessionId);
            if (!_before.TryAdd(placed.Event.Id, before) && !before.Content.IsSameAs(_before[placed.Event.Id].Content))
            {
                _before.TryAdd(before.Content.IdBeside(placed.Event.Id), before);
            }
        }

        private Arrival Arrive(SessionEvent happened, DateTimeOffset time, bool named)
        {
            _ = EventFactsReader.TryRead(happened.Properties.Span, out EventFacts facts);
            return new Arrival(
                new EventOrder(time, happened.SenderOrder, happened.Id),
                receivedAt,
                named,
                SessionFold.PersonOf(happened.Name, happened.DistinctId, facts),
                facts.IdleTimeout,
                SessionFold.ClaimOf(happened.DeviceId, happened.IsReplay));
        }

        /// <summary>
        /// Whether a session beside the one that the event would go to has it: the event may have been placed there
        /// before a reset, or before its client's clock was corrected by another amount.
        /// </summary>
        private async Task<Guid?> FindTaken(DeviceTimeline around, KnownSession? joined, PlacedEvent placed)
        {
            foreach (KnownSession session in await WhereItMayBe(around, joined, placed))
            {
                if (session.SessionId != joined?.SessionId && await grain.HasTaken(session.SessionId, placed))
                {
                    return session.SessionId;
                }
            }

            return null;
        }

        private async Task<IEnumerable<KnownSession>> WhereItMayBe(
            DeviceTimeline around, KnownSession? joined, PlacedEvent placed)
        {
            SessionEvent happened = placed.Event;
            DateTimeOffset time = happened.Timestamp!.Value;
            IEnumerable<KnownSession> asked = around.Near(time);
            bool isCorrected = happened.ClientTimestamp is { } clients && IsFar(clients, time);
            if (isCorrected)
            {
                DateTimeOffset byClient = happened.ClientTimestamp!.Value;
                asked = asked.Concat((await grain.Around(device, around, byClient)).Near(byClient));
            }

            // Nearly every event is sent as it happens by a clock that is right, and asks nobody.
            bool isTimely = placed.ClientTime is not null && !IsFar(time, receivedAt);
            return isCorrected || (joined is null && !isTimely)
                ? asked.Concat(around.Sessions.TakeLast(LatestSessionsAsked)).Distinct()
                : asked.Distinct();
        }

        private bool IsFar(DateTimeOffset one, DateTimeOffset other) => (one - other).Duration() > grain._rules.IdleTimeout;

        /// <summary>
        /// When all events of the call name their sessions nothing is placed by what they make of them: it only matters
        /// whether one may be live after it.
        /// </summary>
        private void NoteLiveness(Guid sessionId, DateTimeOffset time)
        {
            if (!MayBeLive)
            {
                KnownSession? known = _timeline.Find(sessionId);
                MayBeLive = known is { IsLive: true }
                    || (known?.EndReason is null or EndReason.Idle
                        && SessionFold.IsTimely(time, receivedAt, known?.IdleTimeout ?? grain._rules.IdleTimeout));
            }
        }

        /// <summary>A session that another device opened takes the event, but none that the server places here.</summary>
        private async Task NoteNamed(Guid sessionId, Arrival arrival)
        {
            KnownSession? known = _timeline.Find(sessionId);
            if (known is null && await grain.Intake(sessionId).GetStanding() is { } standing)
            {
                if (!grain.IsMine(standing) && arrival.Claim <= standing.Claim)
                {
                    return;
                }

                known = standing.ToKnown();
            }

            Note(sessionId, known, arrival);
        }

        private void Note(Guid sessionId, KnownSession? known, Arrival arrival)
        {
            KnownSession after = known?.With(arrival) ?? KnownSession.Opened(sessionId, arrival, grain._rules);
            MayBeLive |= after.IsLive;
            _timeline = _timeline.WithAlso(after);
        }

        /// <summary>An event of the call, and where it went.</summary>
        private sealed class PlacedBefore(PlacedEvent placed, Guid sessionId)
        {
            private EventContent? _content;

            public Guid SessionId { get; } = sessionId;

            public EventContent Content => _content ??= EventContent.Of(placed.Event, placed.ClientTime);
        }
    }

    /// <summary>Whether a session has the event. The id is asked for first: hardly ever is more to be said.</summary>
    private async Task<bool> HasTaken(Guid sessionId, PlacedEvent placed)
    {
        ISessionIntake session = Intake(sessionId);
        if (!await session.HasTaken(Key, placed.Event.Id))
        {
            return false;
        }

        try
        {
            return await session.HasTakenSame(Key, placed);
        }
        catch (TypeLoadException)
        {
            // That is how a silo of an earlier build says that it knows no such question; to it the id says all.
            return true;
        }
    }

    /// <summary>The sessions that an event of that time may belong to.</summary>
    private async Task<DeviceTimeline> Around(OpenDevice device, DeviceTimeline timeline, DateTimeOffset time)
    {
        if (timeline.NeedsOthers(time))
        {
            timeline = await LookUp(timeline, Key, time);
        }

        // Who was identified has the session now; what comes late for the anonymous device still belongs there.
        return device.HandedTo is { } heir
            ? await LookUp(timeline, UserDeviceKey.OfDevice(Key.Project, heir), time)
            : timeline;
    }

    private async Task<DeviceTimeline> LookUp(DeviceTimeline timeline, UserDeviceKey device, DateTimeOffset time)
    {
        var found = new List<KnownSession>();
        foreach (StoredStanding stored in await store.SessionsAround(device, time, _rules.IdleTimeout))
        {
            // Rows may be behind; the few sessions around a late event are asked.
            if (timeline.Find(stored.SessionId) is null
                && await Intake(stored.SessionId).GetStandingSince(stored.State?.Number ?? 0) is { } standing
                && standing.Owner == device.Device)
            {
                found.Add(standing.ToKnown());
            }
        }

        return DeviceTimeline.Of(timeline.Sessions.Concat(found), timeline.OthersUntil);
    }
}
