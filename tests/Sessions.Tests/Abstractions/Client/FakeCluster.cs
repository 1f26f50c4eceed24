using System.Collections.Concurrent;

namespace Sessions.Tests.Abstractions.Client;

/// <summary>Grains that remember who called them, and answer what a test wants.</summary>
internal sealed class FakeCluster
{
    /// <summary>Every attempt to track, in the order of their coming.</summary>
    public ConcurrentQueue<(string Device, IReadOnlyList<SessionEvent> Events)> Tracked { get; } = [];

    /// <summary>What an attempt to track does, given how many came before it; null stands for taking everything.</summary>
    public Func<int, Task>? OnTrack { get; set; }

    /// <summary>What a reset does before it ends the live session.</summary>
    public Func<Task>? OnReset { get; set; }

    public Session? Live { get; set; }

    public int Resets { get; private set; }

    public SessionGrains Grains => new(key => new Device(this, key), key => new Kept(key));

    public static Session SessionOf(Guid id, SessionStatus status) => new()
    {
        SessionId = id,
        StartTimestamp = DateTimeOffset.UnixEpoch,
        EndTimestamp = DateTimeOffset.UnixEpoch,
        DistinctId = "ada",
        EntryAdIds = new Dictionary<string, string>(),
        Status = status,
    };

    private sealed class Device(FakeCluster all, string key) : IUserDeviceGrain
    {
        public async Task<TrackReceipt> Track(IReadOnlyList<SessionEvent> events)
        {
            all.Tracked.Enqueue((key, [.. events]));
            await (all.OnTrack?.Invoke(all.Tracked.Count - 1) ?? Task.CompletedTask);
            return new TrackReceipt([.. events.Select(tracked => new EventReceipt(tracked.Id, EventOutcome.New, Guid.Empty))]);
        }

        public Task<Session?> GetLiveSession() => Task.FromResult(all.Live);

        public async Task<Session?> Reset()
        {
            all.Resets++;
            Session? ended = all.Live;
            all.Live = null;
            await (all.OnReset?.Invoke() ?? Task.CompletedTask);
            return ended is null ? null : SessionOf(ended.SessionId, SessionStatus.Ended);
        }
    }

    private sealed class Kept(SessionKey key) : ISessionGrain
    {
        public Task<Session?> Get() => Task.FromResult<Session?>(SessionOf(key.SessionId, SessionStatus.Ended));

        public Task<bool> ForgetReplay() => Task.FromResult(false);
    }
}
