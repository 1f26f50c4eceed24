using System.Text;
using Sessions.Domain.Devices;

namespace Sessions.Tests.Silo;

/// <summary>A device with many sessions, and calls that bring events for several of them.</summary>
public sealed class ManySessionsTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private readonly string _project = silo.NewProject();

    private DateTimeOffset Now => silo.Clock.GetUtcNow();

    [Fact]
    public async Task A_late_event_joins_its_session_among_many_after_the_grain_was_deactivated()
    {
        SessionEvent[] hourly = [.. Enumerable.Range(0, 100).Select(hour => Event(Now.AddHours(-hour)))];
        TrackReceipt all = await silo.Device(_project, "mia").Track(hourly);
        await silo.ForgetActivations();

        TrackReceipt late = await silo.Device(_project, "mia").Track([.. Enumerable.Range(0, 100).Select(hour => Event(Now.AddHours(-hour).AddMinutes(7)))]);

        Assert.Equal(100, all.Events.Select(one => one.SessionId).Distinct().Count());
        Assert.Equal(all.Events.Select(one => one.SessionId), late.Events.Select(one => one.SessionId));
    }

    [Fact]
    public async Task Events_of_one_old_visit_are_one_session_although_the_device_no_longer_holds_it_in_memory()
    {
        IUserDeviceGrain device = silo.Device(_project, "max");
        await device.Track([.. Enumerable.Range(0, DeviceTimeline.MaxSessions).Select(hour => Event(Now.AddHours(-hour)))]);
        DateTimeOffset past = Now.AddHours(-2 * DeviceTimeline.MaxSessions);

        TrackReceipt two = await device.Track(
            [Event(past), Event(past.AddHours(-2)), Event(past.AddSeconds(2)), Event(past.AddHours(-2).AddSeconds(1)), Event(past.AddSeconds(1))]);
        TrackReceipt more = await device.Track([Event(past.AddSeconds(3))]);

        Guid?[] sessions = [.. two.Events.Select(one => one.SessionId)];
        Assert.Equal([sessions[0], sessions[1], sessions[0], sessions[1], sessions[0]], sessions);
        Assert.NotEqual(sessions[0], sessions[1]);
        Assert.Equal(sessions[0], more.Events[0].SessionId);
    }

    [Fact]
    public async Task A_duplicate_in_one_call_goes_to_the_session_of_the_first_copy()
    {
        var client = Guid.CreateVersion7();
        SessionEvent once = Event(Now.AddMinutes(-1));
        TrackReceipt receipt = await silo.Device(_project, "ned").Track([once, Event(Now.AddMinutes(-1), client), once]);

        Assert.Equal([EventOutcome.New, EventOutcome.New, EventOutcome.Duplicate], receipt.Events.Select(one => one.Outcome));
        Assert.Equal(receipt.Events[0].SessionId, receipt.Events[2].SessionId);
        Assert.Equal(1, (await silo.Session(_project, client).Get())!.EventCount);
    }

    [Fact]
    public async Task Users_and_timeouts_in_a_calls_earlier_events_apply_to_its_later_events()
    {
        var client = Guid.CreateVersion7();
        TrackReceipt users = await silo.Device(_project, "oda").Track(
            [Event(Now.AddMinutes(-3), client, "ann"), Event(Now.AddMinutes(-2), person: "ben"), Event(Now.AddMinutes(-1))]);
        TrackReceipt timeouts = await silo.Device(_project, "pia").Track(
            [Event(Now.AddMinutes(-3), properties: """{"$configured_session_timeout_ms":60000}"""), Event(Now)]);

        Assert.NotEqual(users.Events[0].SessionId, users.Events[1].SessionId);
        Assert.Equal(users.Events[1].SessionId, users.Events[2].SessionId);
        Assert.NotEqual(timeouts.Events[0].SessionId, timeouts.Events[1].SessionId);
    }

    [Fact]
    public async Task Events_without_a_session_id_do_not_join_another_devices_session_that_the_call_names()
    {
        var theirs = Guid.CreateVersion7();
        await silo.Device(_project, "anyone", "browser").Track([Event(Now.AddMinutes(-2), theirs, deviceId: "browser")]);
        TrackReceipt receipt = await silo.Device(_project, "backend").Track([Event(Now.AddMinutes(-1), theirs), Event(Now)]);

        Assert.Equal(theirs, receipt.Events[0].SessionId);
        Assert.NotEqual(theirs, receipt.Events[1].SessionId);
    }

    [Fact]
    public async Task A_session_that_a_late_event_revived_idles_again_without_a_change_of_user()
    {
        IUserDeviceGrain device = silo.Device(_project, "quin");
        TrackReceipt receipt = await device.Track([Event(Now.AddMinutes(-50)), Event(Now), Event(Now.AddMinutes(-25))]);

        Assert.Equal(receipt.Events[0].SessionId, receipt.Events[2].SessionId);
        Session earlier = (await silo.Session(_project, receipt.Events[0].SessionId!.Value).Get())!;
        Assert.Equal((SessionStatus.Ended, EndReason.Idle), (earlier.Status, earlier.EndReason));
        Assert.Equal(receipt.Events[1].SessionId, (await device.GetLiveSession())!.SessionId);
    }

    [Fact]
    public async Task An_event_that_Postgres_refuses_is_invalid_however_often_a_call_has_it()
    {
        SessionEvent poison = Event(Now, properties: """{"a":"\u0000"}""");
        TrackReceipt receipt = await silo.Device(_project, "roy").Track([poison, poison, poison, poison, poison, Event(Now)]);

        Assert.All(receipt.Events.Take(5), one => Assert.Equal(EventOutcome.Invalid, one.Outcome));
        Assert.Equal(EventOutcome.New, receipt.Events[5].Outcome);
    }

    private static SessionEvent Event(
        DateTimeOffset time, Guid? session = null, string? person = null, string properties = "", string? deviceId = null) =>
        new()
        {
            Id = Guid.CreateVersion7(),
            Name = person is null ? "click" : "$identify",
            Timestamp = time,
            DistinctId = person ?? "someone",
            DeviceId = deviceId,
            SessionId = session?.ToString(),
            Properties = Encoding.UTF8.GetBytes(properties),
        };
}
