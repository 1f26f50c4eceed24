using Sessions.Domain.Folding;
using Sessions.Silo.Devices;
using Sessions.Silo.Sessions;
using Sessions.Tests.Simulation.Store;

namespace Sessions.Tests.Silo.Activations;

/// <summary>A device that begins a session tells it what it knows, so that a session's beginning needs one transaction.</summary>
public sealed class BeginningTests : ShopSession
{
    private readonly SessionOpenings _openings = new();
    private readonly TracedLink _link = new();

    [Fact]
    public async Task A_new_session_of_an_unknown_device_is_one_commit_and_no_read()
    {
        SessionOpening opening = Expected(Unknown(reminderDue: Noon), isNew: true);

        AppendResult result = await Activation().Append(Request(opening.Caller, Event("looked")));

        Assert.Equal(["commit"], _link.Statements);
        Assert.Equal((false, EventOutcome.New, true), (result.IsStale, result.Receipts.Single().Outcome, opening.Device!.IsDurable));
        Assert.Equal((opening.Caller.Epoch, 0), (_tables.EpochOf(Phone), _tables.ReminderOf(Phone)));
    }

    [Fact]
    public async Task A_session_that_its_device_takes_for_new_by_mistake_keeps_what_it_has_and_takes_the_event()
    {
        SessionEvent first = Event("looked");
        var caller = new DeviceEpoch(Phone, _tables.Open(Phone, null).Epoch);
        await Activation().Append(Request(caller, first));
        Expected(null, isNew: true, caller);

        SessionActivation again = Activation();
        AppendResult result = await again.Append(Request(caller, first, Event("bought")));

        Assert.Equal([EventOutcome.Duplicate, EventOutcome.New], result.Receipts.Select(receipt => receipt.Outcome));
        Assert.Equal(2, (await again.Get())!.EventCount);
    }

    [Fact]
    public async Task A_device_that_another_activation_has_begun_is_told_that_its_knowledge_is_old()
    {
        SessionOpening opening = Expected(Unknown(reminderDue: Noon), isNew: true);
        _tables.Open(Phone, null);

        AppendResult result = await Activation().Append(Request(opening.Caller, Event("looked")));

        Assert.Equal((true, false), (result.IsStale, opening.Device!.IsDurable));
        Assert.Empty(_tables.Rows);
    }

    [Fact]
    public async Task A_beginning_whose_connection_breaks_after_the_commit_is_found_with_its_device_and_its_event_is_new()
    {
        SessionOpening opening = Expected(Unknown(reminderDue: Noon), isNew: true);
        _link.Breaks = true;

        AppendResult result = await Activation().Append(Request(opening.Caller, Event("looked")));

        Assert.Equal((false, EventOutcome.New, true), (result.IsStale, result.Receipts.Single().Outcome, opening.Device!.IsDurable));
        Assert.Equal((opening.Caller.Epoch, 1), (_tables.EpochOf(Phone), _tables.Entries.Count()));
    }

    [Fact]
    public async Task What_a_device_knows_is_for_its_own_call_only()
    {
        SessionOpening opening = Expected(Unknown(reminderDue: Noon), isNew: true);
        var other = new DeviceEpoch(Phone, _tables.Open(Phone, null).Epoch + 1);

        await Activation().Append(Request(other, Event("looked")));

        Assert.Equal("load", _link.Statements[0]);
        Assert.Same(opening, _openings.Take(Key, opening.Caller));
    }

    /// <summary>
    /// The session was begun by a backend, on another silo than the client's device. If the client's silo died right after the
    /// commit, no device would end the session: the backend's has lost it, and the client's has no reminder.
    /// </summary>
    [Fact]
    public async Task A_client_on_another_silo_gets_a_backends_session_only_when_its_device_and_reminder_are_written()
    {
        SessionActivation session = await BackendsSession();
        var unknown = new DeviceEpoch(Phone, _tables.Open(Phone, Noon, leaveUnknown: true).Epoch);

        AppendResult refused = await session.Append(Request(unknown, Event("looked")));

        Assert.Equal((true, Backend.Device), (refused.IsStale, _tables.Rows.Single().State.Owner));

        TrackReceipt receipt = await LoneDevice.Of(Phone, session, Store(), Rules, _clock).Track([Event("looked")]);

        Assert.Equal(EventOutcome.New, Assert.Single(receipt.Events).Outcome);
        Assert.Equal((Phone.Device, 0), (_tables.Rows.Single().State.Owner, _tables.ReminderOf(Phone)));
    }

    [Fact]
    public async Task An_older_activation_of_a_client_does_not_get_a_backends_session()
    {
        SessionActivation session = await BackendsSession();
        var older = new DeviceEpoch(Phone, _tables.Open(Phone, null).Epoch);
        _tables.Open(Phone, null);

        AppendResult refused = await session.Append(Request(older, Event("looked")));

        Assert.Equal((true, Backend.Device), (refused.IsStale, _tables.Rows.Single().State.Owner));
    }

