using Sessions.Domain.Folding;
using Sessions.Silo.Devices;
using Sessions.Silo.Sessions;
using Sessions.Tests.Simulation.Store;

namespace Sessions.Tests.Silo.Activations;

/// <summary>
/// A standby that lacks the last commits has become the primary. What only memory knows is in no answer, in no row, and in no
/// later write.
/// </summary>
public sealed class LaggingStandbyTests : ShopSession
{
    private readonly MemoryStore _store;
    private readonly SessionActivation _session;

    public LaggingStandbyTests()
    {
        var link = new DirectLink();
        _store = new MemoryStore(_tables, link);
        _session = new SessionActivation(
            Key, new LoneHost(Rules), new SessionPorts(new MemoryJournal(_tables, link), _store, Nobody.Forgotten, _clock, new SessionOpenings()));
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
        DeviceActivation device = LoneDevice.Of(Phone, _session, _store, Rules, _clock);
        await device.Track([Event("looked")]);
        Assert.NotNull(await device.GetLiveSession());

        promote();

        Assert.Null(await device.GetLiveSession());
    }

    private DeviceEpoch Opened() => Opened(Phone);
}
