using Sessions.Domain.Folding;
using Sessions.Silo.Checkpoints;
using Sessions.Silo.Sessions;
using Sessions.Tests.Simulation.Store;

namespace Sessions.Tests.Silo.Activations;

/// <summary>
/// A session has two activations, and one of them does not know what the other has written since. What it answers to a device
/// comes from the journal where the device would give up a session, or store an event elsewhere, by a wrong answer.
/// </summary>
public sealed class OldMemoryTests : ShopSession
{
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

    /// <summary>
    /// Found by a soak of the simulation, with seed 57286: the device took the old times for the session's, and placed an event
    /// of 29 minutes later in a session of its own.
    /// </summary>
    [Fact]
    public async Task An_event_that_is_sent_again_is_answered_with_the_times_of_the_events_that_another_activation_took()
    {
        SessionActivation old = Activation(), other = Activation();
        DeviceEpoch phone = Opened(Phone);
        SessionEvent first = Event("bought", "ann", "phone");
        await old.Append(Request(phone, first));
        _clock.Advance(Rules.IdleTimeout / 2);
        await other.Append(Request(phone, Event("bought more", "ann", "phone")));

        AppendResult again = await old.Append(Request(phone, first));

        Assert.Equal(EventOutcome.Duplicate, Assert.Single(again.Receipts).Outcome);
        Assert.Equal(_clock.GetUtcNow(), again.Standing!.End);
    }

    [Fact]
    public async Task A_session_that_a_dead_silo_left_behind_writes_its_row_though_the_activation_that_is_woken_knows_less()
    {
        var store = new MemoryStore(_tables, new DirectLink());
        SessionActivation old = Activation(store: store), other = Activation();
        DeviceEpoch phone = Opened(Phone);
        await old.Append(Request(phone, Event("bought", "ann", "phone")));
        await other.Append(Request(phone, Event("bought more", "ann", "phone")));
        OutdatedRow behind = Assert.Single(_tables.Behind);

        await old.GetStandingSince(behind.Number);
        await store.Flush();

        Assert.Empty(_tables.Behind);
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

    private SessionActivation Activation(IStoreLink? link = null, MemoryStore? store = null)
    {
        link ??= new DirectLink();
        return new SessionActivation(
            Key,
            new LoneHost(Rules),
            new SessionPorts(
                new MemoryJournal(_tables, link), store ?? new MemoryStore(_tables, link), Nobody.Forgotten, _clock, new SessionOpenings()));
    }

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
