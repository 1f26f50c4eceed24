using System.Collections.Concurrent;
using Sessions.Client.Tracking;

namespace Sessions.Tests.Client.Client;

/// <summary>Grains that remember who called them, and answer what a test wants.</summary>
internal sealed class FakeCluster
{
    /// <summary>Every attempt to track, in the order of their coming.</summary>
    public ConcurrentQueue<(string Device, IReadOnlyList<SessionEvent> Events)> Tracked { get; } = [];

    /// <summary>What an attempt to track does, given how many came before it; null stands for taking everything.</summary>
    public Func<int, Task>? OnTrack { get; set; }

    /// <summary>What a reset does after it has ended a session.</summary>
    public Func<Task>? OnReset { get; set; }

    public Session? Live { get; set; }

    /// <summary>The sessions that were reset, in that order.</summary>
    public List<Guid> Ended { get; } = [];

    public SessionGrains Grains => new(key => new Device(this, key), key => new Device(this, key), key => new Kept(key));

    public static Session SessionOf(Guid id, SessionStatus status) => new()
    {
        SessionId = id,
        StartTimestamp = DateTimeOffset.UnixEpoch,
        EndTimestamp = DateTimeOffset.UnixEpoch,
        DistinctId = "ada",
        EntryAdIds = new Dictionary<string, string>(),
        Status = status,
    };

    private sealed class Device(FakeCluster all, string key) : IUserDeviceGrain, IDeviceReset
    {
        public async Task<TrackReceipt> Track(IReadOnlyList<SessionEvent> events)
        {
            all.Tracked.Enqueue((key, [.. events]));
            await (all.OnTrack?.Invoke(all.Tracked.Count - 1) ?? Task.CompletedTask);
            return new TrackReceipt([.. events.Select(tracked => new EventReceipt(tracked.Id, EventOutcome.New, Guid.Empty))]);
        }

        public Task<Session?> GetLiveSession() => Task.FromResult(all.Live);

        // Who loses the answer to this, or gets it late, has ended what came since.
        public Task<Session?> Reset() => throw new NotSupportedException();

        public async Task<Session?> Reset(Guid sessionId)
        {
            if (all.Live?.SessionId == sessionId)
            {
                all.Ended.Add(sessionId);
                all.Live = null;
                await (all.OnReset?.Invoke() ?? Task.CompletedTask);
            }

            return all.Ended.Contains(sessionId) ? SessionOf(sessionId, SessionStatus.Ended) : null;
        }
    }

    private sealed class Kept(SessionKey key) : ISessionGrain
    {
        public Task<Session?> Get() => Task.FromResult<Session?>(SessionOf(key.SessionId, SessionStatus.Ended));

        public Task<bool> ForgetReplay() => Task.FromResult(false);
    }
}
