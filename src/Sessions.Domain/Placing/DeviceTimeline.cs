using System.Collections.Immutable;

namespace Sessions.Domain;

/// <summary>The sessions that a device knows, ordered by start: its latest ones, and whether there are older.</summary>
/// <param name="Sessions">Ordered by start, then id.</param>
/// <param name="IsComplete">Whether the device has no session besides these.</param>
public sealed record DeviceTimeline(ImmutableArray<KnownSession> Sessions, bool IsComplete)
{
    /// <summary>
    /// The most sessions a device keeps in memory; older ones are looked up when an event asks for them. Live ones
    /// are kept beyond it, since nobody else would end them.
    /// </summary>
    public const int MaxSessions = 16;

    /// <summary>A device without sessions.</summary>
    public static readonly DeviceTimeline Empty = new([], true);

    public static DeviceTimeline Of(IEnumerable<KnownSession> sessions, bool isComplete) =>
        new([.. sessions.OrderBy(session => session.Start).ThenBy(session => session.SessionId)], isComplete);

    /// <summary>The live session that goes on: of several the one with the latest event.</summary>
    public KnownSession? Live
    {
        get
        {
            KnownSession? live = null;
            foreach (KnownSession session in Sessions)
            {
                if (session.IsLive && (live is null || session.End >= live.End))
                {
                    live = session;
                }
            }

            return live;
        }
    }

    /// <summary>Live sessions that a later one has replaced: they are to end.</summary>
    public IEnumerable<KnownSession> Replaced
    {
        get
        {
            KnownSession? live = Live;
            return Sessions.Where(session => session.IsLive && session.SessionId != live!.SessionId);
        }
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

    /// <summary>Whether an event of that time may belong to a session older than those in memory.</summary>
    public bool NeedsOlder(DateTimeOffset time) =>
        !IsComplete && (Sessions.IsEmpty || time - Sessions[0].Start < Sessions[0].IdleTimeout);

    /// <summary>The sessions within their idle timeout of that time.</summary>
    public IEnumerable<KnownSession> Near(DateTimeOffset time) => Sessions.Where(session =>
        session.Start - time <= session.IdleTimeout && time - session.End <= session.IdleTimeout);

    /// <summary>The same with a session added or replaced; the oldest ended one goes when there are too many.</summary>
    public DeviceTimeline With(KnownSession session)
    {
        ImmutableArray<KnownSession>.Builder sessions = ImmutableArray.CreateBuilder<KnownSession>(Sessions.Length + 1);
        sessions.AddRange(Sessions.Where(known => known.SessionId != session.SessionId));
        int at = 0;
        while (at < sessions.Count && Before(sessions[at], session))
        {
            at++;
        }

        sessions.Insert(at, session);
        if (sessions.Count <= MaxSessions)
        {
            return this with { Sessions = sessions.ToImmutable() };
        }

        int oldest = 0;
        while (oldest < sessions.Count && sessions[oldest].IsLive)
        {
            oldest++;
        }

        if (oldest == sessions.Count)
        {
            return this with { Sessions = sessions.ToImmutable() };
        }

        sessions.RemoveAt(oldest);
        return new DeviceTimeline(sessions.ToImmutable(), IsComplete: false);
    }

    /// <summary>The same without a session that turned out to be another device's.</summary>
    public DeviceTimeline Without(Guid sessionId) =>
        this with { Sessions = Sessions.RemoveAll(session => session.SessionId == sessionId) };

    private static bool Before(KnownSession left, KnownSession right)
    {
        int byStart = left.Start.CompareTo(right.Start);
        return byStart < 0 || (byStart == 0 && left.SessionId.CompareTo(right.SessionId) < 0);
    }
}
