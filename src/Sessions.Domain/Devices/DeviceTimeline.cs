using System.Collections.Immutable;
using Sessions.Domain.Folding;

namespace Sessions.Domain.Devices;

/// <summary>
/// The sessions that a device has in memory, ordered by start, and the time up to which its older sessions may take
/// events.
/// </summary>
/// <param name="Sessions">Ordered by start, then id.</param>
/// <param name="OthersUntil">
/// Sessions that are not in memory take no event after this time; the minimum value when there are none.
/// </param>
public sealed record DeviceTimeline(ImmutableArray<SessionStanding> Sessions, DateTimeOffset OthersUntil)
{
    /// <summary>
    /// The most sessions that a device keeps in memory. Older ones are read when an event needs them. The number is
    /// large, so that a device's past can be sent again in any order and rarely needs rows, which are some seconds
    /// behind. Live sessions are kept beyond this number, because only the device ends them.
    /// </summary>
    public const int MaxSessions = 256;

    /// <summary>
    /// The most provisional live sessions of a device. Beyond it, the sessions that were silent for the longest time
    /// end as idle; the next recording makes such a session live again.
    /// </summary>
    public const int MaxProvisional = 64;

    /// <summary>A device without sessions.</summary>
    public static readonly DeviceTimeline Empty = new([], DateTimeOffset.MinValue);

    /// <summary>Makes a timeline of sessions in any order.</summary>
    public static DeviceTimeline Of(IEnumerable<SessionStanding> sessions, DateTimeOffset othersUntil) =>
        new([.. sessions.OrderBy(session => session.Start).ThenBy(session => session.SessionId)], othersUntil);

    /// <summary>
    /// The time up to which sessions that began at or before a time may take events. A client's session may be longer
    /// than a server-assigned one; such a long session is not found behind many later ones, unless an event names it.
    /// </summary>
    public static DateTimeOffset ReachOf(DateTimeOffset start, SessionRules rules) =>
        Later(start, SessionRules.MaxLength + rules.IdleTimeout);

    /// <summary>
    /// The live session that continues: if there are several, the one that began last. The latest event does not
    /// decide: when a client's last request for one session arrives after its first request for the next, the next
    /// session still continues. A provisional session continues only when there is no other.
    /// </summary>
    public SessionStanding? Live
    {
        get
        {
            SessionStanding? provisional = null;
            for (int i = Sessions.Length - 1; i >= 0; i--)
            {
                if (Sessions[i] is { IsLive: true } live)
                {
                    if (!live.IsProvisional)
                    {
                        return live;
                    }

                    provisional ??= live;
                }
            }

            return provisional;
        }
    }

    /// <summary>Live sessions that must end because of others: a later session has replaced them, or too many are provisional.</summary>
    public IEnumerable<SessionStanding> Replaced
    {
        get
        {
            SessionStanding? live = Live;
            return Sessions
                .Where(session => session.IsLive && !session.IsProvisional && session.SessionId != live!.SessionId)
                .Concat(Sessions
                    .Where(session => session.IsLive && session.IsProvisional)
                    .OrderByDescending(session => session.LastActivityAt)
                    .Skip(MaxProvisional));
        }
    }

    /// <summary>The sessions that an event may be placed in, or that say where others end.</summary>
    public ImmutableArray<SessionStanding> Own
    {
        get
        {
            foreach (SessionStanding session in Sessions)
            {
                if (session.IsProvisional)
                {
                    return Sessions.RemoveAll(one => one.IsProvisional);
                }
            }

            return Sessions;
        }
    }

    /// <summary>When the first live session becomes idle without further events; null when none is live.</summary>
    public DateTimeOffset? IdlesAt
    {
        get
        {
            DateTimeOffset? first = null;
            foreach (SessionStanding session in Sessions)
            {
                if (session.IsLive && !(session.IdlesAt >= first))
                {
                    first = session.IdlesAt;
                }
            }

            return first;
        }
    }

