using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Sessions.Client.Calls;
using Sessions.Client.Tracking;

namespace Sessions.Tests.Client.Client;

public sealed class SessionsClientTests : IAsyncDisposable
{
    private readonly FakeCluster _cluster = new();
    private readonly SessionsClientOptions _options = new()
    {
        Project = "game",
        FirstPause = TimeSpan.FromMilliseconds(1),
        LongestPause = TimeSpan.FromMilliseconds(1),
        FlushInterval = TimeSpan.FromHours(1),
    };

    private readonly FakeFeeds _feeds = new();
    private EventQueue? _queue;
    private SessionFollower? _follower;

    [Fact]
    public async Task A_call_that_fails_for_a_transient_reason_is_retried_with_the_same_events()
    {
        _cluster.OnTrack = before => before switch
        {
            0 => throw new SiloUnavailableException(),
            1 => throw new TimeoutException(),
            2 => throw new SessionsUnavailableException(),
            _ => Task.CompletedTask,
        };

        EventReceipt receipt = await Client().Track(Event("ada") with { Timestamp = null });

        Assert.Equal(EventOutcome.New, receipt.Outcome);
        Assert.Equal(4, _cluster.Tracked.Count);
        Assert.Single(_cluster.Tracked.Select(call => (call.Events[0].Id, call.Events[0].Timestamp)).Distinct());
        Assert.NotNull(_cluster.Tracked.First().Events[0].Timestamp);
    }

    [Fact]
    public async Task A_call_that_hangs_is_retried()
    {
        _options.AttemptTimeout = TimeSpan.FromMilliseconds(10);
        _cluster.OnTrack = before => before == 0 ? new TaskCompletionSource().Task : Task.CompletedTask;

        Assert.Equal(EventOutcome.New, (await Client().Track(Event("ada"))).Outcome);
    }

    [Fact]
    public async Task A_call_fails_as_unavailable_when_the_retry_time_is_over()
    {
        _options.Patience = TimeSpan.FromMilliseconds(20);
        _cluster.OnTrack = _ => throw new SiloUnavailableException();

        await Assert.ThrowsAsync<SessionsUnavailableException>(() => Client().Track(Event("ada")));
    }

    [Fact]
    public async Task A_mistake_of_the_caller_is_not_retried()
    {
        _cluster.OnTrack = _ => throw new ArgumentException("too many");

        await Assert.ThrowsAsync<ArgumentException>(() => Client().Track(Event("ada")));
        Assert.Single(_cluster.Tracked);
    }

    [Fact]
    public async Task A_canceled_call_stops_waiting()
    {
        using CancellationTokenSource cancel = new();
        _cluster.OnTrack = _ =>
        {
            cancel.Cancel();
            return new TaskCompletionSource().Task;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Client().Track(Event("ada"), cancel.Token));
    }

    [Fact]
    public async Task Events_reach_their_devices_in_order_and_receipts_come_back_in_the_callers_order()
    {
        _options.MaxEventsPerCall = 2;
        SessionEvent[] events = [Event("ada"), Event("bob"), Event("ada"), Event(""), Event("ada"), Event("bob", device: "phone")];

        TrackReceipt receipt = await Client().Track(events);

        Assert.Equal(events.Select(happened => happened.Id), receipt.Events.Select(made => made.EventId));
        Assert.Equal(DropReason.MissingDistinctId, receipt.Events[3].Reason);
        Assert.Equal(EventOutcome.Invalid, receipt.Events[3].Outcome);
        var ada = _cluster.Tracked.Where(call => call.Device == "game~ada").ToArray();
        Assert.Equal([2, 1], ada.Select(call => call.Events.Count));
        Assert.Equal([events[0].Id, events[2].Id, events[4].Id], ada.SelectMany(call => call.Events).Select(happened => happened.Id));
        Assert.Contains(_cluster.Tracked, call => call.Device == "game~phone");
    }

    [Fact]
    public async Task Events_of_one_list_keep_their_positions_in_all_calls_and_retries()
    {
        _options.MaxEventsPerCall = 2;
        _cluster.OnTrack = before => before % 2 == 0 ? throw new TimeoutException() : Task.CompletedTask;
        SessionEvent[] events = [Event("ada"), Event("bob"), Event("ada"), Event("bob"), Event("ada")];

        await Client().Track(events);

        Assert.All(_cluster.Tracked.SelectMany(call => call.Events), sent =>
            Assert.Equal(Array.FindIndex(events, one => one.Id == sent.Id), sent.SenderOrder));
    }

    [Fact]
    public async Task A_list_in_which_any_event_has_a_sender_order_is_sent_unchanged()
    {
        await Client().Track([Event("ada") with { SenderOrder = 5 }, Event("ada"), Event("ada") with { SenderOrder = -5 }]);

        Assert.Equal([5, 0, -5], Assert.Single(_cluster.Tracked).Events.Select(sent => sent.SenderOrder));
    }

