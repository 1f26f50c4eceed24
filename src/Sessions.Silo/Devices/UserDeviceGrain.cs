using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Client.Projects;
using Sessions.Client.Tracking;
using Sessions.Domain;
using Sessions.Domain.Devices;
using Sessions.Domain.Folding;
using Sessions.Silo.Membership;
using Sessions.Silo.PersonData;
using Sessions.Silo.Rows;
using Sessions.Silo.Sessions;

namespace Sessions.Silo.Devices;

/// <summary>
/// One user-device: decides which session an event belongs to, and ends its live session when it idles.
/// <see cref="Device"/> decides, <see cref="DeviceActivation"/> performs the decisions, and this grain connects them to
/// Orleans. It calls only sessions, and devices to which sessions are handed over.
/// </summary>
[GrainType(DeviceReminder.GrainType)]
internal sealed class UserDeviceGrain(
    IDeviceStore store,
    GrainFinder<ISessionWriter> sessions,
    IOptions<SessionOptions> options,
    ProjectCache<SessionRules> projects,
    IForgottenPersons forgotten,
    Wakefulness wakefulness,
    TimeProvider clock,
    GrainMetrics metrics,
    ILogger<UserDeviceGrain> log)
    : Grain, IUserDeviceGrain, IDeviceReset, IDeviceHeir, IDeviceRecall, IRemindable, IDeviceHost
{
    private UserDeviceKey _key;
    private DeviceActivation _device = null!;
    private IGrainTimer? _timer;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = UserDeviceKey.Parse(this.GetPrimaryKeyString());
        _device = new DeviceActivation(_key, this, store, forgotten, options.Value.MaxTrackEvents, clock, metrics, log);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _device.OnDeactivate();
        return Task.CompletedTask;
    }

    public Task<TrackReceipt> Track(IReadOnlyList<SessionEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return _device.Track(events);
    }

    public Task<Session?> GetLiveSession() => _device.GetLiveSession();

    public Task<Session?> Reset() => _device.Reset(sessionId: null);

    public Task<Session?> Reset(Guid sessionId) => _device.Reset(sessionId);

    public Task<bool> Expect(long erasureGeneration) => _device.Expect(erasureGeneration);

    public Task Inherit(SessionStanding standing) => _device.Inherit(standing);

    public Task Recall() => _device.Recall();

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (await _device.OnReminder())
        {
            return;
        }

        if (await this.GetReminder(reminderName) is { } left)
        {
            await this.UnregisterReminder(left);
        }

        DeactivateOnIdle();
    }

    ValueTask IDeviceHost.IsMember() => wakefulness.IsSure();

    ValueTask<SessionRules> IDeviceHost.Rules() => projects.Of(_key.Project);

    ISessionWriter IDeviceHost.Session(Guid sessionId) => sessions.Find(SessionKey.Create(_key.Project, sessionId));

    Task<Session?> IDeviceHost.Read(Guid sessionId) =>
        GrainFactory.GetGrain<ISessionGrain>(SessionKey.Create(_key.Project, sessionId)).Get();

    IDeviceHeir IDeviceHost.Device(UserDeviceKey device) => GrainFactory.GetGrain<IDeviceHeir>(device);

    void IDeviceHost.SetTimer(TimeSpan due)
    {
        if (_timer is null)
        {
            _timer = this.RegisterGrainTimer(_device.OnTimer, new GrainTimerCreationOptions(due, Timeout.InfiniteTimeSpan));
        }
        else
        {
            _timer.Change(due, Timeout.InfiniteTimeSpan);
        }
    }

    void IDeviceHost.Deactivate() => DeactivateOnIdle();
}
