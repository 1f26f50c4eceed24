using Orleans.Concurrency;
using Orleans.Placement;
using Sessions.Client.Projects;
using Sessions.Domain;
using Sessions.Domain.Folding;
using Sessions.Domain.Replay.Clicks;
using Sessions.Silo.Live;
using Sessions.Silo.Membership;
using Sessions.Silo.PersonData;

namespace Sessions.Silo.Sessions;

/// <summary>
/// One session: it numbers the events that it takes, folds them, and answers when the journal has committed them.
/// <see cref="SessionMachine"/> decides, and <see cref="SessionActivation"/> performs the decisions.
/// </summary>
/// <remarks>Reentrant, so that calls interleave as <see cref="SessionActivation"/> expects.</remarks>
[GrainType("session"), Reentrant, PreferLocalPlacement]
internal sealed class SessionGrain(
    SessionPorts ports,
    SessionErasure erasure,
    ProjectCache<SessionRules> projects,
    LiveFeed feed,
    Wakefulness wakefulness)
    : Grain, ISessionGrain, ISessionWriter, ISessionHost
{
    private SessionActivation? _activation;
    private NearSession? _near;

    private SessionActivation Activation => _activation ??= new(SessionKey.Parse(this.GetPrimaryKeyString()), this, ports);

    private SessionKey Key => Activation.Key;

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _near?.Close();
        if (_activation is not null)
        {
            // Orleans has waited for messages only.
            await _activation.Settled();
        }
    }

    public Task<Session?> Get() => Activation.Get();

    public Task<SessionStanding?> GetStanding() => GetStandingSince(number: 0);

    public Task<SessionStanding?> GetStandingSince(int number) => Activation.GetStandingSince(number);

    public Task<bool> HasTaken(UserDeviceKey device, Guid eventId) => Activation.HasTaken(device, eventId);

    public Task<bool> HasTakenSame(UserDeviceKey device, PlacedEvent sent) => Activation.HasTakenSame(device, sent);

    public Task<AppendResult> Append(DeviceEpoch caller, DateTimeOffset receivedAt, IReadOnlyList<PlacedEvent> events) =>
        Append(new AppendRequest(caller, receivedAt, events));

    public Task<AppendResult> AppendExpected(DeviceEpoch caller, DateTimeOffset receivedAt, IReadOnlyList<PlacedEvent> events) =>
        Append(new AppendRequest(caller, receivedAt, events, isExpected: true));

    public Task<EndResult> End(DeviceEpoch caller, EndReason reason, DateTimeOffset? closedAt) =>
        Activation.End(caller, reason, closedAt);

    public Task<bool> ForgetReplay() => Activation.ForgetReplay();

    public Task<bool> SetReplayClicks(byte[] found) =>
        ReplayClicks.TryRead(found, out ReplayClicks? clicks) ? Activation.SetReplayClicks(clicks) : Task.FromResult(false);

    public Task Forget(PersonDeletion deletion) => Activation.Forget(() => erasure.Erase(Key, deletion));

    ValueTask ISessionHost.EnsureMember() => wakefulness.IsSure();

    ValueTask<SessionRules> ISessionHost.ReadRules() => projects.Of(Key.Project);

    void ISessionHost.Publish(SessionState state, SessionRules rules, bool wasLive)
    {
        if (feed.IsWatched(Key.Project))
        {
            feed.Publish(Key, state, rules, wasLive);
        }
    }

    void ISessionHost.Deactivate() => DeactivateOnIdle();

    private async Task<AppendResult> Append(AppendRequest request)
    {
        _near ??= new NearSession(Activation, ports.Clock);
        _near.Messaged();
        return await Activation.Append(request) with { Near = _near };
    }
}
