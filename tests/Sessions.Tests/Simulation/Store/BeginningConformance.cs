using Sessions.Domain.Devices;
using Sessions.Domain.Folding;

namespace Sessions.Tests.Simulation.Store;

/// <summary>The part about devices that the store does not know: the transaction of their first events writes them.</summary>
public abstract partial class StoreConformance
{
    [Fact]
    public async Task An_unknown_device_may_be_left_unwritten_and_a_known_one_gets_its_next_epoch_all_the_same()
    {
        UserDeviceKey device = NewDevice();

        OpenedDevice unknown = await OpenOrLeave(device, Noon);
        Assert.Equal((true, 0, null), (unknown.IsUnknown, await _store.Devices.EpochOf(device), unknown.Reminder));
        Assert.True(unknown.Epoch > 0);
        OpenedDevice written = await Open(device, Noon);
        OpenedDevice known = await OpenOrLeave(device, Noon);

        Assert.Equal((false, written.Epoch + 1, 1), (known.IsUnknown, known.Epoch, known.Reminder));
        Assert.Equal(known.Epoch, await _store.Devices.EpochOf(device));
    }

    [Fact]
    public async Task A_device_without_a_row_that_has_a_session_or_a_reminder_is_written()
    {
        UserDeviceKey device = NewDevice(), reminded = NewDevice();
        JournalAppend opening = Opening(NewSession(device), device);
        await _store.Journal.Append(opening);
        int version = await _store.Devices.Remind(reminded, Noon);

        OpenedDevice withSession = await OpenOrLeave(device, Noon), withReminder = await OpenOrLeave(reminded);

        Assert.Equal((false, withSession.Epoch), (withSession.IsUnknown, await _store.Devices.EpochOf(device)));
        Assert.Equal(opening.Session.SessionId, Assert.Single(withSession.Sessions).SessionId);
        Assert.Equal((false, version), (withReminder.IsUnknown, withReminder.Reminder));
    }

    [Fact]
    public async Task An_unknown_device_begins_with_its_first_events_and_has_its_reminder_from_then_on()
    {
        UserDeviceKey device = NewDevice();
        JournalAppend opening = Beginning(device, (await OpenOrLeave(device, Noon)).Epoch, Noon);

        JournalOutcome outcome = await Outcome(opening);
        JournalOutcome end = await Outcome(End(opening) with { Opens = null, Fence = opening.Fence!.Value with { Reminder = DeviceOpening.FirstReminder } });
        OpenedDevice opened = await Open(device);

        Assert.Equal((JournalOutcome.Committed, JournalOutcome.Committed), (outcome, end));
        Assert.Equal((opening.Opens!.Device.Epoch + 1, null), (opened.Epoch, opened.Reminder));
        Assert.Equal(SessionStatus.Ended, Assert.Single(opened.Sessions).State!.Status);
    }

    [Fact]
    public async Task Of_two_activations_of_an_unknown_device_one_begins_and_the_other_leaves_nothing_behind()
    {
        UserDeviceKey device = NewDevice();
        long epoch = (await OpenOrLeave(device, Noon)).Epoch;
        // Their epochs are equal when both have looked in the same millisecond.
        JournalAppend one = Beginning(device, epoch, Noon), other = Beginning(device, epoch, Noon);

        Assert.Equal(JournalOutcome.Committed, await Outcome(one));
        Assert.Equal(JournalOutcome.Conflict, await Outcome(other));
        Assert.True(other.Chain.IsBroken);
        Assert.Null(await _store.Sessions.Load(other.Session));
        Assert.Equal((epoch, 0), (await _store.Devices.EpochOf(device), (await Open(device)).Reminder));
    }

    [Fact]
    public async Task A_device_that_begins_leaves_the_other_appends_of_its_group_alone_when_it_exists()
    {
        UserDeviceKey taken = NewDevice(), free = NewDevice();
        await Open(taken);
        JournalAppend conflicting = Beginning(taken, 1, Noon), beginning = Beginning(free, 1, dueAt: null);

        JournalResult[] results = await Task.WhenAll(_store.Journal.Append(conflicting), _store.Journal.Append(beginning));

        Assert.Equal([JournalOutcome.Conflict, JournalOutcome.Committed], results.Select(result => result.Outcome));
        Assert.Equal((1, null), (await _store.Devices.EpochOf(free), (await Open(free)).Reminder));
    }

    [Fact]
    public async Task A_row_that_a_checkpoint_has_written_is_reported()
    {
        UserDeviceKey device = NewDevice();
        JournalAppend opening = Opening(NewSession(device), device);
        JournalAppend second = Following(opening);
        await Task.WhenAll(_store.Journal.Append(opening), _store.Journal.Append(second));
        var mark = new RowMark();

        _store.Sessions.Checkpoint(opening.Session, second.After, Rules, history: null, mark);
        bool before = mark.IsAt(2, Rules);
        await _store.Flush();

        Assert.Equal((false, true, false), (before, mark.IsAt(2, Rules), mark.IsAt(1, Rules)));
    }

    private async Task<OpenedDevice> OpenOrLeave(UserDeviceKey device, DateTimeOffset? reminderDue = null) =>
        (await _store.Devices.Open(device, reminderDue, erasureGeneration: long.MaxValue, leaveUnknown: true))!;

    private JournalAppend Beginning(UserDeviceKey device, long epoch, DateTimeOffset? dueAt)
    {
        var caller = new DeviceEpoch(device, epoch);
        return Opening(NewSession(device), device) with { Fence = caller, Opens = new DeviceOpening(caller, dueAt) };
    }
}
