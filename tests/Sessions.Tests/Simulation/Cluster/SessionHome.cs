using Sessions.Domain;
using Sessions.Domain.Folding;
using Sessions.Silo.Sessions;

namespace Sessions.Tests.Simulation.Cluster;

/// <summary>The place of a session's activation: what <c>SessionGrain</c> is in the product.</summary>
internal sealed class SessionHome : Activation, ISessionHost
{
    public SessionHome(SimulatedSilo silo, GrainKey key)
        : base(silo, key) =>
        Session = new SessionActivation(SessionKey.Create(SimulatedRun.Project, key.Session), this, silo.Ports);

    public SessionActivation Session { get; }

    ValueTask ISessionHost.EnsureMember() => Silo.EnsureMember();

    ValueTask<SessionRules> ISessionHost.ReadRules() => ValueTask.FromResult(Silo.Cluster.Rules);

    void ISessionHost.Publish(SessionState state, SessionRules rules, bool wasLive)
    {
        // Nobody watches.
    }

    void ISessionHost.Deactivate() => Leave();
}
