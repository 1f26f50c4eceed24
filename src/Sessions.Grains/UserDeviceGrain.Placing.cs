using Sessions.Domain;
using Sessions.Domain.Time;

namespace Sessions.Grains;

internal sealed partial class UserDeviceGrain
{
    // Where an event without any time of its own may have gone when it was sent before.
    private const int LatestSessionsAsked = 3;

    /// <summary>Finds each event's session, one after the other: an event sees the sessions as the ones before it left them.</summary>
    private sealed class Placing(UserDeviceGrain grain, OpenDevice device, DateTimeOffset receivedAt)
    {
        private DeviceTimeline _timeline = device.Timeline;

        /// <summary>Whether a session may be live after the call.</summary>
        public bool MayBeLive { get; private set; }

        public async Task Place(TrackCall call, int index)
        {
            SessionEvent happened = call[index];
            DateTimeOffset time = WholeMicroseconds.Of(happened.Timestamp ?? receivedAt);
            SessionEvent settled = happened.Timestamp == time ? happened : happened with { Timestamp = time };
            if (ClientSessionId.TryParse(happened.SessionId, out Guid named))
            {
                Note(named, _timeline.Find(named), clientMade: true, time, null);
                call.Send(index, named, settled, named: true);
                return;
            }

            _ = EventFactsReader.TryRead(happened.Properties.Span, out EventFacts facts);
            string? identifiedAs = facts.IsIdentified || happened.Name == EventNames.Identify ? happened.DistinctId : null;
            DeviceTimeline around = await grain.Around(device, _timeline, time);
            KnownSession? joined = Placement.Decide(around.Sessions, time, identifiedAs, grain._rules);
            if (await FindTaken(around, joined, happened, time) is { } taken)
            {
                call.FindTaken(index, taken);
                return;
            }

            Guid sessionId = joined?.SessionId ?? ServerSessionId.Create(grain.Key, time, happened.Id);
            Note(sessionId, joined, clientMade: false, time, identifiedAs);
            call.Send(index, sessionId, settled, named: false);
        }

        /// <summary>
        /// Whether a session beside the one that the event would go to has it: the event may have been placed there
        /// before a reset, or before its skew was seen another way.
        /// </summary>
        private async Task<Guid?> FindTaken(
            DeviceTimeline around, KnownSession? joined, SessionEvent happened, DateTimeOffset time)
        {
            IEnumerable<KnownSession> asked = around.Near(time);
            if (happened.Timestamp is null && joined is null)
            {
                asked = asked.Concat(around.Sessions.TakeLast(LatestSessionsAsked)).Distinct();
            }

            foreach (KnownSession session in asked)
            {
                if (session.SessionId != joined?.SessionId
                    && await grain.Intake(session.SessionId).HasTaken(grain.Key, happened.Id))
                {
                    return session.SessionId;
                }
            }

            return null;
        }

        private void Note(Guid sessionId, KnownSession? known, bool clientMade, DateTimeOffset time, string? identifiedAs)
        {
            TimeSpan idleTimeout = known?.IdleTimeout ?? grain._rules.IdleTimeout;
            bool timely = SessionFold.IsTimely(time, receivedAt, idleTimeout);
            MayBeLive |= timely;
            _timeline = _timeline.With(known?.With(time, identifiedAs) ?? new KnownSession(
                sessionId,
                clientMade,
                time,
                time,
                timely ? SessionStatus.Live : SessionStatus.Ended,
                timely ? null : EndReason.Idle,
                null,
                identifiedAs,
                idleTimeout,
                receivedAt));
        }
    }

    /// <summary>The sessions that an event of that time may belong to.</summary>
    private async Task<DeviceTimeline> Around(OpenDevice device, DeviceTimeline timeline, DateTimeOffset time)
    {
        if (timeline.NeedsOlder(time))
        {
            timeline = await LookUp(timeline, Key, time);
        }

        // Who was identified has the session now; what comes late for the anonymous device still belongs there.
        return device.HandedTo is { } heir
            ? await LookUp(timeline, UserDeviceKey.Create(Key.Project, heir), time)
            : timeline;
    }

    private async Task<DeviceTimeline> LookUp(DeviceTimeline timeline, UserDeviceKey device, DateTimeOffset time)
    {
        foreach (StoredStanding stored in await store.SessionsAround(device, time))
        {
            // Rows may be behind; the few sessions around a late event are asked.
            if (timeline.Find(stored.SessionId) is null
                && await Intake(stored.SessionId).GetStanding() is { } standing
                && standing.Owner == device.Device)
            {
                timeline = DeviceTimeline.Of(timeline.Sessions.Add(standing.ToKnown()), timeline.IsComplete);
            }
        }

        return timeline;
    }
}