    [Fact]
    public async Task Events_sent_one_by_one_keep_their_order_even_over_a_restart()
    {
        ISessionsClient client = Client();
        await client.Track(Event("ada"));
        await client.Enqueue(Event("ada"));
        await client.Enqueue(Event("ada") with { SenderOrder = 7 });
        await client.Flush();
        await client.Enqueue(Event("ada"));
        await client.Flush();
        await _queue!.StopAsync(CancellationToken.None);
        await Client().Track(Event("ada"));

        long[] orders = [.. _cluster.Tracked.SelectMany(call => call.Events).Select(sent => sent.SenderOrder)];
        Assert.Equal(7, orders[2]);
        long[] counted = [orders[0], orders[1], orders[3], orders[4]];
        Assert.Equal(counted.Order().Distinct(), counted);
        Assert.True(counted[0] > 0);
    }

    [Fact]
    public async Task An_identify_reaches_the_anonymous_device_first()
    {
        SessionEvent identify = Event("ada") with
        {
            Name = "$identify",
            Properties = """{"$anon_distinct_id":"guest-1"}"""u8.ToArray(),
        };

        await Client().Track([Event("ada"), identify]);

        Assert.Equal(["game~guest-1", "game~ada"], _cluster.Tracked.Select(call => call.Device));
    }

    /// <summary>The gateway trims ids, so a backend has to find the devices of trimmed ids.</summary>
    [Fact]
    public async Task Events_whose_ids_have_surrounding_blanks_go_to_the_devices_of_the_trimmed_ids()
    {
        SessionEvent identify = Event(" ada\n") with
        {
            Name = "$identify ",
            Properties = """{"$anon_distinct_id":"guest-1\n"}"""u8.ToArray(),
        };

        await Client().Track([Event("ada"), Event("\tada"), identify]);
        TrackReceipt blank = await Client().Track([Event(" \n")]);

        Assert.Equal(["game~guest-1", "game~ada"], _cluster.Tracked.Select(call => call.Device));
        Assert.Equal(DropReason.MissingDistinctId, blank.Events[0].Reason);
    }

    [Fact]
    public async Task Merge_events_of_one_person_are_sent_in_their_order()
    {
        // The first call takes longer than the others would.
        TaskCompletionSource slow = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _cluster.OnTrack = before => before == 0 ? slow.Task : Task.CompletedTask;
        Task<TrackReceipt> tracking = Client().Track(
        [
            Said("ada", "$identify", "guest-1"), Said("mallory", "$identify", "ada"), Said("ada", "$create_alias", "crm-1"),
            Event("guest-1"),
        ]);
        slow.SetResult();
        TrackReceipt receipt = await tracking;

        Assert.Equal(4, receipt.Events.Count);
        Assert.Equal(
            [("game~guest-1", "$identify"), ("game~ada", "$identify"), ("game~ada", "$create_alias"), ("game~guest-1", Event("x").Name)],
            _cluster.Tracked.SelectMany(call => call.Events.Select(happened => (call.Device, happened.Name))));
    }

    [Theory]
    [InlineData("ada", "null", "game~ada")]
    [InlineData("null", "guest-1", "game~guest-1")]
    [InlineData("undefined", "null", "game~undefined")]
    public async Task A_placeholder_id_has_no_device_that_hands_a_session_over(
        string distinctId, string anonymousId, string device)
    {
        await Client().Track([Said(distinctId, "$identify", anonymousId)]);

        Assert.Equal(device, Assert.Single(_cluster.Tracked).Device);
    }

    private static SessionEvent Said(string distinctId, string name, string other) => Event(distinctId) with
    {
        Name = name,
        Properties = System.Text.Encoding.UTF8.GetBytes($$"""{"{{(name == "$identify" ? "$anon_distinct_id" : "alias")}}":"{{other}}"}"""),
    };

    [Fact]
    public async Task A_retried_reset_does_not_end_a_later_session()
    {
        var first = Guid.NewGuid();
        var second = Guid.NewGuid();
        _cluster.Live = FakeCluster.SessionOf(first, SessionStatus.Live);
        _cluster.OnReset = () =>
        {
            // It took effect, the answer was lost, and the player was back at once.
            _cluster.Live = FakeCluster.SessionOf(second, SessionStatus.Live);
            throw new TimeoutException();
        };

        Session? ended = await Client().Reset("ada");

        Assert.Equal(first, ended?.SessionId);
        Assert.Equal(SessionStatus.Ended, ended?.Status);
        Assert.Equal([first], _cluster.Ended);
        Assert.Equal(second, _cluster.Live?.SessionId);
    }

    [Fact]
    public async Task A_watch_gets_the_news_of_its_projects_sessions()
    {
        FakeFeeds.Silo silo = _feeds.Start("a");
        await using SessionWatch watch = await Client().Watch();
        Session live = FakeCluster.SessionOf(Guid.NewGuid(), SessionStatus.Live);

        await silo.Send(new LiveNews("game", live, Began: true));

        Assert.Equal(new SessionNews(SessionNewsKind.Started, live), await watch.FirstAsync());
    }