    [Fact]
    public async Task The_first_event_of_a_backend_in_a_clients_session_on_another_silo_is_new_and_its_second_writes_the_device()
    {
        SessionActivation session = Activation();
        await session.Append(Request(new DeviceEpoch(Phone, _tables.Open(Phone, null).Epoch), Event("looked")));
        DeviceActivation device = LoneDevice.Of(Backend, session, Store(), Rules, _clock);

        TrackReceipt first = await device.Track([BackendsEvent()]);
        long epoch = _tables.EpochOf(Backend);
        TrackReceipt second = await device.Track([BackendsEvent()]);

        Assert.Equal((EventOutcome.New, EventOutcome.New), (Assert.Single(first.Events).Outcome, Assert.Single(second.Events).Outcome));
        Assert.Equal((0, true), (epoch, _tables.EpochOf(Backend) > 0));
        Assert.Equal((Phone.Device, 3), (_tables.Rows.Single().State.Owner, (await session.Get())!.EventCount));
    }

    [Fact]
    public void A_question_waits_until_it_is_known_whether_the_session_is_new() => Turns.Run(turns =>
    {
        _link.IsHeld = true;
        SessionOpening opening = Expected(Unknown(reminderDue: Noon), isNew: true);
        SessionActivation session = Activation();
        Task<AppendResult> looked = session.Append(Request(opening.Caller, Event("looked")));
        Task<SessionStanding?> standing = session.GetStandingSince(0);
        turns.RunAll();
        Assert.False(standing.IsCompleted);

        _link.LetGo();
        turns.RunAll();

        Assert.True(looked.IsCompletedSuccessfully);
        Assert.Equal("phone", standing.Result!.Owner);
    });

    [Fact]
    public async Task The_end_of_a_session_whose_row_a_checkpoint_has_brought_up_to_date_writes_only_the_end()
    {
        var journal = new RecordingJournal(new MemoryJournal(_tables, _link));
        var store = new MemoryStore(_tables, _link);
        var session = new SessionActivation(Key, new LoneHost(Rules), new SessionPorts(journal, store, Nobody.Forgotten, _clock, _openings));
        var caller = new DeviceEpoch(Phone, _tables.Open(Phone, null).Epoch);
        await session.Append(Request(caller, Event("looked")));
        await session.Append(Request(caller, Event("bought")));
        await store.Flush();
        _clock.Advance(Rules.IdleTimeout);

        await session.End(caller, EndReason.Idle, closedAt: null);

        Assert.Equal([RowChange.Insert, RowChange.None, RowChange.End], journal.Rows);
        Assert.Equal((SessionStatus.Ended, 3), (_tables.Rows.Single().State.Status, _tables.Rows.Single().State.Number));
    }

    private SessionActivation Activation() => new(
        Key,
        new LoneHost(Rules),
        new SessionPorts(new MemoryJournal(_tables, _link), new MemoryStore(_tables, _link), Nobody.Forgotten, _clock, _openings));

    private MemoryStore Store() => new(_tables, _link);

    /// <summary>A live session that a backend has begun.</summary>
    private async Task<SessionActivation> BackendsSession()
    {
        SessionActivation session = Activation();
        await session.Append(Request(new DeviceEpoch(Backend, _tables.Open(Backend, null).Epoch), BackendsEvent()));
        return session;
    }

    private SessionEvent BackendsEvent() => Event("paid") with { DistinctId = "ann-backend", DeviceId = null };

    private DeviceOpening Unknown(DateTimeOffset? reminderDue) =>
        new(new DeviceEpoch(Phone, _tables.Open(Phone, reminderDue, leaveUnknown: true).Epoch), reminderDue);

    private SessionOpening Expected(DeviceOpening? device, bool isNew, DeviceEpoch caller = default)
    {
        var opening = new SessionOpening(Key, device?.Device ?? caller, device, isNew);
        _openings.Add(opening);
        return opening;
    }

    /// <summary>Notes the statements, and holds them when the test says so.</summary>
    private sealed class TracedLink : IStoreLink
    {
        private readonly Queue<Action> _held = [];

        public List<string> Statements { get; } = [];

        public bool IsHeld { get; set; }

        /// <summary>Whether the connection breaks after the next statement.</summary>
        public bool Breaks { get; set; }

        public void Send(string what, Action execute, Action<Reached> done)
        {
            Statements.Add(what);
            Reached reached = Breaks ? Reached.Unknown : Reached.Answered;
            Breaks = false;
            _held.Enqueue(() =>
            {
                execute();
                done(reached);
            });
            if (!IsHeld)
            {
                LetGo();
            }
        }

        public void LetGo() => _held.Dequeue()();
    }

    private sealed class RecordingJournal(MemoryJournal journal) : Sessions.Silo.Journal.IJournal
    {
        public List<RowChange> Rows { get; } = [];

        public Task<JournalResult> Append(JournalAppend append)
        {
            Rows.Add(append.Row);
            return journal.Append(append);
        }
    }
}
