using System.Text;
using Sessions.Domain;
using Sessions.Domain.Devices;
using Sessions.Domain.Events;
using Sessions.Domain.Folding;
using Sessions.Silo.Devices;
using Sessions.Silo.Journal;
using Sessions.Silo.Sessions;

namespace Sessions.Tests.Simulation.Store;

/// <summary>
/// What grains rely on of their store: fences, order and recovery. The same cases run against Postgres and against the store
/// in memory that the simulation uses, so that the simulation breaks nothing which Postgres would not.
/// </summary>
public abstract partial class StoreConformance : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly SessionRules Rules = new();
    private StoreUnderTest _store = null!;

    /// <summary>The server's day.</summary>
    private DateOnly Today => DateOnly.FromDateTime(_store.Now.UtcDateTime);

    public async ValueTask InitializeAsync() => _store = await Open();

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Each_opening_of_a_device_has_a_higher_epoch_and_a_device_that_was_never_opened_has_none()
    {
        UserDeviceKey device = NewDevice();
        long none = await _store.Devices.EpochOf(device);
        long first = (await Open(device)).Epoch;
        long second = (await Open(device)).Epoch;

        Assert.Equal((0, first + 1, second), (none, second, await _store.Devices.EpochOf(device)));
        Assert.True(first > 0);
    }

    [Fact]
    public async Task A_replaced_activation_opens_no_session_and_leaves_nothing_behind()
    {
        UserDeviceKey device = NewDevice();
        SessionKey session = NewSession(device);
        OpenedDevice replaced = await Open(device, Noon);
        OpenedDevice newest = await Open(device);
        JournalAppend opening = Opening(session, device) with { Fence = new DeviceEpoch(device, replaced.Epoch, replaced.Reminder) };

        Assert.Equal(JournalOutcome.Fenced, await Outcome(opening));
        Assert.True(opening.Chain.IsBroken);
        Assert.Null(await _store.Sessions.Load(session));
        Assert.Equal(newest.Reminder, (await Open(device)).Reminder);
    }

    [Fact]
    public async Task The_newest_activation_opens_a_session_and_one_of_a_device_that_was_never_opened_does_not()
    {
        UserDeviceKey device = NewDevice(), unknown = NewDevice();
        long epoch = (await Open(device)).Epoch;

        Assert.Equal(JournalOutcome.Committed, await Outcome(Opening(NewSession(device), device) with { Fence = new DeviceEpoch(device, epoch) }));
        Assert.Equal(JournalOutcome.Fenced, await Outcome(Opening(NewSession(unknown), unknown) with { Fence = new DeviceEpoch(unknown, 1) }));
    }

    [Fact]
    public async Task Of_two_activations_of_a_session_the_second_to_open_it_conflicts()
    {
        UserDeviceKey device = NewDevice();
        SessionKey session = NewSession(device);

        Assert.Equal(JournalOutcome.Committed, await Outcome(Opening(session, device)));
        Assert.Equal(JournalOutcome.Conflict, await Outcome(Opening(session, device)));
        Assert.Single((await _store.Sessions.Load(session))!.Seen);
    }

    [Fact]
    public async Task A_number_that_is_taken_conflicts_and_what_its_chain_appends_after_it_is_superseded()
    {
        UserDeviceKey device = NewDevice();
        JournalAppend opening = Opening(NewSession(device), device);
        await _store.Journal.Append(opening);
        JournalAppend winner = Following(opening) with { Chain = new AppendChain() };
        JournalAppend loser = Following(opening) with { Chain = new AppendChain() };
        JournalAppend after = Following(loser);

        JournalResult[] results = await Task.WhenAll(_store.Journal.Append(winner), _store.Journal.Append(loser), _store.Journal.Append(after));

        Assert.Equal([JournalOutcome.Committed, JournalOutcome.Conflict, JournalOutcome.Superseded], results.Select(result => result.Outcome));
        Assert.Equal(2, await _store.Sessions.LastNumber(opening.Session, Today));
    }

    [Fact]
    public async Task An_append_of_several_entries_of_which_one_is_taken_writes_none()
    {
        UserDeviceKey device = NewDevice();
        JournalAppend opening = Opening(NewSession(device), device);
        await _store.Journal.Append(opening);
        await _store.Journal.Append(Following(opening) with { Chain = new AppendChain() });
        JournalAppend one = Following(opening), other = Following(one);

        JournalOutcome outcome = await Outcome(other with { Chain = new AppendChain(), Entries = [.. one.Entries, .. other.Entries] });

        Assert.Equal(JournalOutcome.Conflict, outcome);
        Assert.Equal(2, await _store.Sessions.LastNumber(opening.Session, Today));
    }

    [Fact]
    public async Task Appends_of_a_chain_commit_in_their_order_and_are_read_back_after_the_row()
    {
        UserDeviceKey device = NewDevice();
        JournalAppend opening = Opening(NewSession(device), device);
        JournalAppend second = Following(opening), third = Following(second);

        JournalResult[] results = await Task.WhenAll(_store.Journal.Append(opening), _store.Journal.Append(second), _store.Journal.Append(third));
        StoredSession stored = (await _store.Sessions.Load(opening.Session))!;

        Assert.All(results, result => Assert.Equal(JournalOutcome.Committed, result.Outcome));
        Assert.Equal((1, Today), (stored.Checkpoint!.Number, stored.Born));
        Assert.Equal([2, 3], stored.After.Select(entry => entry.Number));
        Assert.Equal([1, 2, 3], stored.Seen.Select(seen => seen.Number).Order());
        Assert.All(stored.Seen, seen => Assert.Equal(device.Device, seen.Device));
        Assert.Equal(FoldCodec.Write(third.After), FoldCodec.Write(SessionMachine.Load(opening.Session, stored, Rules, Today).Committed!));
    }

    [Fact]
    public async Task A_checkpoint_brings_the_row_on_and_an_older_one_changes_nothing()
    {
        UserDeviceKey device = NewDevice();
        JournalAppend opening = Opening(NewSession(device), device);
        JournalAppend second = Following(opening), third = Following(second);
        await Task.WhenAll(_store.Journal.Append(opening), _store.Journal.Append(second), _store.Journal.Append(third));

        _store.Sessions.Checkpoint(opening.Session, third.After, Rules, history: null);
        _store.Sessions.Checkpoint(opening.Session, second.After, Rules, history: null);
        await _store.Flush();
        await _store.Sessions.CheckpointNow(opening.Session, opening.After, Rules);
        StoredSession stored = (await _store.Sessions.Load(opening.Session))!;

        Assert.Equal((3, 0, 3), (stored.Checkpoint!.Number, stored.After.Count, stored.Seen.Count));
    }

    [Fact]
    public async Task A_checkpoint_of_a_session_without_a_row_makes_none()
    {
        UserDeviceKey device = NewDevice();
        JournalAppend opening = Opening(NewSession(device), device);

        await _store.Sessions.CheckpointNow(opening.Session, opening.After, Rules);

        Assert.Null(await _store.Sessions.Load(opening.Session));
        Assert.Equal(0, await _store.Sessions.LastNumber(opening.Session, Today));
    }

    [Fact]
    public async Task An_end_ends_the_row_that_has_all_before_it_and_takes_the_reminder_that_it_names()
    {
        UserDeviceKey device = NewDevice();
        OpenedDevice opened = await Open(device, Noon);
        JournalAppend opening = Opening(NewSession(device), device);
        await _store.Journal.Append(opening);

        JournalOutcome outcome = await Outcome(End(opening) with { Fence = new DeviceEpoch(device, opened.Epoch, opened.Reminder) });
        SessionState row = (await _store.Sessions.Load(opening.Session))!.Checkpoint!;

        Assert.Equal((JournalOutcome.Committed, SessionStatus.Ended, EndReason.Idle, 2), (outcome, row.Status, row.EndReason, row.Number));
        Assert.Null((await Open(device)).Reminder);
    }

    [Fact]
    public async Task An_end_leaves_a_row_that_lacks_an_entry_before_it_and_a_reminder_that_was_written_since()
    {
        UserDeviceKey device = NewDevice();
        OpenedDevice opened = await Open(device, Noon);
        JournalAppend opening = Opening(NewSession(device), device);
        JournalAppend second = Following(opening);
        await Task.WhenAll(_store.Journal.Append(opening), _store.Journal.Append(second));
        int later = await _store.Devices.Remind(device, Noon.AddHours(1));

        JournalOutcome outcome = await Outcome(End(second) with { Fence = new DeviceEpoch(device, opened.Epoch, opened.Reminder) });
        StoredSession stored = (await _store.Sessions.Load(opening.Session))!;

        Assert.Equal((JournalOutcome.Committed, 1, SessionStatus.Live), (outcome, stored.Checkpoint!.Number, stored.Checkpoint.Status));
        Assert.Equal([2, 3], stored.After.Select(entry => entry.Number));
        Assert.Equal(later, (await Open(device)).Reminder);
    }

    [Fact]
    public async Task A_replaced_activation_ends_no_session()
    {
        UserDeviceKey device = NewDevice();
        OpenedDevice replaced = await Open(device, Noon);
        JournalAppend opening = Opening(NewSession(device), device);
        await _store.Journal.Append(opening);
        await Open(device);

        JournalOutcome outcome = await Outcome(End(opening) with { Fence = new DeviceEpoch(device, replaced.Epoch, replaced.Reminder) });

        Assert.Equal(JournalOutcome.Fenced, outcome);
        Assert.Equal(SessionStatus.Live, (await _store.Sessions.Load(opening.Session))!.Checkpoint!.Status);
        Assert.Equal(replaced.Reminder, (await Open(device)).Reminder);
    }

    [Fact]
    public async Task A_reminder_has_a_version_for_each_writing_and_only_the_one_that_is_known_is_removed()
    {
        UserDeviceKey device = NewDevice();
        int? none = (await Open(device)).Reminder;
        int? first = (await Open(device, Noon)).Reminder;
        int second = await _store.Devices.Remind(device, Noon);
        await _store.Devices.RemindNoMore(device, first!.Value);
        int? left = (await Open(device)).Reminder;
        await _store.Devices.RemindNoMore(device, second);
        int? gone = (await Open(device)).Reminder;
        int again = await _store.Devices.Remind(device, Noon);

        Assert.Equal((null, 0, 1, 1, null, 0), (none, first, second, left, gone, again));
    }

    [Fact]
    public async Task A_device_finds_its_latest_sessions_and_all_that_are_live()
    {
        UserDeviceKey device = NewDevice();
        JournalAppend live = Opening(NewSession(device), device, Noon.AddDays(-40));
        await _store.Journal.Append(live);
        List<JournalAppend> ended = [];
        for (int i = 0; i < 10; i++)
        {
            JournalAppend opening = Opening(NewSession(device), device, Noon.AddDays(-10 - i));
            await _store.Journal.Append(opening);
            await _store.Journal.Append(End(opening));
            ended.Add(opening);
        }

        OpenedDevice opened = await Open(device);

        Assert.Equal(
            ended.Take(9).Append(live).Select(append => append.Session.SessionId).Order(),
            opened.Sessions.Select(session => session.SessionId).Order());
        Assert.Equal(ended[8].After.Start, opened.OthersBefore);
        Assert.Equal(ended[0].Session.SessionId, Assert.Single(opened.Sessions, session => session.IsCurrent).SessionId);
    }

    [Fact]
    public async Task The_latest_session_is_not_current_while_its_row_lacks_an_entry()
    {
        UserDeviceKey device = NewDevice();
        JournalAppend opening = Opening(NewSession(device), device);
        JournalAppend end = End(opening);
        JournalAppend late = Following(end, TimeSpan.FromHours(1));
        await Task.WhenAll(_store.Journal.Append(opening), _store.Journal.Append(end), _store.Journal.Append(late));

        bool before = Assert.Single((await Open(device)).Sessions).IsCurrent;
        await _store.Sessions.CheckpointNow(opening.Session, late.After, Rules);

        Assert.Equal((false, true), (before, Assert.Single((await Open(device)).Sessions).IsCurrent));
    }

    [Fact]
    public async Task A_session_that_is_handed_over_is_found_by_the_heir_and_the_giver_knows_the_heir()
    {
        UserDeviceKey giver = NewDevice();
        UserDeviceKey heir = UserDeviceKey.OfDevice(giver.Project, "heir");
        await Open(giver);
        JournalAppend opening = Opening(NewSession(giver), giver);
        await _store.Journal.Append(opening);
        JournalAppend handing = Following(opening);
        handing = handing with { After = handing.After with { Owner = heir.Device }, Row = RowChange.Update, HandOver = new HandOver(giver, heir.Device) };

        Assert.Equal(JournalOutcome.Committed, await Outcome(handing));
        OpenedDevice left = await Open(giver);

        Assert.Equal((heir.Device, 0), (left.HandedTo, left.Sessions.Count));
        Assert.Equal(opening.Session.SessionId, Assert.Single((await Open(heir)).Sessions).SessionId);
    }

    [Fact]
    public async Task Sessions_of_a_device_that_are_opened_and_handed_over_at_once_are_all_written()
    {
        for (int i = 0; i < 20; i++)
        {
            UserDeviceKey giver = NewDevice();
            var caller = new DeviceEpoch(giver, (await Open(giver)).Epoch);
            JournalAppend[] opening = [.. Enumerable.Range(0, 4).Select(_ => Opening(NewSession(giver), giver) with
            {
                Fence = caller,
                HandOver = new HandOver(giver, "heir"),
            })];

            JournalResult[] results = await Task.WhenAll(opening.Select(_store.Journal.Append));

            Assert.All(results, result => Assert.Equal(JournalOutcome.Committed, result.Outcome));
        }
    }

    [Fact]
    public async Task Sessions_around_a_time_are_those_that_cover_it_and_their_neighbours()
    {
        UserDeviceKey device = NewDevice();
        List<Guid> sessions = [];
        for (int i = 0; i < 20; i++)
        {
            JournalAppend opening = Opening(NewSession(device), device, Noon.AddDays(i));
            await _store.Journal.Append(opening);
            sessions.Add(opening.Session.SessionId);
        }

        IReadOnlyList<SessionCheckpoint> around = await _store.Devices.SessionsAround(device, Noon.AddDays(10), Rules.IdleTimeout);

        Assert.Equal(sessions[3..15].Order(), around.Select(session => session.SessionId).Order());
        Assert.All(around, session => Assert.False(session.IsCurrent));
    }

    [Fact]
    public async Task What_events_say_is_read_by_their_numbers_without_those_that_do_not_exist()
    {
        UserDeviceKey device = NewDevice();
        JournalAppend opening = Opening(NewSession(device), device);
        await _store.Journal.Append(opening);

        IReadOnlyDictionary<int, EventContent> contents = await _store.Sessions.Contents(opening.Session, Today, [1, 2]);

        Assert.Equal(1, Assert.Single(contents).Key);
        Assert.True(contents[1].IsSameAs(EventContent.Of(opening.Entries[0])));
    }

    /// <summary>A store with a server day's journal.</summary>
    private protected abstract ValueTask<StoreUnderTest> Open();

    private async Task<OpenedDevice> Open(UserDeviceKey device, DateTimeOffset? reminderDue = null) =>
        (await _store.Devices.Open(device, reminderDue, erasureGeneration: long.MaxValue))!;

    private async Task<JournalOutcome> Outcome(JournalAppend append) => (await _store.Journal.Append(append)).Outcome;

    private UserDeviceKey NewDevice() => UserDeviceKey.Create(_store.NewProject(), "someone");

    private static SessionKey NewSession(UserDeviceKey device) => SessionKey.Create(device.Project, Guid.CreateVersion7());

    private JournalAppend Opening(SessionKey session, UserDeviceKey device, DateTimeOffset? time = null) =>
        Append(session, device, new AppendChain(), null, time ?? Noon) with { Row = RowChange.Insert };

    /// <summary>One more event, in the same chain; it comes that late.</summary>
    private JournalAppend Following(JournalAppend before, TimeSpan late = default) => Append(
        before.Session, UserDeviceKey.OfDevice(before.Session.Project, before.After.Owner), before.Chain, before.After, before.After.End.AddSeconds(1), late);

    private JournalAppend End(JournalAppend before)
    {
        JournalEntry end = JournalEntry.OfEnd(before.After.Number + 1, EndReason.Idle, before.After.End, before.After.LastActivityAt);
        return before with
        {
            Entries = [end],
            After = SessionFold.Apply(before.After, end, EventFacts.None, Rules),
            Row = RowChange.End,
        };
    }

    private JournalAppend Append(SessionKey session, UserDeviceKey device, AppendChain chain, SessionState? before, DateTimeOffset time, TimeSpan late = default)
    {
        byte[] properties = Encoding.UTF8.GetBytes("""{"plan":"pro"}""");
        var entry = new JournalEntry(
            (before?.Number ?? 0) + 1, EntryKind.PlacedEvent, Guid.CreateVersion7(), time, time + late, "bought", device.Device, device.Device, null, null, properties);
        return new JournalAppend
        {
            Chain = chain,
            Session = session,
            Born = Today,
            Entries = [entry],
            After = SessionFold.Apply(before, entry, EventFacts.None, Rules),
            Rules = Rules,
        };
    }
}

/// <summary>A store, and what its tests need beside it.</summary>
internal sealed record StoreUnderTest(
    IJournal Journal,
    ISessionStore Sessions,
    IDeviceStore Devices,
    Func<Task> Flush,
    Func<string> NewProject,
    DateTimeOffset Now,
    Func<ValueTask> Close) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Close();
}
