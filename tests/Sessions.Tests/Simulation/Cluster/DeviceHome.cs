using Microsoft.Extensions.Logging.Abstractions;
using Sessions.Domain;
using Sessions.Silo;
using Sessions.Silo.Devices;
using Sessions.Silo.Sessions;
using Sessions.Tests.Silo.Activations;

namespace Sessions.Tests.Simulation.Cluster;

/// <summary>The place of a device's activation: what <c>UserDeviceGrain</c> is in the product.</summary>
internal sealed class DeviceHome : Activation, IDeviceHost
{
    private const int MaxEvents = 1_000;
    private static readonly GrainMetrics Metrics = new(new TestMeters());

    private readonly UserDeviceKey _key;
    private int _timer;

    public DeviceHome(SimulatedSilo silo, GrainKey key)
        : base(silo, key)
    {
        _key = UserDeviceKey.OfDevice(SimulatedRun.Project, key.Device!);
        Device = new DeviceActivation(
            _key, this, silo.Store, silo.Ports.Openings, Nobody.Forgotten, MaxEvents, silo.Process.Clock, Metrics, NullLogger.Instance);
    }

    public DeviceActivation Device { get; }

    private SimulatedCluster Cluster => Silo.Cluster;

    ValueTask IDeviceHost.IsMember() => Silo.EnsureMember();

    ValueTask<SessionRules> IDeviceHost.Rules() => ValueTask.FromResult(Cluster.Rules);

    ISessionWriter IDeviceHost.Session(Guid sessionId) => GrainCalls.Session(Silo, sessionId);

    Task<Session?> IDeviceHost.Read(Guid sessionId) => Cluster.Call(
        Silo.Process, Silo, new GrainKey(null, sessionId), "Get", interleaves: true, static activation => ((SessionHome)activation).Session.Get());

    IDeviceHeir IDeviceHost.Device(UserDeviceKey device) => GrainCalls.Heir(Silo, device);

    void IDeviceHost.SetTimer(TimeSpan due)
    {
        int timer = ++_timer;
        Cluster.Scheduler.After(due, () =>
        {
            if (timer == _timer && !IsGone)
            {
                Deliver(new TimerCall(Device));
            }
        });
    }

    void IDeviceHost.Deactivate() => Leave();

    protected override void OnGone()
    {
        _timer++;
        Device.OnDeactivate();
    }

    private sealed class TimerCall(DeviceActivation device) : GrainCall(interleaves: false)
    {
        public override bool IsExpired => false;

        public override async Task Run(Activation activation)
        {
            try
            {
                await device.OnTimer();
            }
            catch (Exception failure) when (failure is TimeoutException or SiloUnavailableException)
            {
                // Orleans logs it.
            }
            catch (Exception failure)
            {
                activation.Silo.Cluster.Unexpected.Add($"The timer of {activation.Key} failed: {failure}");
            }
        }

        public override void SendOn()
        {
            // A timer goes with its activation.
        }
    }
}
