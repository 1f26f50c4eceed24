using Sessions.Domain;
using Sessions.Domain.Folding;

namespace Sessions.Silo.Live;

/// <summary> A silo's unsent changes: one for each session, with its latest state. Not thread-safe. </summary>
internal sealed class UnsentChanges(int most)
{
    private readonly Dictionary<SessionKey, Unsent> _sessions = [];

    public bool IsEmpty => _sessions.Count == 0;

    /// <summary>Queues a session's change.</summary>
    /// <param name="session">The session.</param>
    /// <param name="state">Its state now.</param>
    /// <param name="rules">The project's rules, from which the session's properties are computed.</param>
    /// <param name="wasLive">Whether the session was live before this change.</param>
    /// <returns>False when the queue is full and the session's start or end is lost.</returns>
    public bool Add(SessionKey session, SessionState state, SessionRules rules, bool wasLive)
    {
        bool isKnown = _sessions.TryGetValue(session, out Unsent known);
        if (!isKnown && _sessions.Count >= most)
        {
            // A session that goes on will have more changes. Its start and its end are sent only once, so losing one
            // matters.
            return wasLive && state.Status == SessionStatus.Live;
        }

        // Subscribers know the session as it was before the first unsent change.
        _sessions[session] = new Unsent(state, rules, isKnown ? known.WasLive : wasLive);
        return true;
    }

    /// <summary>Removes and returns at most that many changes: first the sessions that start or end.</summary>
    public IReadOnlyList<LiveNews> Take(int count)
    {
        IEnumerable<KeyValuePair<SessionKey, Unsent>> next = _sessions.Count <= count
            ? _sessions
            : _sessions.OrderByDescending(unsent => unsent.Value.IsStartOrEnd).Take(count);
        LiveNews[] news = [.. next.Select(unsent => unsent.Value.ToNews(unsent.Key))];
        foreach (LiveNews taken in news)
        {
            _sessions.Remove(SessionKey.Create(taken.Project, taken.Session.SessionId));
        }

        return news;
    }

    public void Clear() => _sessions.Clear();

    private readonly record struct Unsent(SessionState State, SessionRules Rules, bool WasLive)
    {
        /// <summary>Whether the session starts or ends with this change.</summary>
        public bool IsStartOrEnd => !WasLive || State.Status != SessionStatus.Live;

        public LiveNews ToNews(SessionKey key) => new(key.Project, SessionView.Of(key.SessionId, State, Rules), !WasLive);
    }
}
