using CsCheck;
using Sessions.Domain.Devices;
using Sessions.Domain.Events;
using Sessions.Domain.Folding;
using Sessions.Domain.Replay;
using Sessions.Domain.Tests.Folding;

namespace Sessions.Domain.Tests.Placing;

/// <summary>
/// One identified person in two browsers that are recorded: events carry the browser's device id, snapshots only the
/// person's.
/// </summary>
public sealed class RecordedBrowsersLaws
{
    private const string Person = "ann";

    private static readonly Gen<Said[]> OneSessionEach = HistoryOf(sessionsEach: 1);
    private static readonly Gen<Said[]> SomeSessionsEach = HistoryOf(sessionsEach: 3);

    [Fact]
    public void Events_and_snapshots_in_any_order_give_two_sessions_and_neither_ends_the_other() =>
        Gen.Select(OneSessionEach, Gen.Int).Sample(
            (said, seed) => Told(said, seed).All(one =>
                one.Value.Status == SessionStatus.Live && one.Value.Owner == OwnerOf(said, one.Key)),
            iter: Laws.Cases);

    [Fact]
    public void Successive_sessions_have_the_same_owners_and_ends_in_any_order_of_arrival() =>
        Gen.Select(SomeSessionsEach, Gen.Int).Sample(
            (said, seed) => IsSame(Told(said, null), Told(said, seed)), iter: Laws.Cases);

    [Fact]
    public void Snapshots_change_neither_owner_nor_end_of_a_session_that_has_events() =>
        Gen.Select(SomeSessionsEach, Gen.Int).Sample(
            (said, seed) =>
            {
                Dictionary<Guid, SessionState> with = Told(said, seed);
                Dictionary<Guid, SessionState> without = Told([.. said.Where(one => !one.IsReplay)], seed);
                return IsSame(without, with.Where(one => without.ContainsKey(one.Key)).ToDictionary());
            },
            iter: Laws.Cases);

    [Fact]
    public void When_a_device_has_too_many_recorded_sessions_the_longest_silent_ones_end()
    {
        var device = DeviceTimeline.Empty;
        SessionStanding[] recorded = [.. Enumerable.Range(0, DeviceTimeline.MaxProvisional + 2).Select(second =>
        {
            DateTimeOffset at = Happened.At(second);
            var arrival = new Arrival(new EventOrder(at, 0, Guid.NewGuid()), at, Named: true, null, null, Claim.Recorded);
            return SessionStanding.Opened(Guid.NewGuid(), "ann", arrival, new SessionRules());
        })];
        foreach (SessionStanding one in recorded)
        {
            device = device.With(one);
        }

        Assert.Equal(recorded[^1], device.Live);
        Assert.Equal([recorded[1], recorded[0]], device.Replaced);
        Assert.Equal(recorded[0].IdlesAt, device.IdlesAt);
        Assert.Empty(device.Own);
        Assert.Equal(EndReason.Idle, Placement.WhyEnded(device.Sessions, recorded[0], device.Live!));
    }

    /// <summary>The sessions after all has arrived, in the order of the history or in another.</summary>
    private static Dictionary<Guid, SessionState> Told(Said[] said, int? seed)
    {
        Said[] arrives = [.. said];
        if (seed is { } order)
        {
            new Random(order).Shuffle(arrives);
        }

        var sessions = new Dictionary<Guid, SessionState>();
        var devices = new Dictionary<string, DeviceTimeline>();
        foreach (Said one in arrives)
        {
            Take(one, sessions, devices);
        }

        return sessions;
    }

    /// <summary>As the grains do it: the session takes it, and the device learns of the session what is its own.</summary>
    private static void Take(Said said, Dictionary<Guid, SessionState> sessions, Dictionary<string, DeviceTimeline> devices)
    {
        var rules = new SessionRules();
        SessionState? before = sessions.GetValueOrDefault(said.Session);
        JournalEntry entry = said.ToEntry((before?.Number ?? 0) + 1);
        SessionState after = SessionFold.Apply(before, entry, EventFacts.None, rules);
        sessions[said.Session] = after;

        DeviceTimeline device = devices.GetValueOrDefault(entry.Device, DeviceTimeline.Empty);
        device = after.Owner == entry.Device
            ? device.With(SessionStanding.Of(said.Session, after, rules))
            : device.Without(said.Session);
        foreach (SessionStanding replaced in device.Replaced.ToArray())
        {
            SessionState state = sessions[replaced.SessionId];
            if (state.Owner != entry.Device)
            {
                device = device.Without(replaced.SessionId);
                continue;
            }

            SessionStanding live = device.Live!;
            EndReason reason = Placement.WhyEnded(device.Sessions, replaced, live);
            state = SessionFold.Apply(
                state, JournalEntry.OfEnd(state.Number + 1, reason, live.Start, live.Start), EventFacts.None, rules);
            sessions[replaced.SessionId] = state;
            device = device.With(SessionStanding.Of(replaced.SessionId, state, rules));
        }

        devices[entry.Device] = device;
    }

    private static bool IsSame(Dictionary<Guid, SessionState> some, Dictionary<Guid, SessionState> others) =>
        some.Count == others.Count && some.All(one => others.TryGetValue(one.Key, out SessionState? other)
            && (one.Value.Owner, one.Value.Status, one.Value.EndReason, one.Value.EventCount)
                == (other.Owner, other.Status, other.EndReason, other.EventCount));

    private static string OwnerOf(Said[] said, Guid session) =>
        said.FirstOrDefault(one => one.Session == session && !one.IsReplay)?.Browser ?? Person;

    /// <summary>A browser's sessions follow each other; what belongs to one is said and recorded at any time of it.</summary>
    private static Gen<Said[]> HistoryOf(int sessionsEach) =>
        (from browser in Gen.Int[0, 1]
         from session in Gen.Int[0, sessionsEach - 1]
         from second in Gen.Int[0, 50]
         from isReplay in Gen.Bool
         from id in Gen.Guid
         select new Said(
             $"browser {browser}",
             new Guid(1, (short)browser, (short)session, 0, 0, 0, 0, 0, 0, 0, 1),
             Happened.At((session * 60) + second),
             isReplay,
             id)).Array[1, 14];

    /// <summary>An event of a browser, or a snapshot of what was done in it.</summary>
    private sealed record Said(string Browser, Guid Session, DateTimeOffset Time, bool IsReplay, Guid Id)
    {
        public JournalEntry ToEntry(int number)
        {
            string? deviceId = IsReplay ? null : Browser;
            return new JournalEntry(
                number,
                IsReplay ? EntryKind.Replay : EntryKind.NamedEvent,
                Id,
                Time,
                Happened.At(300),
                IsReplay ? "$snapshot" : "$pageview",
                UserDeviceKey.DeviceOf(Person, deviceId),
                Person,
                deviceId,
                null,
                IsReplay ? Summary(Id, Time).Write() : default(ReadOnlyMemory<byte>));
        }

        private static ReplaySummary Summary(Guid block, DateTimeOffset time) => new()
        {
            Block = block,
            Born = DateOnly.FromDateTime(time.UtcDateTime),
            StartMs = time.ToUnixTimeMilliseconds(),
            EndMs = time.ToUnixTimeMilliseconds(),
            Events = 1,
            Bytes = 1,
        };
    }
}
