using Sessions.Domain.Folding;
using Sessions.Silo.Devices;
using Sessions.Silo.PersonData;
using Sessions.Silo.Sessions;

namespace Sessions.Tests.Simulation.Cluster;

/// <summary>
/// What a device calls of other grains, as messages. The classes are private: Orleans takes any other class with a grain's
/// interface for a grain, also in the tests that run real silos.
/// </summary>
internal static class GrainCalls
{
    public static ISessionWriter Session(SimulatedSilo caller, Guid sessionId) => new SessionCalls(caller, sessionId);

    public static IDeviceHeir Heir(SimulatedSilo caller, UserDeviceKey device) => new HeirCalls(caller, device);

    private sealed class SessionCalls(SimulatedSilo caller, Guid sessionId) : ISessionWriter
    {
        public Task<AppendResult> Append(DeviceEpoch device, DateTimeOffset receivedAt, IReadOnlyList<PlacedEvent> events) =>
            Call("Append", session => session.Append(new AppendRequest(device, receivedAt, events)));

        public Task<AppendResult> AppendExpected(DeviceEpoch device, DateTimeOffset receivedAt, IReadOnlyList<PlacedEvent> events) =>
            Call("AppendExpected", session => session.Append(new AppendRequest(device, receivedAt, events, isExpected: true)));

        public Task<EndResult> End(DeviceEpoch device, EndReason reason, DateTimeOffset? closedAt) =>
            Call("End", session => session.End(device, reason, closedAt));

        public Task<SessionStanding?> GetStanding() => GetStandingSince(0);

        public Task<SessionStanding?> GetStandingSince(int number) =>
            Call("GetStanding", session => session.GetStandingSince(caller.Cluster.Switches.StandingSinceNumber ? number : 0));

        public Task<bool> HasTaken(UserDeviceKey device, Guid eventId) => Call("HasTaken", session => session.HasTaken(device, eventId));

        public Task<bool> HasTakenSame(UserDeviceKey device, PlacedEvent sent) =>
            Call("HasTakenSame", session => session.HasTakenSame(device, sent));

        public Task<bool> SetReplayClicks(byte[] found) => throw new NotSupportedException("Nothing is recorded in the simulation.");

        public Task Forget(PersonDeletion deletion) => throw new NotSupportedException("Nobody is deleted in the simulation.");

        private Task<T> Call<T>(string what, Func<SessionActivation, Task<T>> run) => caller.Cluster.Call(
            caller.Process, caller, new GrainKey(null, sessionId), what, interleaves: true, activation => run(((SessionHome)activation).Session));
    }

    private sealed class HeirCalls(SimulatedSilo caller, UserDeviceKey device) : IDeviceHeir
    {
        public Task<bool> Expect(long erasureGeneration) => Call("Expect", heir => heir.Expect(erasureGeneration));

        public Task Inherit(SessionStanding standing) => Call("Inherit", async heir =>
        {
            await heir.Inherit(standing);
            return true;
        });

        private Task<T> Call<T>(string what, Func<DeviceActivation, Task<T>> run) => caller.Cluster.Call(
            caller.Process, caller, new GrainKey(device.Device, default), what, interleaves: true, activation => run(((DeviceHome)activation).Device));
    }
}
