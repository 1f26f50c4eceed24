using System.Text;

namespace Sessions.Tests.Silo;

/// <summary>
/// Servers and apps without a device id: when an anonymous person is identified, the session continues.
/// </summary>
public sealed class HandOverTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private readonly string _project = silo.NewProject();

    private DateTimeOffset Now => silo.Clock.GetUtcNow();

    [Fact]
    public async Task An_identified_person_continues_the_anonymous_session()
    {
        Guid anonymous = await Track("anon", Event("looked", "anon", Now.AddSeconds(-9)));
        Guid identified = await Track("anon", Identify("ann", "anon", Now.AddSeconds(-8)));
        Guid after = await Track("ann", Event("bought", "ann", Now.AddSeconds(-7)));

        Assert.Equal(anonymous, identified);
        Assert.Equal(anonymous, after);
        Assert.Equal(anonymous, (await silo.Device(_project, "ann").GetLiveSession())!.SessionId);
        Assert.Null(await silo.Device(_project, "anon").GetLiveSession());
    }

    [Fact]
    public async Task A_repeated_identify_counts_once_even_after_the_grains_were_deactivated()
    {
        SessionEvent identify = Identify("ben", "anon", Now.AddSeconds(-8));
        Guid session = await Track("anon-b", Event("looked", "anon-b", Now.AddSeconds(-9)));
        await Track("anon-b", identify);
        await Track("anon-b", identify);
        await silo.ForgetActivations();
        TrackReceipt again = await silo.Device(_project, "anon-b").Track([identify]);

        Assert.Equal((EventOutcome.Duplicate, session), (again.Events[0].Outcome, again.Events[0].SessionId));
        Assert.Equal(2, (await silo.Session(_project, session).Get())!.EventCount);
    }

    [Fact]
    public async Task A_late_anonymous_event_joins_the_session_that_was_handed_over()
    {
        Guid session = await Track("anon-c", Event("looked", "anon-c", Now.AddMinutes(-9)));
        await Track("anon-c", Identify("cid", "anon-c", Now.AddMinutes(-8)));
        await Track("cid", Event("bought", "cid", Now));
        await silo.ForgetActivations();

        Assert.Equal(session, await Track("anon-c", Event("late", "anon-c", Now.AddMinutes(-3))));
    }

    /// <summary>A silo that the others have given up, and that does not know it, has the session in memory as it was.</summary>
    [Fact]
    public async Task A_repeated_event_of_the_new_owner_counts_once_on_a_silo_that_missed_the_hand_over()
    {
        await using SiloFixture elsewhere = await silo.OtherSide();
        SessionEvent bought = Event("bought", "eve", Now.AddSeconds(-7));
        Guid session = await Track("anon-e", Event("looked", "anon-e", Now.AddSeconds(-9)));
        await elsewhere.Device(_project, "anon-e").Track([Identify("eve", "anon-e", Now.AddSeconds(-8))]);
        await elsewhere.Device(_project, "eve").Track([bought]);

        EventReceipt again = (await silo.Device(_project, "eve").Track([bought])).Events[0];

        Assert.Equal((EventOutcome.Duplicate, session), (again.Outcome, again.SessionId));
        Assert.Equal(3, (await silo.Session(_project, session).Get())!.EventCount);
    }

    [Fact]
    public async Task The_new_owner_ends_the_idle_session_after_all_grains_were_deactivated()
    {
        Guid session = await Track("anon-d", Event("looked", "anon-d", Now));
        await Track("anon-d", Identify("dan", "anon-d", Now));
        await silo.ForgetActivations();
        silo.Clock.Advance(TimeSpan.FromMinutes(31));

        await silo.Device(_project, "anon-d").AsReference<IRemindable>().ReceiveReminder("idle", default);
        Assert.Equal(SessionStatus.Live, (await silo.Session(_project, session).Get())!.Status);
        await silo.Device(_project, "dan").AsReference<IRemindable>().ReceiveReminder("idle", default);
        Assert.Equal(EndReason.Idle, (await silo.Session(_project, session).Get())!.EndReason);
    }

    /// <summary>Everybody whose application has nobody to name would share one device and its session.</summary>
    [Theory]
    [InlineData("null")]
    [InlineData("[object Object]")]
    [InlineData("\"undefined\"")]
    public async Task A_session_is_not_handed_over_to_a_placeholder_id(string nobody)
    {
        Guid one = await Track("anon-1", Event("looked", "anon-1", Now.AddSeconds(-9)));
        Guid other = await Track("anon-2", Event("looked", "anon-2", Now.AddSeconds(-9)));

        TrackReceipt receipt = await silo.Device(_project, "anon-1").Track([Identify(nobody, "anon-1", Now.AddSeconds(-8))]);
        Guid identified = await Track("anon-2", Identify(nobody, "anon-2", Now.AddSeconds(-8)));

        Assert.Equal((EventOutcome.New, one, DropReason.GenericDistinctId), (receipt.Events[0].Outcome, receipt.Events[0].SessionId, receipt.Events[0].Reason));
        Assert.Equal(other, identified);
        Assert.Equal(one, (await silo.Device(_project, "anon-1").GetLiveSession())!.SessionId);
        Assert.Equal("anon-1", (await silo.Session(_project, one).Get())!.DistinctId);
        Assert.Equal("anon-2", (await silo.Session(_project, other).Get())!.DistinctId);
        Assert.Null(await silo.Device(_project, nobody).GetLiveSession());
    }

    [Fact]
    public async Task A_session_of_a_placeholder_id_is_not_handed_over()
    {
        Guid nobodys = await Track("anonymous", Event("looked", "anonymous", Now.AddSeconds(-9)));

        TrackReceipt receipt = await silo.Device(_project, "anonymous").Track([Identify("gus", "anonymous", Now.AddSeconds(-8))]);

        Assert.Equal(DropReason.GenericDistinctId, receipt.Events[0].Reason);
        Assert.Equal(nobodys, (await silo.Device(_project, "anonymous").GetLiveSession())!.SessionId);
        Assert.Null(await silo.Device(_project, "gus").GetLiveSession());
    }

    [Theory]
    [InlineData("$create_alias", "null")]
    [InlineData("$merge_dangerously", " None ")]
    public async Task An_alias_that_is_a_placeholder_gets_a_warning(string name, string alias)
    {
        EventReceipt receipt = (await silo.Device(_project, "hal").Track(
            [Event(name, "hal", Now, $$"""{"alias":"{{alias}}"}"""), Event(name, "hal", Now, """{"alias":"crm-1"}""")])).Events[0];

        Assert.Equal((EventOutcome.New, DropReason.GenericDistinctId), (receipt.Outcome, receipt.Reason));
    }

    [Fact]
    public async Task Two_devices_that_hand_over_to_each_other_at_once_both_succeed()
    {
        await Track("eve", Event("looked", "eve", Now.AddSeconds(-9)));
        await Track("fay", Event("looked", "fay", Now.AddSeconds(-9)));

        await Task.WhenAll(
            Track("eve", Identify("fay", "eve", Now.AddSeconds(-8))),
            Track("fay", Identify("eve", "fay", Now.AddSeconds(-8))));
    }

    private async Task<Guid> Track(string device, SessionEvent happened) =>
        (await silo.Device(_project, device).Track([happened])).Events[0].SessionId!.Value;

    private static SessionEvent Identify(string person, string anonymous, DateTimeOffset time) =>
        Event("$identify", person, time, $$"""{"$anon_distinct_id":"{{anonymous}}"}""");

    private static SessionEvent Event(string name, string distinctId, DateTimeOffset time, string properties = "") => new()
    {
        Id = Guid.CreateVersion7(),
        Name = name,
        Timestamp = time,
        DistinctId = distinctId,
        Properties = Encoding.UTF8.GetBytes(properties),
    };
}
