using Sessions.Domain;

namespace Sessions.Grains;

/// <summary>
/// The news of a silo that wait to be sent, one for each session: however much happens to a session, the latest state is
/// all that is told. Not for several threads at once.
/// </summary>
internal sealed class WaitingNews(int most)
{
    private readonly Dictionary<SessionKey, Waiting> _sessions = [];

    public bool IsEmpty => _sessions.Count == 0;

    /// <summary>Takes news of a session.</summary>
    /// <param name="session">The session.</param>
    /// <param name="state">Its state now.</param>
    /// <param name="rules">By which people see it.</param>
    /// <param name="wasLive">Whether it was live when it was told of last.</param>
    /// <returns>False when there is no room and something is lost by that.</returns>
    public bool Add(SessionKey session, SessionState state, SessionRules rules, bool wasLive)
    {
        bool isKnown = _sessions.TryGetValue(session, out Waiting known);
        if (!isKnown && _sessions.Count >= most)
        {
            // Of a session that goes on there will be more; that it has begun or ended is said once.
            return wasLive && state.Status == SessionStatus.Live;
        }

        // What it was before the first of the news that wait is what its watchers know.
        _sessions[session] = new Waiting(state, rules, isKnown ? known.WasLive : wasLive);
        return true;
    }

    /// <summary>Takes out at most so many, those that begin or end first.</summary>
    public IReadOnlyList<LiveNews> Take(int count)
    {
        IEnumerable<KeyValuePair<SessionKey, Waiting>> next = _sessions.Count <= count
            ? _sessions
            : _sessions.OrderByDescending(waiting => waiting.Value.IsTurn).Take(count);
        LiveNews[] news = [.. next.Select(waiting => waiting.Value.ToNews(waiting.Key))];
        foreach (LiveNews taken in news)
        {
            _sessions.Remove(SessionKey.Create(taken.Project, taken.Session.SessionId));
        }

        return news;
    }

    public void Clear() => _sessions.Clear();

    private readonly record struct Waiting(SessionState State, SessionRules Rules, bool WasLive)
    {
        /// <summary>Whether it begins or ends.</summary>
        public bool IsTurn => !WasLive || State.Status != SessionStatus.Live;

        public LiveNews ToNews(SessionKey key) => new(key.Project, SessionView.Of(key.SessionId, State, Rules), !WasLive);
    }
}
