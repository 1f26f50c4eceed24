using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sessions.Domain;
using Sessions.Domain.Folding;
using Sessions.Silo;
using Sessions.Silo.Devices;
using Sessions.Silo.PersonData;
using Sessions.Silo.Sessions;
using Sessions.Tests.Simulation.Store;

namespace Sessions.Tests.Silo.Activations;

/// <summary>
/// A standby that lacks the last commits has become the primary. What only memory knows is in no answer, in no row, and in no
/// later write.
/// </summary>
public sealed class LaggingStandbyTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly SessionRules Rules = new();
    private static readonly SessionKey Key = SessionKey.Create("shop", new Guid(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
    private static readonly UserDeviceKey Phone = UserDeviceKey.Create("shop", "ann", "phone");

    private readonly FakeTimeProvider _clock = new(Noon);
    private readonly MemoryTables _tables;
    private readonly MemoryStore _store;
    private readonly SessionActivation _session;

    public LaggingStandbyTests()
    {
        _tables = new MemoryTables(_clock);
        var link = new DirectLink();
        _store = new MemoryStore(_tables, link);
        _session = new SessionActivation(
            Key, new LoneHost(Rules), new SessionPorts(new MemoryJournal(_tables, link), _store, Nobody.Forgotten, _clock));
    }

    [Fact]
    public async Task An_event_that_the_new_primary_lacks_is_not_answered_and_counts_when_it_is_sent_again()
    {
        DeviceEpoch phone = Opened();
        await _session.Append(Request(phone, Event("looked")));
        Action promote = _tables.LaggingStandby();
        SessionEvent lost = Event("bought");
        await _session.Append(Request(phone, lost));
        Assert.Equal(2, (await _session.Get())!.EventCount);

        promote();

        Assert.Equal(1, (await _session.Get())!.EventCount);
        AppendResult again = await _session.Append(Request(Opened(), lost));
        Assert.Equal(EventOutcome.New, Assert.Single(again.Receipts).Outcome);
        Assert.Equal(2, (await _session.Get())!.EventCount);
        Assert.Equal([1, 2], _tables.Entries.Select(entry => entry.Entry.Number));
    }

    [Fact]
    public async Task A_session_that_the_new_primary_lacks_is_gone()
    {
        Action promote = _tables.LaggingStandby();
        await _session.Append(Request(Opened(), Event("looked")));

        promote();

        Assert.Null(await _session.Get());
        Assert.Null(await _session.GetStandingSince(0));
    }

    [Fact]
    public async Task A_device_whose_epoch_is_lower_on_the_new_primary_goes_on()
    {
        await _session.Append(Request(Opened(), Event("looked")));
        Action promote = _tables.LaggingStandby();
        Opened();
        Opened();
        await _session.Append(Request(Opened(), Event("bought")));

        promote();
        AppendResult result = await _session.Append(Request(Opened(), Event("paid")));

        Assert.False(result.IsStale);
        Assert.Equal(2, (await _session.Get())!.EventCount);
    }

    [Fact]
    public async Task A_device_does_not_answer_with_a_live_session_that_the_new_primary_lacks()
    {
        Action promote = _tables.LaggingStandby();
        var device = new DeviceActivation(
            Phone,
            new LoneDeviceHost(_session, Rules),
            _store,
            Nobody.Forgotten,
            maxEvents: 100,
            _clock,
            new GrainMetrics(new TestMeters()),
            NullLogger.Instance);
        await device.Track([Event("looked")]);
        Assert.NotNull(await device.GetLiveSession());

        promote();

        Assert.Null(await device.GetLiveSession());
    }

    private DeviceEpoch Opened() => new(Phone, _tables.Open(Phone, reminderDue: null).Epoch);

    private AppendRequest Request(DeviceEpoch caller, SessionEvent sent) =>
        new(caller, _clock.GetUtcNow(), [new PlacedEvent(sent, Named: true, sent.Timestamp)]);

    private SessionEvent Event(string name) => new()
    {
        Id = Guid.CreateVersion7(),
        Name = name,
        DistinctId = "ann",
        DeviceId = "phone",
        SessionId = Key.SessionId.ToString(),
        Timestamp = _clock.GetUtcNow(),
    };

    /// <summary>A device's place, with one session.</summary>
    private sealed class LoneDeviceHost(SessionActivation session, SessionRules rules) : IDeviceHost, ISessionWriter
    {
        public ValueTask IsMember() => ValueTask.CompletedTask;

        public ValueTask<SessionRules> Rules() => ValueTask.FromResult(rules);

        public ISessionWriter Session(Guid sessionId) => this;

        public Task<Session?> Read(Guid sessionId) => session.Get();

        public IDeviceHeir Device(UserDeviceKey device) => throw new NotSupportedException("There is one device.");

        public void SetTimer(TimeSpan due)
        {
        }

        public void Deactivate()
        {
        }

        public Task<AppendResult> Append(DeviceEpoch caller, DateTimeOffset receivedAt, IReadOnlyList<PlacedEvent> events) =>
            session.Append(new AppendRequest(caller, receivedAt, events));

        public Task<AppendResult> AppendExpected(DeviceEpoch caller, DateTimeOffset receivedAt, IReadOnlyList<PlacedEvent> events) =>
            session.Append(new AppendRequest(caller, receivedAt, events, isExpected: true));

        public Task<EndResult> End(DeviceEpoch caller, EndReason reason, DateTimeOffset? closedAt) => session.End(caller, reason, closedAt);

        public Task<SessionStanding?> GetStanding() => session.GetStandingSince(0);

        public Task<bool> SetReplayClicks(byte[] found) => throw new NotSupportedException("Nothing is recorded.");

        public Task<SessionStanding?> GetStandingSince(int number) => session.GetStandingSince(number);

        public Task<bool> HasTaken(UserDeviceKey device, Guid eventId) => session.HasTaken(device, eventId);

        public Task<bool> HasTakenSame(UserDeviceKey device, PlacedEvent sent) => session.HasTakenSame(device, sent);

        public Task Forget(PersonDeletion deletion) => throw new NotSupportedException("Nobody is deleted.");
    }
}
