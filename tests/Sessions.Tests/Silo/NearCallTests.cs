using Microsoft.Extensions.DependencyInjection;
using Sessions.Silo.Devices;
using Sessions.Silo.Near;

namespace Sessions.Tests.Silo;

/// <summary>Calls from the same process reach a device and its session without a message of Orleans.</summary>
public sealed class NearCallTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private readonly string _project = silo.NewProject();

    private NearDevices Near => silo.Cluster.Silos[0].ServiceProvider.GetRequiredService<NearDevices>();

    private UserDeviceKey Ann => UserDeviceKey.Create(_project, "ann", null);

    [Fact]
    public async Task A_device_that_a_message_has_reached_takes_the_next_call_without_one()
    {
        Assert.Null(Near.Track(Ann, [Event("too early")]));
        TrackReceipt first = await silo.Device(_project, "ann").Track([Event("a")]);

        TrackReceipt? second = await Near.Track(Ann, [Event("b"), Event("c")])!;

        Assert.Equal([first.Events[0].SessionId, first.Events[0].SessionId], second!.Events.Select(one => one.SessionId));
        Assert.Equal(3, (await silo.Session(_project, first.Events[0].SessionId!.Value).Get())!.EventCount);
    }

    [Fact]
    public async Task An_event_that_is_sent_by_both_ways_counts_once()
    {
        SessionEvent twice = Event("a");
        TrackReceipt first = await silo.Device(_project, "ann").Track([twice]);

        Assert.Equal(EventOutcome.Duplicate, (await Near.Track(Ann, [twice])!)!.Events[0].Outcome);

        Assert.Equal(1, (await silo.Session(_project, first.Events[0].SessionId!.Value).Get())!.EventCount);
    }

    [Fact]
    public async Task After_half_a_minute_the_next_call_is_a_message_so_that_Orleans_keeps_the_grains()
    {
        await silo.Device(_project, "ann").Track([Event("a")]);
        silo.Clock.Advance(TimeSpan.FromSeconds(31));

        Assert.Null(Near.Track(Ann, [Event("b")]));

        await silo.Device(_project, "ann").Track([Event("b")]);
        Assert.NotNull(await Near.Track(Ann, [Event("c")])!);
    }

    [Fact]
    public async Task A_device_that_has_left_memory_takes_a_message_only()
    {
        TrackReceipt first = await silo.Device(_project, "ann").Track([Event("a")]);
        await silo.ForgetActivations();

        Assert.Null(Near.Track(Ann, [Event("b")]));

        await silo.Device(_project, "ann").Track([Event("b")]);
        Assert.Equal(2, (await silo.Session(_project, first.Events[0].SessionId!.Value).Get())!.EventCount);
    }

    [Fact]
    public async Task Calls_of_both_ways_at_the_same_time_store_each_event_once()
    {
        Guid session = (await silo.Device(_project, "ann").Track([Event("first")])).Events[0].SessionId!.Value;

        int[] taken = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            SessionEvent one = Event($"e{i}");
            TrackReceipt receipt = (i % 3 > 0 && Near.Track(Ann, [one]) is { } near ? await near : null)
                ?? await silo.Device(_project, "ann").Track([one]);
            return receipt.Events[0].Outcome == EventOutcome.New ? 1 : 0;
        }));

        // A test's session takes 50 events.
        Assert.Equal(49, taken.Sum());
        Assert.Equal(50, (await silo.Session(_project, session).Get())!.EventCount);
    }

    [Fact]
    public async Task A_message_waits_for_the_call_that_came_without_one()
    {
        Turns turns = new();
        Assert.True(turns.TryBeginNear());
        ValueTask message = turns.Begin();
        Assert.False(turns.TryBeginNear());
        Assert.False(message.IsCompleted);

        turns.EndNear();
        // Not even now: many calls would keep the message waiting.
        Assert.False(turns.TryBeginNear());
        await message;

        Assert.False(turns.TryBeginNear());
        turns.End();
        Assert.True(turns.TryBeginNear());
    }

    private SessionEvent Event(string name) => new()
    {
        Id = Guid.CreateVersion7(),
        Name = name,
        DistinctId = "ann",
        Timestamp = silo.Clock.GetUtcNow(),
    };
}
