
namespace Sessions.Domain.Tests.Placing;

/// <summary>
/// The placing rules once more, as plainly as they can be said: it keeps every event of every session for ever and
/// looks at all of them for each new one.
/// </summary>
internal sealed class NaiveDevice(TimeSpan projectTimeout)
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    private readonly List<NaiveSession> _sessions = [];
    private int _clock;

    /// <summary>Which session has each event, by the session's place in the order of their making.</summary>
    public Dictionary<Guid, int> SessionOf { get; } = [];

    public NaiveDevice Play(IEnumerable<Delivery> deliveries)
    {
        foreach (Delivery delivery in deliveries)
        {
            EndWhatIsOver(delivery.Now);
            foreach (Sent sent in delivery.Events)
            {
                if (!SessionOf.ContainsKey(sent.Id))
                {
                    Take(sent, delivery.Now);
                }
            }

            // One call's events are one arrival for what ends.
            EndWhatIsOver(delivery.Now);
            if (delivery.Then == Then.Reset && Current() is { } current)
            {
                current.IsLive = false;
                current.IsOver = true;
                current.ResetAt = delivery.Now > current.Last ? delivery.Now : current.Last;
            }
        }

        return this;
    }

    private void Take(Sent sent, DateTimeOffset now)
    {
        NaiveSession? session = sent.Client is { } named
            ? _sessions.Find(one => one.ClientId == named)
            : Place(sent.Time, sent.Person);
        if (session is null)
        {
            session = new NaiveSession { Number = _clock++, FirstId = sent.Id, ClientId = sent.Client, ProjectTimeout = projectTimeout };
            _sessions.Add(session);
        }

        session.Events.Add(sent);
        if (now - sent.Time <= session.IdleTimeout && !session.IsOver)
        {
            session.IsLive = true;
            session.ActiveAt = now;
        }

        SessionOf.Add(sent.Id, session.Number);
    }

    private NaiveSession? Place(DateTimeOffset time, string? person)
    {
        NaiveSession[] ordered = Ordered();
        NaiveSession[] open = [.. ordered.Where(session => MayTake(ordered, session, time, person))];
        return open.FirstOrDefault(session => session.Covers(time) && session.ClientId is not null)
            ?? open.FirstOrDefault(session => session.Covers(time))
            ?? open.FirstOrDefault();
    }

    private bool MayTake(NaiveSession[] ordered, NaiveSession session, DateTimeOffset time, string? person)
    {
        NaiveSession[] before = [.. ordered.TakeWhile(other => other != session)];
        NaiveSession[] after = [.. ordered.Skip(before.Length + 1)];
        string? owner = PersonOf(ordered, session);
        if ((person is not null && owner is not null && person != owner) || time > session.ResetAt)
        {
            return false;
        }

        if (session.Covers(time))
        {
            return true;
        }

        bool isNear = session.Events.Any(sent => (sent.Time - time).Duration() <= session.IdleTimeout);
        bool isShort = session.Events.All(sent => (sent.Time - time).Duration() <= Longest);
        bool overAReset = before.Any(other => time <= other.ResetAt && other.ResetAt <= session.First);
        bool overAnother = after.Any(other =>
            time > session.Last
            && time > other.First
            && other.Last >= session.Last
            && (other.ClientId is not null || (owner is not null && other.Person is { } theirs && theirs != owner)));
        return isNear && isShort && !(time < session.First && overAReset) && !overAnother;
    }

    /// <summary>Who the device had in a session: who was identified in it, else who was before; a reset forgets.</summary>
    private static string? PersonOf(NaiveSession[] ordered, NaiveSession session)
    {
        int index = Array.IndexOf(ordered, session);
        int forgotten = Array.FindLastIndex(ordered, index, index + 1, one => one != session && one.ResetAt is not null);
        return ordered[(forgotten + 1)..(index + 1)].LastOrDefault(one => one.Person is not null)?.Person;
    }

    private NaiveSession[] Ordered() => [.. _sessions.OrderBy(session => session.First).ThenBy(session => session.Id)];

    private NaiveSession? Current() => Ordered().LastOrDefault(session => session.IsLive);

    private void EndWhatIsOver(DateTimeOffset now)
    {
        foreach (NaiveSession idle in _sessions.Where(session => now - session.ActiveAt >= session.IdleTimeout))
        {
            idle.IsLive = false;
        }

        NaiveSession[] ordered = Ordered();
        NaiveSession? current = Current();
        foreach (NaiveSession replaced in ordered.Where(session => session.IsLive && session != current).ToArray())
        {
            replaced.IsLive = false;
            string? owner = PersonOf(ordered, replaced);
            bool isAnotherUser = owner is not null && current!.Person is not null && current.Person != owner;
            bool isIdle = current!.First - replaced.Last > replaced.IdleTimeout;
            bool isTooLong = current.First - replaced.First > Longest;
            replaced.IsOver = !isIdle && (current.ClientId is not null || isTooLong || isAnotherUser);
        }
    }

    private sealed class NaiveSession
    {
        public required int Number { get; init; }
        public required Guid FirstId { get; init; }
        public required Guid? ClientId { get; init; }
        public required TimeSpan ProjectTimeout { get; init; }
        public List<Sent> Events { get; } = [];
        public DateTimeOffset? ResetAt { get; set; }
        public DateTimeOffset ActiveAt { get; set; }
        public bool IsLive { get; set; }

        /// <summary>It has ended for good.</summary>
        public bool IsOver { get; set; }

        public Guid Id => ClientId ?? Sessions.Domain.Devices.ServerSessionId.Create(
            UserDeviceKey.Create("shop", "anonymous", "device"), Events[0].Time, FirstId);

        /// <summary>The longest that its events say, at most ten hours.</summary>
        public TimeSpan IdleTimeout => Events.Max(sent => sent.IdleTimeout) is { } longest
            ? TimeSpan.FromHours(Math.Min(10, longest.TotalHours))
            : ProjectTimeout;

        public DateTimeOffset First => Events.Min(sent => sent.Time);

        public DateTimeOffset Last => Events.Max(sent => sent.Time);

        public string? Person => Events.Where(sent => sent.Person is not null).OrderBy(sent => sent.Time).ThenBy(sent => sent.SenderOrder).ThenBy(sent => sent.Id).FirstOrDefault()?.Person;

        public bool Covers(DateTimeOffset time) => First <= time && time <= Last;
    }
}
