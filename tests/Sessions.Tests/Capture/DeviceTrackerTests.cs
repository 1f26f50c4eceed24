using Microsoft.Extensions.Logging.Abstractions;
using Sessions.Capture;
using Sessions.Capture.Tracking;

namespace Sessions.Tests.Capture;

public sealed class DeviceTrackerTests
{
    private readonly FakeDevices _devices = new();

    [Fact]
    public async Task A_call_that_fails_for_a_transient_reason_is_retried()
    {
        _devices.Answer = (call, events) => call switch
        {
            0 => throw new SiloUnavailableException(),
            1 => throw new TimeoutException(),
            2 => Task.FromException<TrackReceipt>(new OrleansException("rejected")),
            _ => Task.FromResult(new TrackReceipt([FakeDevices.Receipt(events[0])])),
        };

        Assert.Single(await Track(new CaptureOptions()));
        Assert.Equal(4, _devices.Calls.Count);
        Assert.Single(_devices.Calls.Select(call => call.Events[0].Id).Distinct());
    }

    [Fact]
    public async Task A_call_is_retried_while_the_store_is_away_for_a_moment()
    {
        _devices.Answer = (call, events) => call == 0
            ? throw new SessionsUnavailableException()
            : Task.FromResult(new TrackReceipt([FakeDevices.Receipt(events[0])]));

        Assert.Single(await Track(new CaptureOptions()));
    }

    [Fact]
    public async Task A_request_gets_503_soon_when_the_store_stays_away()
    {
        _devices.Answer = (_, _) => throw new SessionsUnavailableException();
        long started = TimeProvider.System.GetTimestamp();

        Assert.Equal(503, await StatusOfTrack(new CaptureOptions()));
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task A_request_gets_503_after_the_retry_time_when_a_silo_never_answers()
    {
        _devices.Answer = (_, _) => new TaskCompletionSource<TrackReceipt>().Task;

        Assert.Equal(503, await StatusOfTrack(new CaptureOptions { Patience = TimeSpan.FromSeconds(1) }));
    }

    [Fact]
    public async Task A_call_that_was_lost_with_its_silo_is_retried()
    {
        _devices.Answer = (call, events) => call == 0
            ? new TaskCompletionSource<TrackReceipt>().Task
            : Task.FromResult(new TrackReceipt([FakeDevices.Receipt(events[0])]));

        Assert.Single(await Track(new CaptureOptions { SendAgain = TimeSpan.FromMilliseconds(100) }));
        Assert.Equal(2, _devices.Calls.Count);
    }

    [Fact]
    public async Task A_slow_call_that_was_hedged_is_answered_with_its_own_result()
    {
        TaskCompletionSource<TrackReceipt> slow = new();
        _devices.Answer = (call, events) =>
        {
            if (call == 1)
            {
                slow.SetResult(new TrackReceipt([FakeDevices.Receipt(events[0])]));
            }

            return call == 0 ? slow.Task : new TaskCompletionSource<TrackReceipt>().Task;
        };

        Assert.Single(await Track(new CaptureOptions { SendAgain = TimeSpan.FromMilliseconds(100) }));
    }

    [Fact]
    public async Task An_unexpected_exception_gives_503_without_a_retry()
    {
        _devices.Answer = (_, _) => throw new InvalidOperationException("broken");

        Assert.Equal(503, await StatusOfTrack(new CaptureOptions()));
        Assert.Single(_devices.Calls);
    }

    [Fact]
    public async Task A_request_gets_503_when_one_of_its_user_devices_fails()
    {
        _devices.Answer = (_, events) => events[0].DistinctId == "bert"
            ? throw new InvalidOperationException("broken")
            : Task.FromResult(new TrackReceipt([FakeDevices.Receipt(events[0])]));

        Assert.Equal(503, await StatusOfTrack(new CaptureOptions(), "anna", "bert"));
    }

    /// <summary>Merges of one person that are of different devices, each call slower than the one after it would be.</summary>
    [Fact]
    public async Task Merge_events_of_one_person_arrive_in_the_order_of_the_body_and_other_events_do_not_wait()
    {
        List<string> done = [];
        TaskCompletionSource othersAreHere = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int others = 0;
        _devices.Answer = async (_, events) =>
        {
            if (events[0].DistinctId == "ben")
            {
                // Waits for the first of the lane, which waits for both: they are called side by side.
                othersAreHere.TrySetResult();
            }
            else if (Interlocked.Increment(ref others) == 1)
            {
                await othersAreHere.Task.WaitAsync(TimeSpan.FromSeconds(10));
            }

            lock (done)
            {
                done.AddRange(events.Select(happened => $"{happened.Name} {happened.DistinctId}"));
            }

            return new TrackReceipt([.. events.Select(happened => FakeDevices.Receipt(happened))]);
        };

        CapturedEvent[] sent =
        [
            Merge(0, "$identify", "ann", "anon"),
            Merge(1, "$identify", "ben", "anon-b"),
            Plain(2, "ann"),
            Merge(3, "$identify", "mallory", "ann"),
            Merge(4, "$create_alias", "ann", "crm-1"),
            Plain(5, "anon"),
        ];

        IReadOnlyList<EventReceipt> receipts = await Track(sent);

        Assert.Equal(sent.Select(one => one.Event.Id), receipts.Select(receipt => receipt.EventId));
        Assert.Equal(
            ["$identify ann", "$identify mallory", "$create_alias ann"],
            done.Where(one => one.StartsWith('$') && !one.EndsWith("ben", StringComparison.Ordinal)));
        Assert.Equal("looked anon", done[^1]);
    }

    [Fact]
    public async Task No_event_waits_for_the_device_of_a_placeholder_id()
    {
        await Track(new CapturedEvent(0, Event("$identify", "null"), "anon-1"), Plain(1, "null"));

        Assert.Equal(["anon-1", "null"], _devices.Calls.Select(call => UserDeviceKey.Parse(call.Device).Device).Order(StringComparer.Ordinal));
    }

    private static CapturedEvent Merge(int index, string name, string id, string other) =>
        new(index, Event(name, id), name == "$identify" ? other : null) { OtherId = other };

    private static CapturedEvent Plain(int index, string id) => new(index, Event("looked", id));

    private static SessionEvent Event(string name, string id) => new() { Id = Guid.CreateVersion7(), Name = name, DistinctId = id };

    private Task<IReadOnlyList<EventReceipt>> Track(params CapturedEvent[] events) =>
        new DeviceTracker(_devices.Find, new CaptureOptions(), TimeProvider.System, NullLogger<DeviceTracker>.Instance).Track(Bodies.Project, events);

    private async Task<int> StatusOfTrack(CaptureOptions options, params string[] ids) =>
        (await Assert.ThrowsAsync<CaptureRefusedException>(() => Track(options, ids))).Refusal.Status;

    private Task<IReadOnlyList<EventReceipt>> Track(CaptureOptions options, params string[] ids)
    {
        var tracker = new DeviceTracker(_devices.Find, options, TimeProvider.System, NullLogger<DeviceTracker>.Instance);
        CapturedEvent[] events = [.. (ids is [] ? ["anna"] : ids).Select((id, index) =>
            new CapturedEvent(index, new SessionEvent { Id = Guid.CreateVersion7(), Name = "a", DistinctId = id }))];
        return tracker.Track(Bodies.Project, events);
    }
}
