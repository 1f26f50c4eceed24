using Sessions.Domain.Devices;
using Sessions.Domain.Events;
using Sessions.Domain.Folding;

namespace Sessions.Domain.Tests.Placing;

/// <summary>
/// The order of a device's steps is a guarantee: no live session is without a reminder, wherever a process dies.
/// </summary>
public sealed class DeviceStepsTests
{
    private static readonly UserDeviceKey Key = UserDeviceKey.Create("shop", "visitor");
    private static readonly DateTimeOffset Now = Histories.Noon;
    private static readonly SessionRules Rules = new();

    private readonly DeviceAlarms _alarms = new();
    private readonly Device _device;

    public DeviceStepsTests()
    {
        _alarms.Opened(reminder: null, due: null);
        _device = new Device(Key, 1, DeviceTimeline.Empty, handedTo: null, _alarms) { Rules = Rules, Now = Now };
    }

    [Fact]
    public void Before_the_first_event_is_appended_the_reminder_is_registered_and_after_it_the_timer_is_set() =>
        Assert.Equal(["RegisterReminder", "AppendEvents", "SetTimer"], Names(Track(Event())));

    [Fact]
    public void The_next_event_of_a_live_session_is_only_appended()
    {
        _ = Names(Track(Event()));

        Assert.Equal(["AppendEvents"], Names(Track(Event())));
    }

    [Fact]
    public void A_late_event_is_only_appended_and_opens_a_session_that_has_ended() =>
        Assert.Equal(["AppendEvents"], Names(Track(Event() with { Timestamp = Now.AddDays(-1) })));

    [Theory]
    [InlineData("{}", 31, "ReadStandings AppendEvents", "longer ago than the project's timeout")]
    [InlineData("""{"$configured_session_timeout_ms":2400000}""", 40, "ReadStandings RegisterReminder AppendEvents SetTimer", "within its client's")]
    [InlineData("""{"$configured_session_timeout_ms":2400000}""", 41, "ReadStandings AppendEvents", "longer ago than its client's")]
    [InlineData("""{"$configured_session_timeout_ms":36000000}""", 601, "AppendEvents", "longer ago than any timeout: nothing is asked")]
    public void An_event_that_names_its_session_and_that_only_its_clients_timeout_makes_timely_registers_the_reminder_first(
        string properties, int minutesAgo, string steps, string because)
    {
        SessionEvent sent = Event() with
        {
            SessionId = Guid.NewGuid().ToString(),
            Timestamp = Now.AddMinutes(-minutesAgo),
            Properties = System.Text.Encoding.UTF8.GetBytes(properties),
        };

        Assert.True(steps == string.Join(' ', Names(Track(sent))), because);
    }

    [Fact]
    public void A_session_ends_after_the_events_that_replace_it_are_appended()
    {
        _ = Names(Track(Event() with { SessionId = Guid.NewGuid().ToString() }));

        Assert.Equal(["AppendEvents", "EndSessions"], Names(Track(Event() with { SessionId = Guid.NewGuid().ToString() })));
    }

    [Fact]
    public void A_session_that_has_idled_ends_before_the_next_event_is_placed()
    {
        _ = Names(Track(Event()));
        _device.Now = Now + Rules.IdleTimeout;

        Assert.Equal(
            ["EndSessions", "RegisterReminder", "AppendEvents"],
            Names(Track(Event() with { Timestamp = _device.Now })));
    }

    [Fact]
    public void The_receiving_device_expects_the_session_before_the_identify_is_appended() =>
        Assert.Equal(
            ["RegisterReminder", "ExpectSession", "AppendEvents", "HandOverSession"],
            Names(Track(Event() with { Name = "$identify", DistinctId = "ann" }), owner: "ann"));

    [Fact]
    public void When_the_other_device_refuses_nothing_is_appended_and_the_call_is_retried()
    {
        TrackCall call = Track(Event() with { Name = "$identify", DistinctId = "ann" });

        Assert.Equal(["RegisterReminder", "ExpectSession"], Names(call, expects: false));
        Assert.True(call.IsOutdated);
    }

    [Fact]
    public void When_a_session_refuses_the_activation_no_other_step_runs_and_the_call_is_retried()
    {
        TrackCall call = Track(Event());

        Assert.Equal(["RegisterReminder", "AppendEvents"], Names(call, isStale: true));
        Assert.True(call.IsOutdated);
        Assert.Empty(_device.Timeline.Sessions);
    }

    [Fact]
    public void Events_that_revive_another_devices_session_are_appended_after_that_device_expects_it() =>
        Assert.Equal(
            ["RegisterReminder", "AppendEvents", "ExpectSession", "AppendEvents", "HandOverSession"],
            Names(Track(Event()), owner: "ann", revives: "ann"));

    [Fact]
    public void A_device_without_a_live_session_removes_its_reminder_and_is_deactivated()
    {
        _ = Names(Track(Event()));
        _device.Now = Now + Rules.IdleTimeout;

        Assert.Equal(["EndSessions", "StandDown"], Names(_device.Wake(isReminder: false)));
        Assert.Null(_alarms.Reminder);
    }

