using Npgsql;

namespace Sessions.Tests.Grains;

public sealed class IdleTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private readonly string _project = silo.NewProject();

    private DateTimeOffset Now => silo.Clock.GetUtcNow();

    [Fact]
    public async Task A_tick_after_the_idle_timeout_ends_the_session_and_one_before_does_not()
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
    public async Task A_session_whose_grains_have_gone_is_ended_by_the_tick()
    {
        var sessionId = Guid.CreateVersion7();
        await Track("ben", Now, sessionId);
        await silo.ForgetActivations();

        silo.Clock.Advance(TimeSpan.FromMinutes(31));
        await Tick("ben");

        Assert.Equal(SessionStatus.Ended, await StatusOf(sessionId));
    }

    [Fact]
    public async Task A_timely_event_makes_an_idle_session_live_again_and_a_late_one_only_amends()
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
    public async Task A_session_that_opens_in_the_past_is_born_ended_and_still_takes_events()
    {
        var sessionId = Guid.CreateVersion7();
        await Track("dan", Now.AddHours(-3), sessionId);
        Assert.Equal(SessionStatus.Ended, await StatusOf(sessionId));

        await Track("dan", Now.AddHours(-2), sessionId);
        Session session = (await silo.Session(_project, sessionId).Get())!;
        Assert.Equal((2, TimeSpan.FromHours(1), SessionStatus.Ended), (session.EventCount, session.Duration, session.Status));
    }

    [Fact]
    public async Task Two_live_sessions_of_a_device_become_one_when_it_is_woken()
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
    public async Task A_device_that_comes_back_asks_its_last_session_only_when_the_row_lacks_something()
    {
        Guid sessionId = await Ended("gus");
        var device = UserDeviceKey.Create(_project, "gus");
        await silo.Until(() => IsInRow(sessionId, "status = 'ended'"));

        Assert.True((await silo.Devices.Open(device, reminderDue: null, welcomeAt: long.MaxValue))!.Sessions.Single().IsCurrent);

        await Do("update tracking.sessions set number = number - 1 where session_id = $1", sessionId);
        Assert.False((await silo.Devices.Open(device, reminderDue: null, welcomeAt: long.MaxValue))!.Sessions.Single().IsCurrent);
    }

    [Fact]
    public async Task A_device_that_comes_back_does_not_bring_its_last_session_back_into_memory()
    {
        Guid last = await Ended("ida");
        await silo.Until(() => IsInRow(last, "status = 'ended'"));
        await silo.ForgetActivations();

        await Track("ida", Now, Guid.CreateVersion7());

        Assert.Null(await silo.Cluster.Client.GetGrain<IManagementGrain>(0).GetActivationAddress(silo.Session(_project, last)));
    }

    [Fact]
    public async Task A_session_that_went_on_is_ended_by_its_device_though_its_row_still_says_that_it_had_ended()
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
