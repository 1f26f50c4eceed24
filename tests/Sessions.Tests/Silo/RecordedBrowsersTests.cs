using Npgsql;
using Sessions.Domain.Replay;

namespace Sessions.Tests.Silo;

/// <summary>
/// One identified person in two browsers that are recorded. Events carry the browser's device id; snapshots carry only
/// the person's id, so they come by way of the person's device, which can't tell the browsers apart.
/// </summary>
public sealed class RecordedBrowsersTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private const string Person = "ann";
    private readonly string _project = silo.NewProject();
    private readonly Guid _left = Guid.CreateVersion7();
    private readonly Guid _right = Guid.CreateVersion7();

    private DateTimeOffset Now => silo.Clock.GetUtcNow();

    public static TheoryData<int> Orders => [.. Enumerable.Range(0, 12)];

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Snapshots_and_events_in_any_order_give_two_sessions_and_neither_ends_the_other(int order)
    {
        (string? Device, SessionEvent Sent)[] arrive =
        [
            Recorded(_left), Recorded(_left), Said("left", _left), Said("left", _left),
            Recorded(_right), Recorded(_right), Said("right", _right), Said("right", _right),
        ];
        // The first order is the one that went wrong: all that was recorded comes before anything is said.
        arrive = order == 0 ? [.. arrive.OrderBy(one => one.Device is not null)] : arrive;
        if (order > 0)
        {
            new Random(order).Shuffle(arrive);
        }

        for (int i = 0; i < arrive.Length; i++)
        {
            await Track(arrive[i]);
            if (i % 4 == order % 4)
            {
                await silo.ForgetActivations();
            }
        }

        foreach ((string device, Guid session) in new[] { ("left", _left), ("right", _right) })
        {
            Session told = await Get(session);
            Assert.Equal((SessionStatus.Live, (EndReason?)null, 2, 2), (told.Status, told.EndReason, told.EventCount, told.ReplayClickCount));
            Assert.Equal(session, (await silo.Device(_project, Person, device).GetLiveSession())?.SessionId);
        }
    }

    [Fact]
    public async Task A_session_with_snapshots_only_does_not_end_the_persons_session_or_get_its_events()
    {
        var own = Guid.CreateVersion7();
        await Track(Said(null, own));
        await Track(Recorded(_left));

        EventReceipt placed = await Track((null, Said(null, own).Sent with { SessionId = null }));

        Assert.Equal((SessionStatus.Live, SessionStatus.Live), ((await Get(own)).Status, (await Get(_left)).Status));
        Assert.Equal(own, placed.SessionId);
        Assert.Equal(own, (await silo.Device(_project, Person).GetLiveSession())!.SessionId);
    }

    [Fact]
    public async Task Sessions_with_snapshots_only_idle_each_at_its_own_time_even_when_the_grains_were_deactivated()
    {
        await Track(Recorded(_left));
        silo.Clock.Advance(TimeSpan.FromMinutes(10));
        await Track(Recorded(_right));
        await silo.ForgetActivations();
        Assert.True(await HasReminder(Person, null));

        silo.Clock.Advance(TimeSpan.FromMinutes(20));
        await Tick(Person, null);
        Assert.Equal((EndReason.Idle, SessionStatus.Live), ((await Get(_left)).EndReason!.Value, (await Get(_right)).Status));
        Assert.True(await HasReminder(Person, null));

        silo.Clock.Advance(TimeSpan.FromMinutes(10));
        await Tick(Person, null);
        Assert.Equal(EndReason.Idle, (await Get(_right)).EndReason);
        Assert.False(await HasReminder(Person, null));
    }

    [Fact]
    public async Task A_browser_that_takes_over_a_recorded_session_ends_it_with_its_next_session()
    {
        await Track(Recorded(_left));
        await Track(Said("left", _left));
        silo.Clock.Advance(TimeSpan.FromSeconds(5));
        await Track(Recorded(_right));
        Assert.Equal(SessionStatus.Live, (await Get(_left)).Status);

        await Track(Said("left", _right));

        Assert.Equal(EndReason.NewClientSession, (await Get(_left)).EndReason);
        Assert.Equal(_right, (await silo.Device(_project, Person, "left").GetLiveSession())!.SessionId);
    }

    [Theory]
    [InlineData(true, "a snapshot")]
    [InlineData(false, "a backend's event")]
    public async Task A_session_revived_by_another_device_is_still_ended_by_its_owner(bool isReplay, string by)
    {
        await Track(Said("left", _left));
        silo.Clock.Advance(TimeSpan.FromMinutes(30));
        await Tick(Person, "left");
        Assert.Equal(EndReason.Idle, (await Get(_left)).EndReason);
        Assert.False(await HasReminder(Person, "left"), by);
        await silo.ForgetActivations();

        await Track(isReplay ? Recorded(_left) : Said(null, _left));

        Assert.Equal(SessionStatus.Live, (await Get(_left)).Status);
        Assert.True(await HasReminder(Person, "left"), by);
        Assert.Equal(_left, (await silo.Device(_project, Person, "left").GetLiveSession())!.SessionId);
        silo.Clock.Advance(TimeSpan.FromMinutes(30));
        await silo.Until(async () => (await Get(_left)).EndReason == EndReason.Idle);
    }

    private (string? Device, SessionEvent Sent) Said(string? device, Guid session) => (device, new SessionEvent
    {
        Id = Guid.CreateVersion7(),
        Name = "$pageview",
        Timestamp = Now,
        DistinctId = Person,
        DeviceId = device,
        SessionId = session.ToString(),
    });

    private (string? Device, SessionEvent Sent) Recorded(Guid session) => (null, new SessionEvent
    {
        Id = Guid.CreateVersion7(),
        Name = "$snapshot",
        Timestamp = Now,
        DistinctId = Person,
        SessionId = session.ToString(),
        Properties = new ReplaySummary
        {
            Block = Guid.CreateVersion7(),
            Born = DateOnly.FromDateTime(Now.UtcDateTime),
            StartMs = Now.ToUnixTimeMilliseconds(),
            EndMs = Now.ToUnixTimeMilliseconds(),
            Clicks = 1,
            Events = 1,
            Bytes = 1,
        }.Write(),
        IsReplay = true,
    });

    private async Task<EventReceipt> Track((string? Device, SessionEvent Sent) one)
    {
        EventReceipt receipt = (await silo.Device(_project, Person, one.Device).Track([one.Sent])).Events[0];
        Assert.Equal(EventOutcome.New, receipt.Outcome);
        return receipt;
    }

    private async Task<Session> Get(Guid session) => (await silo.Session(_project, session).Get())!;

    private Task Tick(string person, string? device) =>
        silo.Device(_project, person, device).AsReference<IRemindable>().ReceiveReminder("idle", default(TickStatus));

    private async Task<bool> HasReminder(string person, string? device)
    {
        await using NpgsqlCommand command = silo.Database.CreateCommand(
            "select exists (select from orleans.orleansreminderstable where grainid = $1)");
        command.Parameters.Add(new() { Value = silo.Device(_project, person, device).GetGrainId().ToString() });
        return (bool)(await command.ExecuteScalarAsync())!;
    }
}