    [Fact]
    public void A_due_reminder_of_a_live_session_is_registered_again_before_the_timer_is_set()
    {
        _ = Names(Track(Event()));
        _alarms.ForgetTimer();

        Assert.Equal(["RegisterReminder", "SetTimer"], Names(_device.Wake(isReminder: true)));
    }

    [Fact]
    public void The_timer_of_a_session_that_had_later_activity_moves_the_reminder_before_it_is_due()
    {
        _ = Names(Track(Event()));
        _device.Now = Now + (Rules.IdleTimeout / 2);
        _ = Names(Track(Event() with { Timestamp = _device.Now }));
        _device.Now = Now + Rules.IdleTimeout;
        _alarms.ForgetTimer();

        Assert.Equal(["RegisterReminder", "SetTimer"], Names(_device.Wake(isReminder: false)));
        Assert.Equal(Now + (Rules.IdleTimeout * 1.5) + DeviceAlarms.ReminderSlack, _alarms.ReminderDue);
        _alarms.ForgetTimer();
        Assert.Equal(["SetTimer"], Names(_device.Wake(isReminder: false)));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 100)]
    [InlineData(100, 100)]
    [InlineData(199.9999, 200)]
    public void Timers_fire_at_the_next_tenth_of_a_second(double milliseconds, double fires) =>
        Assert.Equal(Now.AddMilliseconds(fires), DeviceAlarms.Together(Now.AddMilliseconds(milliseconds)));

    [Fact]
    public void An_activation_stops_when_a_newer_one_has_ended_the_session()
    {
        _ = Names(Track(Event()));
        _device.Now = Now + Rules.IdleTimeout;

        Assert.Throws<SessionsUnavailableException>(() => Names(_device.Wake(isReminder: false), isStale: true));
    }

    [Fact]
    public void The_next_step_is_decided_only_after_the_last_one_is_performed()
    {
        using IEnumerator<DeviceStep> steps = Track(Event()).Steps(_device).GetEnumerator();
        Assert.True(steps.MoveNext());

        Assert.Throws<InvalidOperationException>(() => steps.MoveNext());
    }

    [Fact]
    public void The_first_events_of_an_unknown_device_are_appended_without_a_reminder_of_their_own()
    {
        Device device = Unknown();
        TrackCall call = Track(Event());

        Assert.Equal(["AppendEvents", "SetTimer"], Names(call.Steps(device), begins: device));
        Assert.Equal((false, true, null), (call.IsOutdated, device.IsWritten, device.Opening));
    }

    [Fact]
    public void Events_of_an_unknown_device_for_two_sessions_are_not_appended_until_the_device_is_written()
    {
        TrackCall call = Track(Event() with { SessionId = Guid.NewGuid().ToString() }, Event() with { SessionId = Guid.NewGuid().ToString() });

        Assert.Empty(Names(call.Steps(Unknown())));
        Assert.True(call.IsOutdated);
    }

    [Fact]
    public void An_unknown_device_registers_no_reminder_before_it_is_written()
    {
        Device device = Unknown();
        _alarms.Opened(reminder: null, due: null);
        TrackCall call = Track(Event());

        Assert.Empty(Names(call.Steps(device)));
        Assert.True(call.IsOutdated);
    }

    [Fact]
    public void A_session_that_does_not_write_the_unknown_device_makes_the_call_outdated()
    {
        Device device = Unknown();
        TrackCall call = Track(Event());

        Assert.Equal(["AppendEvents"], Names(call.Steps(device)));
        Assert.Equal((true, false), (call.IsOutdated, device.IsWritten));
    }

    [Fact]
    public void An_unknown_device_whose_events_join_another_devices_session_needs_no_row()
    {
        Device device = Unknown();
        TrackCall call = Track(Event() with { SessionId = Guid.NewGuid().ToString() });

        Assert.Equal(["AppendEvents"], Names(call.Steps(device), owner: "another device"));
        Assert.Equal((false, false), (call.IsOutdated, device.IsWritten));
    }

    [Theory]
    [InlineData(null, "phone", 0, true, "the server makes the session")]
    [InlineData("0191a2b3-0000-7000-8000-000000000001", "phone", 0, true, "a client with a device id names it")]
    [InlineData("0191a2b3-0000-7000-8000-000000000001", null, 0, false, "a backend may name another device's session")]
    [InlineData("0191a2b3-0000-7000-8000-000000000001", "phone", 45, false, "a late event's session may be old")]
    public void A_session_is_taken_for_new_when_it_surely_has_no_row(
        string? session, string? deviceId, int minutesAgo, bool isNew, string because)
    {
        SessionEvent sent = Event() with { SessionId = session, DeviceId = deviceId, Timestamp = Now.AddMinutes(-minutesAgo) };
        AppendEvents? append = null;
        foreach (DeviceStep step in Track(sent).Steps(_device))
        {
            switch (step)
            {
                case ReadStandings asked:
                    asked.Answer = [null];
                    break;
                case RegisterReminder reminder:
                    reminder.Answer = 1;
                    break;
                case AppendEvents events:
                    append = events;
                    Take(events.Batches.Single());
                    break;
            }
        }

        Assert.True(append!.Batches.Single().IsNew == isNew, because);

        static void Take(SessionBatch batch) => batch.Take(isStale: true, [], null, null);
    }

    [Fact]
    public void A_session_that_the_device_knows_is_not_taken_for_new()
    {
        string session = Guid.NewGuid().ToString();
        _ = Names(Track(Event() with { SessionId = session, DeviceId = "phone" }));
        TrackCall call = Track(Event() with { SessionId = session, DeviceId = "phone" });

        AppendEvents append = Assert.IsType<AppendEvents>(call.Steps(_device).First());

        Assert.False(append.Batches.Single().IsNew);
    }

    [Fact]
    public void A_call_whose_events_are_all_refused_does_not_open_the_device()
    {
        var call = new TrackCall(Key, [Event() with { Name = "" }, Event()], Now, Rules, (_, _) => true, 0);

        Assert.True(call.IsRefused);
        Assert.Equal(
            [DropReason.MissingEventName, DropReason.PersonDeleted], call.ToReceipt().Events.Select(receipt => receipt.Reason));
    }

    [Fact]
    public void A_call_for_an_archived_project_does_not_open_the_device()
    {
        var call = new TrackCall(Key, [Event() with { Name = "" }, Event()], Now, Rules, (_, _) => false, 0, isArchived: true);

        Assert.True(call.IsRefused);
        Assert.Equal(
            [DropReason.MissingEventName, DropReason.ProjectArchived], call.ToReceipt().Events.Select(receipt => receipt.Reason));
    }

    private static SessionEvent Event() => new() { Id = Guid.NewGuid(), Name = "click", Timestamp = Now, DistinctId = "visitor" };

    private Device Unknown()
    {
        _alarms.Opened(DeviceOpening.FirstReminder, Now + Rules.IdleTimeout + DeviceAlarms.ReminderSlack);
        return new Device(Key, 1, DeviceTimeline.Empty, handedTo: null, _alarms)
        {
            Rules = Rules,
            Now = Now,
            Opening = new DeviceOpening(new DeviceEpoch(Key, 1), _alarms.ReminderDue),
        };
    }

    private TrackCall Track(params SessionEvent[] events) => new(Key, events, _device.Now, Rules, (_, _) => false, 0);

    private List<string> Names(
        TrackCall call, string owner = "visitor", bool expects = true, bool isStale = false, string? revives = null) =>
        Names(call.Steps(_device), owner, expects, isStale, revives);

    /// <summary>Performs the steps in a world where sessions take and end whatever they are told.</summary>
    private List<string> Names(
        IEnumerable<DeviceStep> steps,
        string owner = "visitor",
        bool expects = true,
        bool isStale = false,
        string? revives = null,
        Device? begins = null)
    {
        var names = new List<string>();
        foreach (DeviceStep step in steps)
        {
            names.Add(step.GetType().Name);
            switch (step)
            {
                case ReadStandings asked:
                    asked.Answer = [.. asked.Sessions.Select(_ => (SessionStanding?)null)];
                    break;
                case RegisterReminder reminder:
                    reminder.Answer = 1;
                    break;
                case ExpectSession expect:
                    expect.Answer = expects;
                    break;
                case AppendEvents append:
                    begins?.Opening?.Commit();
                    foreach (SessionBatch batch in append.Batches)
                    {
                        batch.Take(isStale, [.. batch.Events.Select(Receipt)], StandingOf(batch, owner), append.IsExpected ? null : revives);
                    }

                    break;
                case EndSessions ends:
                    foreach (SessionEnd end in ends.Ends)
                    {
                        end.Take(
                            isStale ? EndVerdict.Stale : EndVerdict.Ended,
                            _device.Timeline.Find(end.SessionId)! with { Status = SessionStatus.Ended, EndReason = end.Reason });
                    }

                    break;
            }
        }

        return names;
    }

    private static EventReceipt Receipt(PlacedEvent placed) => new(placed.Event.Id, EventOutcome.New, null);

    private SessionStanding StandingOf(SessionBatch batch, string owner)
    {
        SessionStanding? standing = null;
        foreach (PlacedEvent placed in batch.Events)
        {
            SessionEvent sent = placed.Event;
            Assert.True(EventFactsReader.TryRead(sent.Properties.Span, out EventFacts facts));
            var at = new EventOrder(sent.Timestamp!.Value, sent.SenderOrder, sent.Id);
            Arrival arrival = Arrival.Of(at, _device.Now, placed.Named, sent.IsReplay, sent.Name, sent.DistinctId, sent.DeviceId, facts);
            standing = standing?.With(owner, arrival) ?? SessionStanding.Opened(batch.SessionId, owner, arrival, Rules);
        }

        return standing!;
    }
}