    /// <summary>Whether any live session has been without activity for its idle timeout.</summary>
    public bool HasIdle(DateTimeOffset now)
    {
        foreach (SessionStanding session in Sessions)
        {
            if (session.IsIdle(now))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether a live session must end: it is idle, a later one has replaced it, or too many are provisional.
    /// </summary>
    public bool HasEnds(DateTimeOffset now)
    {
        int live = 0;
        int provisional = 0;
        foreach (SessionStanding session in Sessions)
        {
            if (session.IsIdle(now))
            {
                return true;
            }

            live += session is { IsLive: true, IsProvisional: false } ? 1 : 0;
            provisional += session is { IsLive: true, IsProvisional: true } ? 1 : 0;
        }

        return live > 1 || provisional > MaxProvisional;
    }

    /// <summary>Finds a session by its id; null when it is not in memory.</summary>
    public SessionStanding? Find(Guid sessionId)
    {
        foreach (SessionStanding session in Sessions)
        {
            if (session.SessionId == sessionId)
            {
                return session;
            }
        }

        return null;
    }

    /// <summary>Whether an event of that time may belong to a session that is not in memory.</summary>
    public bool NeedsOthers(DateTimeOffset time) => time <= OthersUntil;

    /// <summary>
    /// A copy with a session added or replaced. When there are too many, the oldest ended session is removed.
    /// </summary>
    public DeviceTimeline With(SessionStanding session) => WithAlso(session).Bounded();

    /// <summary>
    /// A copy with a session added or replaced, and all others kept: sessions that a call's events open exist only here
    /// until the call is complete.
    /// </summary>
    public DeviceTimeline WithAlso(SessionStanding session)
    {
        for (int i = 0; i < Sessions.Length; i++)
        {
            if (Sessions[i].SessionId == session.SessionId
                && (i == 0 || Before(Sessions[i - 1], session))
                && (i == Sessions.Length - 1 || Before(session, Sessions[i + 1])))
            {
                // The usual case: the session keeps its place.
                return this with { Sessions = Sessions.SetItem(i, session) };
            }
        }

        ImmutableArray<SessionStanding>.Builder sessions = ImmutableArray.CreateBuilder<SessionStanding>(Sessions.Length + 1);
        sessions.AddRange(Sessions.Where(known => known.SessionId != session.SessionId));
        int at = 0;
        while (at < sessions.Count && Before(sessions[at], session))
        {
            at++;
        }

        sessions.Insert(at, session);
        return this with { Sessions = sessions.ToImmutable() };
    }

    private DeviceTimeline Bounded()
    {
        if (Sessions.Length <= MaxSessions)
        {
            return this;
        }

        int oldest = 0;
        while (oldest < Sessions.Length && Sessions[oldest].IsLive)
        {
            oldest++;
        }

        if (oldest == Sessions.Length)
        {
            return this;
        }

        DateTimeOffset reach = ReachOf(Sessions[oldest]);
        return new DeviceTimeline(Sessions.RemoveAt(oldest), reach > OthersUntil ? reach : OthersUntil);
    }

    /// <summary>A copy without a session that belongs to another device.</summary>
    public DeviceTimeline Without(Guid sessionId) =>
        this with { Sessions = Sessions.RemoveAll(session => session.SessionId == sessionId) };

    private static DateTimeOffset ReachOf(SessionStanding session)
    {
        DateTimeOffset reach = Later(session.End, session.IdleTimeout);
        return session.ClosedAt > reach ? session.ClosedAt.Value : reach;
    }

    private static DateTimeOffset Later(DateTimeOffset time, TimeSpan by) =>
        time > DateTimeOffset.MaxValue - by ? DateTimeOffset.MaxValue : time + by;

    private static bool Before(SessionStanding left, SessionStanding right)
    {
        int byStart = left.Start.CompareTo(right.Start);
        return byStart < 0 || (byStart == 0 && left.SessionId.CompareTo(right.SessionId) < 0);
    }
}
