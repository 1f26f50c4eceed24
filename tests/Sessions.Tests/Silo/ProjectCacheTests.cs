using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Sessions.Client.Projects;

namespace Sessions.Tests.Silo;

public sealed class ProjectCacheTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ConcurrentQueue<string> _reads = [];
    private readonly ProjectCache<string> _cache;
    private ProjectSettings? _stored = Settings(1, "first");

    public ProjectCacheTests()
    {
        _cache = new ProjectCache<string>(
            Find, settings => settings.Name, Options.Create(new ProjectOptions()), _time, NullLogger<ProjectCache<string>>.Instance);
    }

    [Fact]
    public async Task Simultaneous_callers_share_one_read_and_later_callers_are_answered_from_memory()
    {
        string[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _cache.Of("shop").AsTask()));

        Assert.All(answers, answer => Assert.Equal("first", answer));
        Task<string> later = _cache.Of("shop").AsTask();
        Assert.True(later.IsCompletedSuccessfully);
        Assert.InRange(_reads.Count, 1, 2);
    }

    [Fact]
    public async Task A_change_made_elsewhere_is_seen_at_the_next_refresh()
    {
        await _cache.StartAsync(default);
        await _cache.Of("shop");
        _stored = Settings(2, "second");

        await Until(async () => await _cache.Of("shop") == "second");
    }

    [Fact]
    public async Task Settings_that_the_store_lacks_after_a_failover_are_given_up()
    {
        await _cache.StartAsync(default);
        _stored = Settings(2, "second");
        await _cache.Of("shop");
        _stored = Settings(1, "first");

        await Until(async () => await _cache.Of("shop") == "first");
    }

    [Fact]
    public async Task Known_settings_are_used_while_they_cannot_be_read_again()
    {
        await _cache.StartAsync(default);
        await _cache.Of("shop");
        _stored = null;

        await Look();
        await Look();

        Assert.Equal("first", await _cache.Of("shop"));
        await Assert.ThrowsAsync<SessionsUnavailableException>(async () => await _cache.Of("never seen here"));

        _stored = Settings(2, "back");
        await Until(async () => await _cache.Of("shop") == "back");
        Assert.Equal("back", await _cache.Of("never seen here"));
    }

    [Fact]
    public async Task A_local_change_applies_at_once_and_an_older_read_does_not_undo_it()
    {
        await _cache.Of("shop");

        Assert.Equal("second", _cache.Learn("shop", Settings(2, "second")));
        Assert.Equal("second", _cache.Learn("shop", Settings(1, "first")));

        Assert.Equal("second", await _cache.Of("shop"));
    }

    [Fact]
    public async Task A_project_without_requests_is_removed_from_the_cache()
    {
        await _cache.StartAsync(default);
        await _cache.Of("shop");
        _time.Advance(new ProjectOptions().ForgetAfter + TimeSpan.FromSeconds(1));
        _stored = Settings(2, "second");

        // Known values are answered at once; what was forgotten is read again.
        await Until(() => Task.FromResult(!_cache.Knows("shop")));
        Assert.Equal("second", await _cache.Of("shop"));
    }

    public async ValueTask DisposeAsync()
    {
        await _cache.StopAsync(default);
        _cache.Dispose();
    }

    private Task<ProjectSettings> Find(string project)
    {
        _reads.Enqueue(project);
        return _stored is { } settings
            ? Task.FromResult(settings)
            : Task.FromException<ProjectSettings>(new TimeoutException());
    }

    /// <summary>
    /// Lets one look happen and waits for it. The clock must not run ahead of the cache, which forgets what nobody
    /// has asked for in a while.
    /// </summary>
    private async Task Look()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        int before = _reads.Count;
        _time.Advance(new ProjectOptions().Refresh);
        while (_reads.Count == before)
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Lets one look after another happen until it is so.</summary>
    private async Task Until(Func<Task<bool>> isSo)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await isSo())
        {
            deadline.Token.ThrowIfCancellationRequested();
            _time.Advance(new ProjectOptions().Refresh);
            await Task.Yield();
        }
    }

    internal static ProjectSettings Settings(long version, string name) => new()
    {
        Version = version,
        Name = name,
        TimeZone = "UTC",
        WeekStart = DayOfWeek.Monday,
        IdleTimeout = TimeSpan.FromMinutes(30),
        BounceDuration = TimeSpan.FromSeconds(10),
        ChannelRules = [],
        AiChannel = false,
        IgnoredReferrers = [],
        BotFilter = true,
        InternalHosts = [],
        RetentionDays = 0,
        Replay = new ReplaySettings
        {
            Enabled = true,
            SampleRate = 1,
            MinimumDuration = TimeSpan.Zero,
            Console = false,
            RetentionDays = 0,
        },
    };
}
