using Sessions.Domain.Events;
using Sessions.Domain.Folding;

namespace Sessions.Domain.Devices;

/// <summary>
/// Finds the session of each event of a call, one event after the other. Each event is placed as if the events before
/// it were already in their sessions.
/// </summary>
/// <param name="device">The device.</param>
/// <param name="call">The call.</param>
/// <param name="receivedAt">When the device received it.</param>
internal sealed class Placing(Device device, TrackCall call, DateTimeOffset receivedAt)
{
    // An event that is sent late or with a corrected clock may have been placed in one of the latest sessions by an
    // earlier attempt.
    private const int LatestSessionsAsked = 3;

    private static readonly List<Guid> None = [];

    // A duplicate within a call goes to the session of the first one, because the events in between may have changed
    // where its time belongs.
    private Dictionary<Guid, PlacedBefore>? _before;
    private DeviceTimeline _timeline = device.Timeline;

    // The timeline with the sessions that were read for one event.
    private DeviceTimeline _around = device.Timeline;

    /// <summary>Whether a session may be live after the call.</summary>
    public bool MayBeLive { get; private set; }

    /// <summary>
    /// Places an event in a call whose events all name their sessions. Only one thing must be found out: whether a
    /// session may be live after the call. Nearly always the event's time is enough, and the properties need not be
    /// read.
    /// </summary>
    /// <returns>False when the time is not enough: then the caller must use <see cref="Place"/>.</returns>
    public bool TryPlaceNamed(int index, in PlacedEvent placed)
    {
        _ = ClientSessionId.TryParse(placed.Event.SessionId, out Guid named);
        if (!MayBeLive && SessionFold.IsTimely(TimeOf(placed), receivedAt, SessionRules.MaxIdleTimeout))
        {
            SessionStanding? known = _timeline.Find(named);
            MayBeLive = known is { IsLive: true }
                || (known?.EndReason is null or EndReason.Idle
                    && SessionFold.IsTimely(TimeOf(placed), receivedAt, known?.IdleTimeout ?? device.Rules.IdleTimeout));
            if (!MayBeLive && known?.EndReason is null or EndReason.Idle)
            {
                // The client may have a longer idle timeout, which this event or an earlier one names.
                return false;
            }
        }

        call.Send(index, named, placed with { Named = true }, device);
        return true;
    }

    /// <summary>Places an event. Yields the steps that must be performed first; nearly always there are none.</summary>
    public IEnumerable<DeviceStep> Place(int index, PlacedEvent placed)
    {
        if (ClientSessionId.TryParse(placed.Event.SessionId, out Guid named))
        {
            Arrival naming = ArrivalOf(placed, named: true);
            SessionStanding? known = _timeline.Find(named);
            if (known is null)
            {
                var asked = new ReadStandings([new StandingRequest(named, 0)]);
                yield return asked;
                known = asked.Answer[0];
            }

            // A session of another device takes the event, but this device places no other events in it.
            if (known is null || known.Owner == device.Key.Device || naming.Claim > known.Claim)
            {
                Note(named, known, naming);
            }

            Remember(placed, named);
            call.Send(index, named, placed with { Named = true }, device);
            yield break;
        }

        if (FindBefore(placed) is { } first)
        {
            call.Send(index, first.SessionId, placed, device);
            yield break;
        }

        DateTimeOffset time = TimeOf(placed);
        foreach (DeviceStep step in LookAround(_timeline, time))
        {
            yield return step;
        }

        DeviceTimeline around = _around;
        Arrival arrival = ArrivalOf(placed, named: false);
        SessionStanding? joined = Placement.Decide(around.Own, time, arrival.IdentifiedAs);
        // The client's clock was corrected. An earlier attempt may have placed the event with another correction.
        DateTimeOffset? byClient = placed.Event.ClientTimestamp is { } clients && IsFar(clients, time) ? clients : null;
        foreach (DeviceStep step in byClient is { } other ? LookAround(around, other) : [])
        {
            yield return step;
        }

        foreach (Guid elsewhere in WhereItMayBe(around, joined, placed, byClient))
        {
            var taken = new CheckTaken(elsewhere, placed);
            yield return taken;
            if (taken.Answer)
            {
                call.IsTaken(index, elsewhere);
                yield break;
            }
        }

        Guid sessionId = joined?.SessionId ?? ServerSessionId.Create(device.Key, time, placed.Event.Id);
        Note(sessionId, joined, arrival);
        Remember(placed, sessionId);
        call.Send(index, sessionId, placed, device);
    }

    private static DateTimeOffset TimeOf(in PlacedEvent placed) => placed.Event.Timestamp!.Value;

    private bool IsFar(DateTimeOffset one, DateTimeOffset other) => (one - other).Duration() > device.Rules.IdleTimeout;

    /// <summary>Finds the sessions that an event of that time may belong to: nearly always those in memory.</summary>
    private IEnumerable<DeviceStep> LookAround(DeviceTimeline timeline, DateTimeOffset time)
    {
        _around = timeline;
        return timeline.NeedsOthers(time) || device.HandedTo is not null ? LookUp(time) : [];
    }

