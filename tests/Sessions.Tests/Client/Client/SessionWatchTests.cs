using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Sessions.Client.Tracking;

namespace Sessions.Tests.Client.Client;

public sealed class SessionWatchTests : IAsyncDisposable
{
    private readonly FakeFeeds _feeds = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly SessionsClientOptions _options = new() { Project = "game" };
    private SessionFollower? _follower;

    [Fact]
    public async Task A_watch_gets_starts_updates_and_ends_from_every_silo()
    {
        (FakeFeeds.Silo first, FakeFeeds.Silo second) = (_feeds.Start("a"), _feeds.Start("b"));
        await using SessionWatch watch = await Watch();
        Session live = FakeCluster.SessionOf(Guid.NewGuid(), SessionStatus.Live);
        Session ended = FakeCluster.SessionOf(live.SessionId, SessionStatus.Ended);

        await first.Send(Told(live, began: true));
        await second.Send(Told(live), Told(ended));

        Assert.Equal(
            [
                new SessionNews(SessionNewsKind.Started, live),
                new SessionNews(SessionNewsKind.Updated, live),
                new SessionNews(SessionNewsKind.Ended, ended),
            ],
            await Take(watch, 3));
        Assert.Equal(0, watch.Gaps);
    }

    [Fact]
    public async Task A_session_that_starts_and_ends_between_two_batches_gives_a_start_and_an_end()
    {
        FakeFeeds.Silo silo = _feeds.Start("a");
        await using SessionWatch watch = await Watch();

        await silo.Send(Told(FakeCluster.SessionOf(Guid.NewGuid(), SessionStatus.Ended), began: true));

        Assert.Equal([SessionNewsKind.Started, SessionNewsKind.Ended], (await Take(watch, 2)).Select(news => news.Kind));
    }

    [Fact]
    public async Task A_watch_gets_nothing_of_other_projects()
    {
        FakeFeeds.Silo silo = _feeds.Start("a");
        await using SessionWatch watch = await Watch();
        LiveNews ours = Told(FakeCluster.SessionOf(Guid.NewGuid(), SessionStatus.Live));

        await silo.Send(ours with { Project = "other" }, ours);
        await watch.DisposeAsync();

        Assert.Single(await All(watch));
    }

    [Fact]
    public async Task Two_watches_get_the_same_news_through_one_subscription()
    {
        FakeFeeds.Silo silo = _feeds.Start("a");
        await using SessionWatch one = await Watch();
        await using SessionWatch other = await Watch();

        await silo.Send(Told(FakeCluster.SessionOf(Guid.NewGuid(), SessionStatus.Live)));

        Assert.Equal(await Take(one, 1), await Take(other, 1));
        Assert.Equal((0, 0), (one.Gaps, other.Gaps));
    }

    [Fact]
    public async Task A_missing_batch_number_is_reported_as_a_gap()
    {
        FakeFeeds.Silo silo = _feeds.Start("a");
        await using SessionWatch watch = await Watch();

        await silo.Send();
        silo.Lose();
        await silo.Send();

        Assert.Equal(1, watch.Gaps);
    }

    [Fact]
    public async Task A_lost_last_batch_is_noticed_when_the_subscription_is_renewed()
    {
        FakeFeeds.Silo silo = _feeds.Start("a");
        await using SessionWatch watch = await Watch();

        // It may be on its way at the first renewal, and must have come by the next.
        silo.Lose();
        await Renew(silo);
        await Renew(silo);

        Assert.Equal(1, watch.Gaps);
        await Renew(silo);
        await silo.Send();
        Assert.Equal(1, watch.Gaps);
    }

    [Fact]
    public async Task A_subscription_that_a_silo_has_lost_is_reported_as_a_gap_and_made_again()
    {
        FakeFeeds.Silo silo = _feeds.Start("a");
        await using SessionWatch watch = await Watch();
        await silo.Send();

        silo.Forget();
        await Renew(silo);
        await silo.Send();

        Assert.Equal(1, watch.Gaps);
    }

    [Fact]
    public async Task A_silo_that_stops_answering_and_then_dies_is_reported_as_a_gap()
    {
        (FakeFeeds.Silo survivor, FakeFeeds.Silo victim) = (_feeds.Start("a"), _feeds.Start("b"));
        await using SessionWatch watch = await Watch();

        victim.IsDead = true;
        _clock.Advance(_options.RenewWatches);
        await Until(() => watch.Gaps > 0);
        _feeds.End(victim);
        await Renew(survivor);

        Assert.Equal(1, watch.Gaps);
    }

    [Fact]
    public async Task A_silo_that_leaves_and_a_silo_that_joins_are_reported_as_gaps()
    {
        (FakeFeeds.Silo survivor, FakeFeeds.Silo leaving) = (_feeds.Start("a"), _feeds.Start("b"));
        await using SessionWatch watch = await Watch();

        _feeds.End(leaving);
        await Renew(survivor);
        Assert.Equal(1, watch.Gaps);

        FakeFeeds.Silo coming = _feeds.Start("c");
        await Renew(survivor);
        Assert.Equal(2, watch.Gaps);
        await coming.Send(Told(FakeCluster.SessionOf(Guid.NewGuid(), SessionStatus.Live), began: true));
        Assert.Single(await Take(watch, 1));
    }

