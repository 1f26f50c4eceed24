using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Sessions.Domain;
using Sessions.Domain.Folding;
using Sessions.Domain.Tests.Folding;
using Sessions.Silo.Live;

namespace Sessions.Tests.Silo;

/// <summary>What a silo sends to its watchers, however slowly they read.</summary>
public sealed class LiveFeedTests : IAsyncLifetime
{
    private const string Project = "watched";
    private static readonly SessionRules Rules = new();
    private readonly StartedClock _clock = new();
    private readonly LiveOptions _options = new() { MaxWaiting = 3 };
    private readonly Watcher _quick = new();
    private readonly Watcher _slow = new() { Answer = new TaskCompletionSource() };
    private LiveFeed _feed = null!;

    public async ValueTask InitializeAsync()
    {
        _feed = new LiveFeed(new TestSilo(), Options.Create(_options), _clock, NullLogger<LiveFeed>.Instance);
        await _feed.StartAsync(CancellationToken.None);
        // It starts on a thread of its own: what goes by before it has its timer would be no time for it.
        await _clock.HasTimer.Task;
        _feed.Subscribe(_quick, [Project]);
        _feed.Subscribe(_slow, [Project]);
    }

    public async ValueTask DisposeAsync()
    {
        await _feed.StopAsync(CancellationToken.None);
        _feed.Dispose();
    }

    [Fact]
    public async Task A_slow_watcher_gets_everything_when_it_is_ready()
    {
        LiveBatch first = await Happens("first");
        Assert.Equal(first.Number, (await _slow.Batches.Reader.ReadAsync()).Number);
        await Happens("second");
        await Happens("third");

        _slow.Answer!.SetResult();
        await Happens("fourth");

        LiveBatch next = await _slow.Batches.Reader.ReadAsync();
        Assert.Equal(first.Number + 1, next.Number);
        Assert.Equal(["second", "third", "fourth"], next.News.Select(news => news.Session.DistinctId));
    }

    [Fact]
    public async Task A_too_slow_watcher_misses_the_oldest_news_and_gets_a_gap()
    {
        LiveBatch first = await Happens("first");
        await _slow.Batches.Reader.ReadAsync();
        foreach (string name in (string[])["second", "third", "fourth", "fifth"])
        {
            await Happens(name);
        }

        _slow.Answer!.SetResult();
        await Happens("sixth");

        LiveBatch next = await _slow.Batches.Reader.ReadAsync();
        Assert.Equal(first.Number + 2, next.Number);
        Assert.Equal(["fourth", "fifth", "sixth"], next.News.Select(news => news.Session.DistinctId));
    }

    /// <summary>A session begins, and is told of; who is quick has it when this completes.</summary>
    private async Task<LiveBatch> Happens(string name)
    {
        SessionState state = Folded.Of(new Happened("e", 0) { DistinctId = name });
        _feed.Publish(SessionKey.Create(Project, Guid.CreateVersion7()), state, Rules, wasLive: false);
        _clock.Advance(_options.Pace);
        return await _quick.Batches.Reader.ReadAsync();
    }

    private sealed class StartedClock : FakeTimeProvider
    {
        public TaskCompletionSource HasTimer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ITimer timer = base.CreateTimer(callback, state, dueTime, period);
            HasTimer.TrySetResult();
            return timer;
        }
    }

    private sealed class Watcher : ILiveWatcher
    {
        public Channel<LiveBatch> Batches { get; } = Channel.CreateUnbounded<LiveBatch>();

        /// <summary>What completes its calls; null when they do at once.</summary>
        public TaskCompletionSource? Answer { get; init; }

        public Task Take(LiveBatch batch)
        {
            Batches.Writer.TryWrite(batch);
            return Answer?.Task ?? Task.CompletedTask;
        }
    }
}
