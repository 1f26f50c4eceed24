using System.Collections.Concurrent;

namespace Sessions.Tests.Capture;

/// <summary>User-devices that remember their calls, and answer what a test wants.</summary>
internal sealed class FakeDevices
{
    public ConcurrentQueue<(string Device, IReadOnlyList<SessionEvent> Events)> Calls { get; } = [];

    /// <summary>What a call does, given how many came before it; null stands for taking everything.</summary>
    public Func<int, IReadOnlyList<SessionEvent>, Task<TrackReceipt>>? Answer { get; set; }

    public IUserDeviceGrain Find(UserDeviceKey key) => new Device(this, key);

    public static EventReceipt Receipt(SessionEvent tracked, EventOutcome outcome = EventOutcome.New, string? reason = null) =>
        new(tracked.Id, outcome, Guid.Empty, reason);

    private sealed class Device(FakeDevices all, string key) : IUserDeviceGrain
    {
        public Task<TrackReceipt> Track(IReadOnlyList<SessionEvent> events)
        {
            all.Calls.Enqueue((key, events));
            return all.Answer is { } answer
                ? answer(all.Calls.Count - 1, events)
                : Task.FromResult(new TrackReceipt([.. events.Select(tracked => Receipt(tracked))]));
        }

        public Task<Session?> GetLiveSession() => throw new NotSupportedException();

        public Task<Session?> Reset() => throw new NotSupportedException();
    }
}
