using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Client.Projects;
using Sessions.Client.Tracking;
using Sessions.Domain;
using Sessions.Domain.Devices;
using Sessions.Domain.Folding;
using Sessions.Silo.Membership;
using Sessions.Silo.Near;
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
    NearDevices near,
    SessionOpenings openings,
    ILogger<UserDeviceGrain> log)
    : Grain, IUserDeviceGrain, IDeviceReset, IDeviceHeir, IDeviceRecall, IRemindable, IDeviceHost
{
    private readonly Turns _turns = new();
    private UserDeviceKey _key;
    private DeviceActivation _device = null!;
    private NearDevice? _near;
    private NearSession? _session;
    private IGrainTimer? _timer;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = UserDeviceKey.Parse(this.GetPrimaryKeyString());
        _device = new DeviceActivation(_key, this, store, openings, forgotten, options.Value.MaxTrackEvents, clock, metrics, log);
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_near is not null)
        {
            near.Remove(_near);
            _near.Close();
        }

        // Orleans has waited for messages only.
        await _turns.Begin();
        _device.OnDeactivate();
    }

    public Task<TrackReceipt> Track(IReadOnlyList<SessionEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (_near is null)
        {
            _near = new NearDevice(_key, _device, _turns, clock);
            near.Add(_near);
        }

        _near.Messaged();
        return InTurn(() => _device.Track(events));
    }

    public Task<Session?> GetLiveSession() => _device.GetLiveSession();

    public Task<Session?> Reset() => InTurn(() => _device.Reset(sessionId: null));

    public Task<Session?> Reset(Guid sessionId) => InTurn(() => _device.Reset(sessionId));

    public Task<bool> Expect(long erasureGeneration) => _device.Expect(erasureGeneration);

    public Task Inherit(SessionStanding standing) => _device.Inherit(standing);

    public Task Recall() => InTurn(async () =>
    {
        await _device.Recall();
        return true;
    });

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (await InTurn(_device.OnReminder))
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

    async Task<AppendResult> IDeviceHost.Append(
        Guid sessionId, DeviceEpoch caller, DateTimeOffset receivedAt, IReadOnlyList<PlacedEvent> events, bool isExpected)
    {
        if (_session is { IsOpen: true } session && session.SessionId == sessionId
            && await session.Append(new AppendRequest(caller, receivedAt, events, isExpected)) is { } taken)
        {
            return taken;
        }

        AppendResult result = await sessions.Find(SessionKey.Create(_key.Project, sessionId)).Append(caller, receivedAt, events, isExpected);
        _session = result.Near;
        return result;
    }

    Task<Session?> IDeviceHost.Read(Guid sessionId) =>
        GrainFactory.GetGrain<ISessionGrain>(SessionKey.Create(_key.Project, sessionId)).Get();

    IDeviceHeir IDeviceHost.Device(UserDeviceKey device) => GrainFactory.GetGrain<IDeviceHeir>(device);

    void IDeviceHost.SetTimer(TimeSpan due)
    {
        if (_timer is null)
        {
            _timer = this.RegisterGrainTimer(OnTimer, new GrainTimerCreationOptions(due, Timeout.InfiniteTimeSpan));
        }
        else
        {
            _timer.Change(due, Timeout.InfiniteTimeSpan);
        }
    }

    void IDeviceHost.Deactivate() => DeactivateOnIdle();

    private Task OnTimer() => InTurn(async () =>
    {
        await _device.OnTimer();
        return true;
    });

    private async Task<T> InTurn<T>(Func<Task<T>> call)
    {
        await _turns.Begin();
        try
        {
            return await call();
        }
        finally
        {
            _turns.End();
        }
    }
}