    private IEnumerable<DeviceStep> LookUp(DateTimeOffset time)
    {
        var owners = new List<UserDeviceKey>(2);
        if (_around.NeedsOthers(time))
        {
            owners.Add(device.Key);
        }

        if (device.HandedTo is { } heir)
        {
            // The identified person's device owns the session now. A late event of the anonymous device still belongs
            // to it.
            owners.Add(UserDeviceKey.OfDevice(device.Key.Project, heir));
        }

        foreach (UserDeviceKey owner in owners)
        {
            var read = new ReadSessions(owner, time, device.Rules.IdleTimeout);
            yield return read;
            // Rows may be behind their sessions, so the few sessions around a late event are called.
            var asked = new ReadStandings(
                [.. read.Answer.Where(row => _around.Find(row.SessionId) is null)
                    .Select(row => new StandingRequest(row.SessionId, row.State?.Number ?? 0))]);
            yield return asked;
            _around = DeviceTimeline.Of(
                _around.Sessions.Concat(asked.Answer.OfType<SessionStanding>().Where(found => found.Owner == owner.Device)),
                _around.OthersUntil);
        }
    }

    /// <summary>
    /// The other sessions that may already have the event: an earlier attempt may have placed it there before a reset,
    /// or with another correction of the client's clock.
    /// </summary>
    private List<Guid> WhereItMayBe(
        DeviceTimeline around, SessionStanding? joined, in PlacedEvent placed, DateTimeOffset? byClient)
    {
        List<Guid>? sessions = null;
        AddNear(around, TimeOf(placed));
        if (byClient is { } time)
        {
            AddNear(_around, time);
        }

        // Nearly every event is sent at once and with a correct clock. Such an event can't be in another session.
        bool isTimely = placed.ClientTime is not null && !IsFar(TimeOf(placed), receivedAt);
        if (byClient is not null || (joined is null && !isTimely))
        {
            for (int i = Math.Max(0, around.Sessions.Length - LatestSessionsAsked); i < around.Sessions.Length; i++)
            {
                Add(around.Sessions[i]);
            }
        }

        return sessions ?? None;

        void AddNear(DeviceTimeline timeline, DateTimeOffset time)
        {
            foreach (SessionStanding session in timeline.Sessions)
            {
                if (session.IsNear(time))
                {
                    Add(session);
                }
            }
        }

        void Add(SessionStanding session)
        {
            if (session.SessionId != joined?.SessionId && sessions?.Contains(session.SessionId) != true)
            {
                (sessions ??= []).Add(session.SessionId);
            }
        }
    }

    private Arrival ArrivalOf(in PlacedEvent placed, bool named)
    {
        SessionEvent sent = placed.Event;
        _ = EventFactsReader.TryRead(sent.Properties.Span, out EventFacts facts);
        return Arrival.Of(
            new EventOrder(TimeOf(placed), sent.SenderOrder, sent.Id),
            receivedAt,
            named,
            sent.IsReplay,
            sent.Name,
            sent.DistinctId,
            sent.DeviceId,
            facts);
    }

    private void Note(Guid sessionId, SessionStanding? known, Arrival arrival)
    {
        SessionStanding after = known?.With(device.Key.Device, arrival)
            ?? SessionStanding.Opened(sessionId, device.Key.Device, arrival, device.Rules);
        MayBeLive |= after.IsLive;
        _timeline = _timeline.WithAlso(after);
    }

    /// <summary>
    /// The same event earlier in the call; null when there is none. A different event with the same id does not count.
    /// </summary>
    private PlacedBefore? FindBefore(in PlacedEvent placed)
    {
        if (_before is null || !_before.TryGetValue(placed.Event.Id, out PlacedBefore? first))
        {
            return null;
        }

        EventContent content = EventContent.Of(placed.Event, placed.ClientTime);
        return content.IsSameAs(first.Content) ? first : _before.GetValueOrDefault(content.IdBeside(placed.Event.Id));
    }

    private void Remember(in PlacedEvent placed, Guid sessionId)
    {
        if (call.Count == 1)
        {
            return;
        }

        _before ??= new Dictionary<Guid, PlacedBefore>(call.Count);
        var before = new PlacedBefore(placed, sessionId);
        if (!_before.TryAdd(placed.Event.Id, before) && !before.Content.IsSameAs(_before[placed.Event.Id].Content))
        {
            _before.TryAdd(before.Content.IdBeside(placed.Event.Id), before);
        }
    }

    /// <summary>An event of the call, and its session.</summary>
    private sealed class PlacedBefore(PlacedEvent placed, Guid sessionId)
    {
        private EventContent? _content;

        public Guid SessionId { get; } = sessionId;

        public EventContent Content => _content ??= EventContent.Of(placed.Event, placed.ClientTime);
    }
}
