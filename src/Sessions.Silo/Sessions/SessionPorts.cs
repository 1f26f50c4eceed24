using Sessions.Silo.Damage;
using Sessions.Silo.Journal;
using Sessions.Silo.PersonData;

namespace Sessions.Silo.Sessions;

/// <summary>The stores and the clock that all sessions of a silo share, and the place to report what can't be read.</summary>
internal sealed record SessionPorts(
    IJournal Journal,
    ISessionStore Store,
    IForgottenPersons Erased,
    TimeProvider Clock,
    SessionOpenings Openings,
    DamagedSessions? Damaged = null)
{
    /// <summary>
    /// Whether a person was erased after a time. The delegate is allocated once for all sessions of the silo.
    /// </summary>
    public Func<string, string, DateTimeOffset, bool> IsErased { get; } = Erased.Covers;
}
