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

    private Task<TrackReceipt> Track(string device, DateTimeOffset time, Guid sessionId) => silo.Device(_project, device).Track(
        [new SessionEvent { Id = Guid.CreateVersion7(), Name = "e", Timestamp = time, DistinctId = device, SessionId = sessionId.ToString() }]);

    private Task Tick(string device) =>
        silo.Device(_project, device).AsReference<IRemindable>().ReceiveReminder("idle", default(TickStatus));

    private async Task<SessionStatus> StatusOf(Guid sessionId) => (await silo.Session(_project, sessionId).Get())!.Status;
}
