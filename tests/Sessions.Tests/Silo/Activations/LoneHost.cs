using Sessions.Domain;
using Sessions.Domain.Folding;
using Sessions.Silo.Sessions;

namespace Sessions.Tests.Silo.Activations;

/// <summary>A silo that is always a member, and whose live sessions nobody watches.</summary>
internal sealed class LoneHost(SessionRules rules) : ISessionHost
{
    public ValueTask EnsureMember() => ValueTask.CompletedTask;

    public ValueTask<SessionRules> ReadRules() => ValueTask.FromResult(rules);

    public void Publish(SessionState state, SessionRules rules, bool wasLive)
    {
    }

    public void Deactivate()
    {
    }
}
