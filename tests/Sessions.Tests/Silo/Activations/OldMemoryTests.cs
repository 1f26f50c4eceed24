using Microsoft.Extensions.Time.Testing;
using Sessions.Domain;
using Sessions.Domain.Folding;
using Sessions.Silo.Sessions;
using Sessions.Tests.Simulation.Store;

namespace Sessions.Tests.Silo.Activations;

/// <summary>
/// A session has two activations, and one of them does not know what the other has written since. What it answers to a device
/// comes from the journal where the device would give up a session, or store an event elsewhere, by a wrong answer.
/// </summary>
public sealed class OldMemoryTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly SessionRules Rules = new();
    private static readonly SessionKey Key = SessionKey.Create("shop", new Guid(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
    private static readonly UserDeviceKey Phone = UserDeviceKey.Create("shop", "ann", "phone");
    private static readonly UserDeviceKey Backend = UserDeviceKey.Create("shop", "ann-backend");

    private readonly FakeTimeProvider _clock = new(Noon);
    private readonly MemoryTables _tables;

    public OldMemoryTests() => _tables = new MemoryTables(_clock);

    private SessionStatus StatusOfRow => _tables.Rows.Single().State.Status;

    [Fact]
    public async Task The_owner_ends_its_session_though_the_activation_that_it_asks_knows_another_owner()
    {
        SessionActivation old = Activation(), other = Activation();
        DeviceEpoch backend = Opened(Backend), phone = Opened(Phone);
        await old.Append(Request(backend, Event("paid", "ann-backend", null)));
        await other.Append(Request(phone, Event("bought", "ann", "phone")));
        _clock.Advance(Rules.IdleTimeout);

        EndResult ended = await old.End(phone, EndReason.Idle, closedAt: null);

        Assert.Equal((EndVerdict.Ended, SessionStatus.Ended), (ended.Verdict, StatusOfRow));
    }

    [Fact]
    public async Task A_session_that_goes_on_elsewhere_ends_though_the_activation_that_is_asked_has_ended_it_before()
    {
        SessionActivation old = Activation(), other = Activation();
        DeviceEpoch phone = Opened(Phone);
        await old.Append(Request(phone, Event("bought", "ann", "phone")));
        _clock.Advance(Rules.IdleTimeout);
        await old.End(phone, EndReason.Idle, closedAt: null);
        await other.Append(Request(phone, Event("bought more", "ann", "phone")));
        Assert.Equal(SessionStatus.Live, StatusOfRow);
        _clock.Advance(Rules.IdleTimeout);

        EndResult ended = await old.End(phone, EndReason.Idle, closedAt: null);

        Assert.Equal((EndVerdict.Ended, SessionStatus.Ended), (ended.Verdict, StatusOfRow));
    }

    [Fact]
    public async Task An_event_that_another_activation_took_is_found()
    {
        SessionActivation old = Activation(), other = Activation();
        DeviceEpoch phone = Opened(Phone);
        SessionEvent taken = Event("bought more", "ann", "phone");
        await old.Append(Request(phone, Event("bought", "ann", "phone")));
        await other.Append(Request(phone, taken));

        Assert.True(await old.HasTaken(Phone, taken.Id));
        Assert.False(await old.HasTaken(Phone, Guid.CreateVersion7()));
    }

    [Fact]
    public void A_standing_waits_until_it_is_known_whether_the_session_is_handed_over() => Turns.Run(turns =>
    {
        var link = new HeldLink();
        SessionActivation session = Activation(link);
        UserDeviceKey anonymous = UserDeviceKey.Create("shop", "anon");
        DeviceEpoch caller = Opened(anonymous);
        Task<AppendResult> looked = session.Append(Request(caller, Event("looked", "anon", null)));
        link.LetGo();
        turns.RunAll();
        link.LetGo();
        turns.RunAll();
        Assert.True(looked.IsCompletedSuccessfully);

        Task<AppendResult> identified = session.Append(Request(caller, Event("$identify", "ann", null)));
        Task<SessionStanding?> standing = session.GetStandingSince(1);
        turns.RunAll();
        Assert.False(standing.IsCompleted);
        link.LetGo();
        turns.RunAll();

        Assert.True(identified.IsCompletedSuccessfully);
        Assert.Equal("ann", standing.Result!.Owner);
    });

    private SessionActivation Activation(IStoreLink? link = null)
    {
        link ??= new DirectLink();
        return new SessionActivation(
            Key,
            new LoneHost(Rules),
            new SessionPorts(new MemoryJournal(_tables, link), new MemoryStore(_tables, link), Nobody.Forgotten, _clock));
    }

    private DeviceEpoch Opened(UserDeviceKey device) => new(device, _tables.Open(device, reminderDue: null).Epoch);

    private AppendRequest Request(DeviceEpoch caller, SessionEvent sent) =>
        new(caller, _clock.GetUtcNow(), [new PlacedEvent(sent, Named: true, sent.Timestamp)]);

    private SessionEvent Event(string name, string distinctId, string? deviceId) => new()
    {
        Id = Guid.CreateVersion7(),
        Name = name,
        DistinctId = distinctId,
        DeviceId = deviceId,
        SessionId = Key.SessionId.ToString(),
        Timestamp = _clock.GetUtcNow(),
    };

    /// <summary>Statements wait until the test lets them go.</summary>
    private sealed class HeldLink : IStoreLink
    {
        private readonly Queue<Action> _held = [];

        public void Send(string what, Action execute, Action<Reached> done) => _held.Enqueue(() =>
        {
            execute();
            done(Reached.Answered);
        });

        public void LetGo() => _held.Dequeue()();
    }
}