    [Fact]
    public async Task Queued_events_are_sent_together_by_a_flush()
    {
        ISessionsClient client = Client();
        await client.Enqueue(Event("ada"));
        await client.Enqueue(Event("ada"));
        Assert.Empty(_cluster.Tracked);

        await client.Flush();

        Assert.Equal(2, Assert.Single(_cluster.Tracked).Events.Count);
    }

    [Fact]
    public async Task A_full_batch_is_sent_at_once()
    {
        _options.MaxBatch = 2;
        TaskCompletionSource sent = new();
        _cluster.OnTrack = _ =>
        {
            sent.TrySetResult();
            return Task.CompletedTask;
        };
        ISessionsClient client = Client();

        await client.Enqueue(Event("ada"));
        await client.Enqueue(Event("ada"));

        await sent.Task;
    }

    [Fact]
    public async Task A_stopping_host_sends_the_queued_events_and_accepts_no_more()
    {
        ISessionsClient client = Client();
        await client.Enqueue(Event("ada"));

        await _queue!.StopAsync(CancellationToken.None);

        Assert.Single(_cluster.Tracked);
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.Enqueue(Event("ada")).AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.Flush());
    }

    [Fact]
    public async Task A_stopping_host_waits_only_a_limited_time_for_an_unavailable_cluster()
    {
        _options.ShutdownPatience = TimeSpan.FromMilliseconds(20);
        _cluster.OnTrack = _ => throw new SiloUnavailableException();
        ISessionsClient client = Client();
        await client.Enqueue(Event("ada"));
        Task flush = client.Flush();

        await _queue!.StopAsync(CancellationToken.None);

        await Assert.ThrowsAsync<InvalidOperationException>(() => flush);
    }

    [Fact]
    public async Task Queued_events_survive_a_cluster_outage_longer_than_the_retry_time()
    {
        _options.Patience = TimeSpan.FromMilliseconds(5);
        _cluster.OnTrack = before => before < 20 ? throw new SiloUnavailableException() : Task.CompletedTask;
        ISessionsClient client = Client();
        await client.Enqueue(Event("ada"));

        await client.Flush();

        Assert.Single(_cluster.Tracked.Select(call => call.Events[0].Id).Distinct());
    }

    [Fact]
    public async Task The_caller_waits_while_the_queue_is_full()
    {
        _options.MaxQueuedEvents = 1;
        _options.MaxBatch = 1;
        TaskCompletionSource open = new();
        TaskCompletionSource reached = new();
        _cluster.OnTrack = _ =>
        {
            reached.TrySetResult();
            return open.Task;
        };
        ISessionsClient client = Client();
        await client.Enqueue(Event("ada"));
        await reached.Task;
        await client.Enqueue(Event("ada"));

        Task third = client.Enqueue(Event("ada")).AsTask();
        Assert.False(third.IsCompleted);
        open.SetResult();
        await third;
    }

    [Fact]
    public void Invalid_options_are_refused_by_name()
    {
        _options.Project = "Not A Project";
        _options.MaxBatch = 0;
        _options.RenewWatches = TimeSpan.Zero;
        _options.MaxWatchedNews = 0;

        ValidateOptionsResult checkedOptions = new SessionsClientOptionsCheck().Validate(null, _options);

        Assert.Contains("Project", checkedOptions.FailureMessage, StringComparison.Ordinal);
        Assert.Contains("MaxBatch", checkedOptions.FailureMessage, StringComparison.Ordinal);
        Assert.Contains("RenewWatches", checkedOptions.FailureMessage, StringComparison.Ordinal);
        Assert.Contains("MaxWatchedNews", checkedOptions.FailureMessage, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        if (_queue is not null)
        {
            _cluster.OnTrack = null;
            await _queue.StopAsync(CancellationToken.None);
            _queue.Dispose();
        }

        if (_follower is not null)
        {
            await _follower.StopAsync(CancellationToken.None);
            _follower.Dispose();
        }
    }

    private ISessionsClient Client()
    {
        IOptions<SessionsClientOptions> options = Options.Create(_options);
        HedgedCall calls = new(_options.Times, TimeProvider.System, NullLogger.Instance);
        DeviceTracking tracking = new(_cluster.Grains, calls, options, TimeProvider.System);
        _queue = new EventQueue(tracking, options, TimeProvider.System, NullLogger<EventQueue>.Instance);
        _ = _queue.StartAsync(CancellationToken.None);
        _follower = new SessionFollower(_feeds.Feeds, options, TimeProvider.System, NullLogger<SessionFollower>.Instance);
        _ = _follower.StartAsync(CancellationToken.None);
        return new SessionsClient(_cluster.Grains, calls, tracking, _queue, _follower, options, TimeProvider.System);
    }

    private static SessionEvent Event(string person, string? device = null) => new()
    {
        Id = Guid.NewGuid(),
        Name = "move",
        DistinctId = person,
        DeviceId = device,
        Timestamp = DateTimeOffset.UtcNow,
    };
}