    [Fact]
    public async Task A_slow_watch_gets_the_newest_news_and_the_number_of_missed_ones()
    {
        _options.MaxWatchedNews = 2;
        FakeFeeds.Silo silo = _feeds.Start("a");
        await using SessionWatch watch = await Watch();
        Session[] sessions = [.. Enumerable.Range(0, 5).Select(_ => FakeCluster.SessionOf(Guid.NewGuid(), SessionStatus.Live))];

        await silo.Send([.. sessions.Select(session => Told(session))]);

        Assert.Equal(sessions[^2..], (await Take(watch, 2)).Select(news => news.Session));
        Assert.Equal(3, watch.Gaps);
    }

    [Fact]
    public async Task A_disposed_watch_ends_and_the_silos_stop_sending()
    {
        FakeFeeds.Silo silo = _feeds.Start("a");
        SessionWatch watch = await Watch();
        await silo.Send(Told(FakeCluster.SessionOf(Guid.NewGuid(), SessionStatus.Live)));

        await watch.DisposeAsync();
        await watch.DisposeAsync();

        Assert.Single(await All(watch));
        await Until(() => !silo.IsWatched);
    }

    [Fact]
    public async Task A_watch_ends_when_the_host_stops_and_no_new_one_starts()
    {
        FakeFeeds.Silo silo = _feeds.Start("a");
        await using SessionWatch watch = await Watch();

        await _follower!.StopAsync(CancellationToken.None);

        Assert.Empty(await All(watch));
        Assert.False(silo.IsWatched);
        await Assert.ThrowsAsync<InvalidOperationException>(Watch);
    }

    [Fact]
    public async Task A_watch_that_waits_for_silos_is_canceled_when_the_host_stops()
    {
        _feeds.Start("a").IsDead = true;
        Task<SessionWatch> waiting = Watch();

        await _follower!.StopAsync(CancellationToken.None);

        await Assert.ThrowsAsync<InvalidOperationException>(() => waiting);
    }

    [Fact]
    public async Task A_watch_fails_as_unavailable_when_the_retry_time_is_over()
    {
        _feeds.Start("a").IsDead = true;
        Task<SessionWatch> waiting = Watch();

        _clock.Advance(_options.Patience);

        await Assert.ThrowsAsync<SessionsUnavailableException>(() => waiting);
    }

    [Fact]
    public async Task A_canceled_watch_stops_waiting_for_silos()
    {
        _feeds.Start("a").IsDead = true;
        using CancellationTokenSource cancel = new();
        Task<SessionWatch> waiting = Watch(cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task A_failed_lookup_of_silos_is_reported_as_a_gap_and_does_not_end_the_watch()
    {
        FakeFeeds.Silo silo = _feeds.Start("a");
        await using SessionWatch watch = await Watch();

        // No reason to end the host that watches, whatever it is.
        int looks = _feeds.Looks;
        _feeds.Fault = new NotSupportedException("odd");
        _clock.Advance(_options.RenewWatches);
        await Until(() => _feeds.Looks > looks);
        _feeds.Fault = null;
        await Renew(silo);
        await silo.Send(Told(FakeCluster.SessionOf(Guid.NewGuid(), SessionStatus.Live)));

        Assert.Single(await Take(watch, 1));
        Assert.Equal(1, watch.Gaps);
    }

    public async ValueTask DisposeAsync()
    {
        if (_follower is not null)
        {
            await _follower.StopAsync(CancellationToken.None);
            _follower.Dispose();
        }
    }

    private Task<SessionWatch> Watch() => Watch(CancellationToken.None);

    private Task<SessionWatch> Watch(CancellationToken cancellation)
    {
        if (_follower is null)
        {
            _follower = new SessionFollower(_feeds.Feeds, Options.Create(_options), _clock, NullLogger<SessionFollower>.Instance);
            _ = _follower.StartAsync(CancellationToken.None);
        }

        return _follower.Watch(cancellation);
    }

    /// <summary>Has the subscriptions renewed, and waits until the silo has been asked and its answer taken.</summary>
    private async Task Renew(FakeFeeds.Silo silo)
    {
        int before = silo.Renewals;
        _clock.Advance(_options.RenewWatches);
        await Until(() => silo.Renewals > before);
        await using SessionWatch next = await Watch();
    }

    private static async Task Until(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Yield();
        }
    }

    private static LiveNews Told(Session session, bool began = false) => new("game", session, began);

    private static ValueTask<SessionNews[]> Take(SessionWatch watch, int count) => watch.Take(count).ToArrayAsync();

    private static ValueTask<SessionNews[]> All(SessionWatch watch) => watch.ToArrayAsync();
}
