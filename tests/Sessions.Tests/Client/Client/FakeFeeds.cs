using System.Collections.Concurrent;
using Sessions.Client.Live;

namespace Sessions.Tests.Client.Client;

/// <summary>The live feeds of silos that a test starts, ends and has send.</summary>
internal sealed class FakeFeeds
{
    private readonly ConcurrentDictionary<string, Silo> _silos = [];

    /// <summary>Fails the look for silos while it is set.</summary>
    public Exception? Fault { get; set; }

    /// <summary>How often somebody looked.</summary>
    public int Looks { get; private set; }

    public LiveFeeds Feeds => new(
        watcher => watcher,
        _ => Look(),
        key => _silos[key]);

    public Silo Start(string key) => _silos[key] = new Silo(key);

    public void End(Silo silo) => _silos.TryRemove(silo.Key, out _);

    private Task<IReadOnlyList<string>> Look()
    {
        Exception? fault = Fault;
        Looks++;
        return fault is null ? Task.FromResult<IReadOnlyList<string>>([.. _silos.Keys]) : Task.FromException<IReadOnlyList<string>>(fault);
    }

    /// <summary>A silo's feed, which numbers what it sends as the real one does.</summary>
    public sealed class Silo(string key) : ILiveFeedGrain
    {
        private ILiveWatcher? _watcher;
        private long _number;

        public string Key => key;

        public bool IsDead { get; set; }

        public int Renewals { get; private set; }

        public bool IsWatched => _watcher is not null;

        public Task<long> Subscribe(ILiveWatcher watcher, IReadOnlyList<string> projects)
        {
            if (IsDead)
            {
                return Task.FromException<long>(new SiloUnavailableException());
            }

            Renewals++;
            long sent = _watcher is null ? 0 : _number;
            _number = _watcher is null ? 1 : _number;
            _watcher = watcher;
            return Task.FromResult(sent);
        }

        public Task Unsubscribe(ILiveWatcher watcher)
        {
            _watcher = null;
            return Task.CompletedTask;
        }

        public Task Send(params LiveNews[] news) => _watcher!.Take(new LiveBatch(key, ++_number, news));

        /// <summary>What is sent now does not come.</summary>
        public void Lose() => _number++;

        /// <summary>The subscription was not renewed in time.</summary>
        public void Forget() => _watcher = null;
    }
}
