using Microsoft.Extensions.Logging.Abstractions;
using Sessions.Domain;
using Sessions.Domain.Folding;
using Sessions.Silo;
using Sessions.Silo.Devices;
using Sessions.Silo.PersonData;
using Sessions.Silo.Sessions;

namespace Sessions.Tests.Silo.Activations;

/// <summary>
/// A device that has one session, on another silo: the session finds nothing of what the device knows.
/// </summary>
internal static class LoneDevice
{
    public static DeviceActivation Of(
        UserDeviceKey device, SessionActivation session, IDeviceStore store, SessionRules rules, TimeProvider clock) => new(
        device,
        new Host(session, rules),
        store,
        new SessionOpenings(),
        Nobody.Forgotten,
        maxEvents: 100,
        clock,
        new GrainMetrics(new TestMeters()),
        NullLogger.Instance);

    // Private, because Orleans takes any other class with a grain's interface for a grain.
    private sealed class Host(SessionActivation session, SessionRules rules) : IDeviceHost, ISessionWriter
    {
        public ValueTask IsMember() => ValueTask.CompletedTask;

        public ValueTask<SessionRules> Rules() => ValueTask.FromResult(rules);

        public ISessionWriter Session(Guid sessionId) => this;

        public Task<Session?> Read(Guid sessionId) => session.Get();

        public IDeviceHeir Device(UserDeviceKey device) => throw new NotSupportedException("There is one device.");

        public void SetTimer(TimeSpan due)
        {
        }

        public void Deactivate()
        {
        }

        public Task<AppendResult> Append(DeviceEpoch caller, DateTimeOffset receivedAt, IReadOnlyList<PlacedEvent> events) =>
            session.Append(new AppendRequest(caller, receivedAt, events));

        public Task<AppendResult> AppendExpected(DeviceEpoch caller, DateTimeOffset receivedAt, IReadOnlyList<PlacedEvent> events) =>
            session.Append(new AppendRequest(caller, receivedAt, events, isExpected: true));

        public Task<EndResult> End(DeviceEpoch caller, EndReason reason, DateTimeOffset? closedAt) => session.End(caller, reason, closedAt);

        public Task<SessionStanding?> GetStanding() => session.GetStandingSince(0);

        public Task<bool> SetReplayClicks(byte[] found) => throw new NotSupportedException("Nothing is recorded.");

        public Task<SessionStanding?> GetStandingSince(int number) => session.GetStandingSince(number);

        public Task<bool> HasTaken(UserDeviceKey device, Guid eventId) => session.HasTaken(device, eventId);

        public Task<bool> HasTakenSame(UserDeviceKey device, PlacedEvent sent) => session.HasTakenSame(device, sent);

        public Task Forget(PersonDeletion deletion) => throw new NotSupportedException("Nobody is deleted.");
    }
}
