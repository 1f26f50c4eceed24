using Sessions.Domain.Replay;

namespace Sessions.Tests.Silo;

/// <summary>Replay blocks and the life of their session.</summary>
public sealed class ReplayActivityTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private readonly string _project = silo.NewProject();

    private DateTimeOffset Now => silo.Clock.GetUtcNow();

    [Fact]
    public async Task Replay_blocks_keep_a_session_live_and_it_idles_after_the_last_one()
    {
        var session = Guid.CreateVersion7();
        await silo.Device(_project, "ann").Track([new SessionEvent
        {
            Id = Guid.CreateVersion7(), Name = "$pageview", Timestamp = Now, DistinctId = "ann", SessionId = session.ToString(),
        }]);
        silo.Clock.Advance(TimeSpan.FromMinutes(20));
        await Record("ann", session);
        silo.Clock.Advance(TimeSpan.FromMinutes(20));
        await Tick("ann");
        Assert.Equal(SessionStatus.Live, (await Get(session)).Status);

        silo.Clock.Advance(TimeSpan.FromMinutes(10));
        await Tick("ann");

        Session ended = await Get(session);
        Assert.Equal((SessionStatus.Ended, EndReason.Idle, 1, true), (ended.Status, ended.EndReason, ended.EventCount, ended.HasReplay));
    }

    [Fact]
    public async Task A_session_with_only_a_replay_is_live_and_later_idles()
    {
        var session = Guid.CreateVersion7();
        await Record("ben", session);
        Assert.Equal(session, (await silo.Device(_project, "ben").GetLiveSession())!.SessionId);

        silo.Clock.Advance(TimeSpan.FromMinutes(30));
        await Tick("ben");

        Assert.Equal(EndReason.Idle, (await Get(session)).EndReason);
    }

    [Fact]
    public async Task After_a_restart_a_session_is_unchanged_and_a_repeated_block_counts_once()
    {
        var session = Guid.CreateVersion7();
        Guid id = await Record("cid", session);
        Session before = await Get(session);
        await silo.ForgetActivations();

        await Record("cid", session, id);

        Assert.Equal(before.ReplayClickCount, (await Get(session)).ReplayClickCount);
        Assert.Equal(before.ReplayStart, (await Get(session)).ReplayStart);
    }

    [Fact]
    public async Task Replay_blocks_count_towards_the_limit_of_a_session()
    {
        var session = Guid.CreateVersion7();
        for (int i = 0; i < 50; i++)
        {
            await Record("dan", session);
        }

        EventReceipt receipt = (await silo.Device(_project, "dan").Track([Block("dan", session, Guid.CreateVersion7())])).Events[0];
        Assert.Equal((EventOutcome.Invalid, "session_full"), (receipt.Outcome, receipt.Reason));
    }

    [Fact]
    public async Task A_block_without_a_valid_summary_or_a_session_is_invalid()
    {
        SessionEvent block = Block("eve", Guid.CreateVersion7(), Guid.CreateVersion7());
        TrackReceipt receipt = await silo.Device(_project, "eve").Track(
            [block with { Properties = "{}"u8.ToArray() }, block with { Id = Guid.CreateVersion7(), SessionId = null }]);

        Assert.Equal(["invalid_snapshot", "invalid_session_id"], receipt.Events.Select(one => one.Reason));
    }

    private async Task<Guid> Record(string device, Guid session, Guid? id = null)
    {
        SessionEvent block = Block(device, session, id ?? Guid.CreateVersion7());
        EventReceipt receipt = (await silo.Device(_project, device).Track([block])).Events[0];
        Assert.NotEqual(EventOutcome.Invalid, receipt.Outcome);
        return block.Id;
    }

    private SessionEvent Block(string device, Guid session, Guid id)
    {
        var summary = new ReplaySummary
        {
            Block = Guid.CreateVersion7(),
            Born = DateOnly.FromDateTime(Now.UtcDateTime),
            StartMs = Now.ToUnixTimeMilliseconds(),
            EndMs = Now.ToUnixTimeMilliseconds() + 1_000,
            Clicks = 3,
            Events = 10,
            Bytes = 100,
        };
        return new SessionEvent
        {
            Id = id,
            Name = "$snapshot",
            Timestamp = Now,
            DistinctId = device,
            SessionId = session.ToString(),
            Properties = summary.Write(),
            IsReplay = true,
        };
    }

    private async Task<Session> Get(Guid session) => (await silo.Session(_project, session).Get())!;

    private Task Tick(string device) =>
        silo.Device(_project, device).AsReference<IRemindable>().ReceiveReminder("idle", default(TickStatus));
}
