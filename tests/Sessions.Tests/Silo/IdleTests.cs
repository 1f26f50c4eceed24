using Npgsql;

namespace Sessions.Tests.Silo;

public sealed class IdleTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private readonly string _project = silo.NewProject();

    private DateTimeOffset Now => silo.Clock.GetUtcNow();

    [Fact]
    public async Task A_reminder_tick_ends_a_session_only_after_its_idle_timeout()
    {
        var sessionId = Guid.CreateVersion7();
        await Track("ann", Now, sessionId);

        silo.Clock.Advance(TimeSpan.FromMinutes(30) - TimeSpan.FromMilliseconds(1));
        await Tick("ann");
        Assert.Equal(SessionStatus.Live, await StatusOf(sessionId));

        silo.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await Tick("ann");
        Session session = (await silo.Session(_project, sessionId).Get())!;
        Assert.Equal((SessionStatus.Ended, EndReason.Idle), (session.Status, session.EndReason));
        Assert.Null(await silo.Device(_project, "ann").GetLiveSession());
    }

    [Fact]
    public async Task A_reminder_tick_ends_a_session_whose_grains_were_deactivated()
    {
        var sessionId = Guid.CreateVersion7();
        await Track("ben", Now, sessionId);
        await silo.ForgetActivations();

        silo.Clock.Advance(TimeSpan.FromMinutes(31));
        await Tick("ben");

        Assert.Equal(SessionStatus.Ended, await StatusOf(sessionId));
    }

    [Fact]
    public async Task A_timely_event_revives_an_idle_session_and_a_late_event_only_amends_it()
    {
        var sessionId = Guid.CreateVersion7();
        DateTimeOffset start = Now;
        await Track("cid", start, sessionId);
        silo.Clock.Advance(TimeSpan.FromMinutes(40));
        await Tick("cid");

        await Track("cid", start.AddMinutes(5), sessionId);
        Assert.Equal(SessionStatus.Ended, await StatusOf(sessionId));

        await Track("cid", start.AddMinutes(39), sessionId);
        Session revived = (await silo.Session(_project, sessionId).Get())!;
        Assert.Equal((SessionStatus.Live, (EndReason?)null, 3), (revived.Status, revived.EndReason, revived.EventCount));
    }

    [Fact]
    public async Task A_backends_event_keeps_a_browsers_session_from_idling()
    {
        var sessionId = Guid.CreateVersion7();
        await Track("browser", Now, sessionId);
        silo.Clock.Advance(TimeSpan.FromMinutes(20));
        await Track("backend", Now, sessionId);
        silo.Clock.Advance(TimeSpan.FromMinutes(20));

        await Tick("browser");
        Assert.Equal(SessionStatus.Live, await StatusOf(sessionId));
        await Tick("backend");
        Assert.Equal(SessionStatus.Live, await StatusOf(sessionId));

        silo.Clock.Advance(TimeSpan.FromMinutes(10));
        await Tick("browser");
        Assert.Equal(SessionStatus.Ended, await StatusOf(sessionId));
    }

    [Fact]
    public async Task A_session_that_starts_in_the_past_is_ended_at_once_and_still_accepts_events()
    {
        var sessionId = Guid.CreateVersion7();
        await Track("dan", Now.AddHours(-3), sessionId);
        Assert.Equal(SessionStatus.Ended, await StatusOf(sessionId));

        await Track("dan", Now.AddHours(-2), sessionId);
        Session session = (await silo.Session(_project, sessionId).Get())!;
        Assert.Equal((2, TimeSpan.FromHours(1), SessionStatus.Ended), (session.EventCount, session.Duration, session.Status));
    }

    [Fact]
    public async Task Of_two_live_sessions_of_a_device_the_older_one_ends()
    {
        var older = Guid.CreateVersion7();
        var newer = Guid.CreateVersion7();
        DateTimeOffset start = Now;
        await Track("eve", start, newer);
        await Track("eve", start.AddSeconds(-5), older);

        Session first = (await silo.Session(_project, older).Get())!;
        Assert.Equal((SessionStatus.Ended, EndReason.NewClientSession), (first.Status, first.EndReason));
        Assert.Equal(newer, (await silo.Device(_project, "eve").GetLiveSession())!.SessionId);
    }

    [Fact]
    public async Task A_reactivated_device_asks_its_last_session_only_when_the_row_is_incomplete()
    {
        Guid sessionId = await Ended("gus");
        var device = UserDeviceKey.Create(_project, "gus");
        await silo.Until(() => IsInRow(sessionId, "status = 'ended'"));

        Assert.True((await silo.Devices.Open(device, reminderDue: null, erasureGeneration: long.MaxValue))!.Sessions.Single().IsCurrent);

        await Do("update tracking.sessions set number = number - 1 where session_id = $1", sessionId);
        Assert.False((await silo.Devices.Open(device, reminderDue: null, erasureGeneration: long.MaxValue))!.Sessions.Single().IsCurrent);
    }

    [Fact]
    public async Task A_reactivated_device_does_not_activate_its_last_session()
    {
        Guid last = await Ended("ida");
        await silo.Until(() => IsInRow(last, "status = 'ended'"));
        await silo.ForgetActivations();

        await Track("ida", Now, Guid.CreateVersion7());

        Assert.Null(await silo.Cluster.Client.GetGrain<IManagementGrain>(0).GetActivationAddress(silo.Session(_project, last)));
    }

    [Fact]
    public async Task A_device_ends_a_revived_session_although_its_row_still_says_ended()
    {
        Guid sessionId = await Ended("hal");
        await silo.Until(() => IsInRow(sessionId, "status = 'ended'"));
        await Do("create table ended_row as select fold, number, end_reason from tracking.sessions where session_id = $1", sessionId);
        await Track("hal", Now, sessionId);
        await silo.Until(() => IsInRow(sessionId, "status = 'live'"));
        await silo.ForgetActivations();
        await Do(
            "update tracking.sessions set status = 'ended', fold = r.fold, number = r.number, end_reason = r.end_reason from ended_row r where session_id = $1",
            sessionId);

        silo.Clock.Advance(TimeSpan.FromMinutes(31));
        await Tick("hal");

        Session session = (await silo.Session(_project, sessionId).Get())!;
        Assert.Equal((SessionStatus.Ended, 2), (session.Status, session.EventCount));
    }

    private async Task<Guid> Ended(string device)
    {
        var sessionId = Guid.CreateVersion7();
        await Track(device, Now, sessionId);
        silo.Clock.Advance(TimeSpan.FromMinutes(40));
        await Tick(device);
        return sessionId;
    }

    private async Task<bool> IsInRow(Guid sessionId, string condition)
    {
        await using NpgsqlCommand command = silo.Database.CreateCommand($"select exists (select from tracking.sessions where session_id = $1 and {condition})");
        command.Parameters.AddWithValue(sessionId);
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    private async Task Do(string sql, Guid sessionId)
    {
        await using NpgsqlCommand command = silo.Database.CreateCommand(sql.Replace("$1", $"'{sessionId}'", StringComparison.Ordinal));
        await command.ExecuteNonQueryAsync();
    }

    private Task<TrackReceipt> Track(string device, DateTimeOffset time, Guid sessionId) => silo.Device(_project, device).Track(
        [new SessionEvent { Id = Guid.CreateVersion7(), Name = "e", Timestamp = time, DistinctId = device, SessionId = sessionId.ToString() }]);

    private Task Tick(string device) =>
        silo.Device(_project, device).AsReference<IRemindable>().ReceiveReminder("idle", default(TickStatus));

    private async Task<SessionStatus> StatusOf(Guid sessionId) => (await silo.Session(_project, sessionId).Get())!.Status;
}
