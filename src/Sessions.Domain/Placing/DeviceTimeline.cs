using System.Collections.Immutable;

namespace Sessions.Domain;

/// <summary>The sessions that a device knows, ordered by start: its latest ones, and until when others may matter.</summary>
/// <param name="Sessions">Ordered by start, then id.</param>
/// <param name="OthersUntil">No other session of the device takes an event after this time; the least time when there is none.</param>
public sealed record DeviceTimeline(ImmutableArray<KnownSession> Sessions, DateTimeOffset OthersUntil)
{
    /// <summary>
    /// The most sessions a device keeps in memory; older ones are looked up when an event asks for them. So many that
    /// a device's past can be sent again in any order and hardly ever needs its rows, which are some seconds behind.
    /// Live ones are kept beyond it, since nobody else would end them.
    /// </summary>
    public const int MaxSessions = 256;

    /// <summary>
    /// The most live sessions that a device keeps in trust. Of more, those that were silent for longest end as idle,
    /// which what is recorded next undoes.
    /// </summary>
    public const int MaxInTrust = 64;

    /// <summary>A device without sessions.</summary>
    public static readonly DeviceTimeline Empty = new([], DateTimeOffset.MinValue);

    public static DeviceTimeline Of(IEnumerable<KnownSession> sessions, DateTimeOffset othersUntil) =>
        new([.. sessions.OrderBy(session => session.Start).ThenBy(session => session.SessionId)], othersUntil);

    /// <summary>
    /// Until when sessions may take an event of which only the latest possible start is known. A client's session may
    /// be longer than one of the server's; such a one is not found again behind many later ones unless it is named.
    /// </summary>
    public static DateTimeOffset ReachOf(DateTimeOffset start, SessionRules rules) =>
        Later(start, SessionRules.MaxLength + rules.IdleTimeout);

    /// <summary>
    /// The live session that goes on: of several the one that began last. Not the one with the latest event: when a
    /// client's last request for one session overtakes its first for the next, the next is still the next. One in
    /// trust only when there is no other.
    /// </summary>
    public KnownSession? Live
    {
        get
        {
            KnownSession? inTrust = null;
            for (int i = Sessions.Length - 1; i >= 0; i--)
            {
                if (Sessions[i] is { IsLive: true } live)
                {
                    if (!live.IsInTrust)
                    {
                        return live;
                    }

                    inTrust ??= live;
                }
            }

            return inTrust;
        }
    }

    /// <summary>Live sessions that are to end because of others: those that a later one has replaced, and too many in trust.</summary>
    public IEnumerable<KnownSession> Replaced
    {
        get
        {
            KnownSession? live = Live;
            return Sessions
                .Where(session => session.IsLive && !session.IsInTrust && session.SessionId != live!.SessionId)
                .Concat(Sessions
                    .Where(session => session.IsLive && session.IsInTrust)
                    .OrderByDescending(session => session.LastActivityAt)
                    .Skip(MaxInTrust));
        }
    }

    /// <summary>The sessions that an event may be placed in, or that say where others end.</summary>
    public ImmutableArray<KnownSession> Own
    {
        get
        {
            foreach (KnownSession session in Sessions)
            {
                if (session.IsInTrust)
                {
                    return Sessions.RemoveAll(one => one.IsInTrust);
                }
            }

            return Sessions;
        }
    }

    /// <summary>When the first of the live sessions idles if nothing more comes; null when none is live.</summary>
    public DateTimeOffset? IdlesAt
    {
        get
        {
            DateTimeOffset? first = null;
            foreach (KnownSession session in Sessions)
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
        foreach (KnownSession session in Sessions)
        {
            if (session.IsIdle(now))
            {
                return true;
            }
        }

        return false;
    }

    public KnownSession? Find(Guid sessionId)
    {
        foreach (KnownSession session in Sessions)
        {
            if (session.SessionId == sessionId)
            {
                return session;
            }
        }

        return null;
    }

    /// <summary>Whether an event of that time may belong to a session besides those in memory.</summary>
    public bool NeedsOthers(DateTimeOffset time) => time <= OthersUntil;

    /// <summary>The sessions within their idle timeout of that time.</summary>
    public IEnumerable<KnownSession> Near(DateTimeOffset time) => Sessions.Where(session =>
        session.Start - time <= session.IdleTimeout && time - session.End <= session.IdleTimeout);

    /// <summary>The same with a session added or replaced; the oldest ended one goes when there are too many.</summary>
    public DeviceTimeline With(KnownSession session) => WithAlso(session).Bounded();

    /// <summary>
    /// The same with a session added or replaced, and all others kept: those that a call's events open are nowhere else
    /// until the call is done.
    /// </summary>
    public DeviceTimeline WithAlso(KnownSession session)
    {
        for (int i = 0; i < Sessions.Length; i++)
        {
            if (Sessions[i].SessionId == session.SessionId
                && (i == 0 || Before(Sessions[i - 1], session))
                && (i == Sessions.Length - 1 || Before(session, Sessions[i + 1])))
            {
                // It goes on where it was, as nearly all do.
                return this with { Sessions = Sessions.SetItem(i, session) };
            }
        }

        ImmutableArray<KnownSession>.Builder sessions = ImmutableArray.CreateBuilder<KnownSession>(Sessions.Length + 1);
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

    /// <summary>The same without a session that turned out to be another device's.</summary>
    public DeviceTimeline Without(Guid sessionId) =>
        this with { Sessions = Sessions.RemoveAll(session => session.SessionId == sessionId) };

    private static DateTimeOffset ReachOf(KnownSession session)
    {
        DateTimeOffset reach = Later(session.End, session.IdleTimeout);
        return session.ClosedAt > reach ? session.ClosedAt.Value : reach;
    }

    private static DateTimeOffset Later(DateTimeOffset time, TimeSpan by) =>
        time > DateTimeOffset.MaxValue - by ? DateTimeOffset.MaxValue : time + by;

    private static bool Before(KnownSession left, KnownSession right)
    {
        int byStart = left.Start.CompareTo(right.Start);
        return byStart < 0 || (byStart == 0 && left.SessionId.CompareTo(right.SessionId) < 0);
    }
}
