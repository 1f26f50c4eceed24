using System.Diagnostics;
using Microsoft.Extensions.Options;
using Sessions.Client.Calls;
using Sessions.Client.Tracking;

namespace Sessions;

/// <summary>The client: groups events by device, calls the grains and retries.</summary>
internal sealed class SessionsClient(
    SessionGrains grains,
    HedgedCall calls,
    DeviceTracking tracking,
    EventQueue queue,
    SessionFollower follower,
    IOptions<SessionsClientOptions> options,
    TimeProvider time)
    : ISessionsClient
{
    /// <summary>The name of the activity source of the client's spans.</summary>
    public const string ActivitySourceName = "Sessions.Client";

    internal static readonly ActivitySource Source = new(ActivitySourceName);

    private readonly SessionsClientOptions _options = options.Value;
    private readonly TrackedOneByOne _oneByOne = new(time);

    public Task<TrackReceipt> Track(IReadOnlyList<SessionEvent> events, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(events);
        return tracking.Track(Settled(events), cancellation);
    }

    public async Task<EventReceipt> Track(SessionEvent happened, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(happened);
        return (await Track([_oneByOne.InOrder(happened)], cancellation)).Events[0];
    }

    public ValueTask Enqueue(SessionEvent happened, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(happened);
        SessionEvent ordered = _oneByOne.InOrder(happened);
        return queue.Add(ordered.Timestamp is null ? ordered with { Timestamp = time.GetUtcNow() } : ordered, cancellation);
    }

    public Task Flush(CancellationToken cancellation = default) => queue.Flush(cancellation);

    public async Task<Session?> GetLiveSession(string distinctId, string? deviceId = null, CancellationToken cancellation = default)
    {
        using Activity? activity = Source.StartActivity("sessions.get_live", ActivityKind.Client);
        IUserDeviceGrain device = grains.Device(Key(distinctId, deviceId));
        return await calls.Make(() => device.GetLiveSession(), time.GetTimestamp(), cancellation);
    }

    public async Task<Session?> Reset(string distinctId, string? deviceId = null, CancellationToken cancellation = default)
    {
        using Activity? activity = Source.StartActivity("sessions.reset", ActivityKind.Client);
        UserDeviceKey key = Key(distinctId, deviceId);
        IUserDeviceGrain device = grains.Device(key);
        IDeviceReset reset = grains.Reset(key);
        long started = time.GetTimestamp();
        return await SafeReset.Make(
            () => calls.Make(() => device.GetLiveSession(), started, cancellation),
            session => calls.Make(() => reset.Reset(session), started, cancellation));
    }

    public async Task<Session?> GetSession(Guid sessionId, CancellationToken cancellation = default)
    {
        using Activity? activity = Source.StartActivity("sessions.get", ActivityKind.Client);
        ISessionGrain session = grains.Session(SessionKey.Create(_options.Project, sessionId));
        return await calls.Make(() => session.Get(), time.GetTimestamp(), cancellation);
    }

    public Task<SessionWatch> Watch(CancellationToken cancellation = default) => follower.Watch(cancellation);

    private UserDeviceKey Key(string distinctId, string? deviceId) => UserDeviceKey.Create(_options.Project, distinctId, deviceId);

    /// <summary>
    /// Fills in times and order numbers before the first attempt, so that every attempt sends the same events, however
    /// they are split into calls. Without this, an event without a time would get a new time with each attempt, and an
    /// event without a number would get its index in its call.
    /// </summary>
    private SessionEvent[] Settled(IReadOnlyList<SessionEvent> events)
    {
        DateTimeOffset now = time.GetUtcNow();
        bool byPlace = SenderOrders.AreOfTheList(events);
        return
        [
            .. events.Select((happened, place) => happened with
            {
                Timestamp = happened.Timestamp ?? now,
                SenderOrder = byPlace ? place : happened.SenderOrder,
            }),
        ];
    }
}
