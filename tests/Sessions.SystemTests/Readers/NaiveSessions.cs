namespace Sessions.SystemTests.Readers;

/// <summary>The session rules for events without a session id, as plainly as they can be said.</summary>
public static class NaiveSessions
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    /// <summary>All that a reader did, sorted, and cut at each gap and each session that is too long.</summary>
    public static IReadOnlyList<Reading[]> Cut(IEnumerable<Reading> log, TimeSpan idleTimeout)
    {
        List<Reading[]> sessions = [];
        foreach (var reader in log.GroupBy(reading => reading.Reader))
        {
            List<Reading> session = [];
            foreach (Reading reading in reader.OrderBy(reading => reading.At))
            {
                bool isOver = session.Count > 0
                    && (reading.At - session[^1].At > idleTimeout || reading.At - session[0].At > Longest);
                if (isOver)
                {
                    sessions.Add([.. session]);
                    session.Clear();
                }

                session.Add(reading);
            }

            sessions.Add([.. session]);
        }

        return sessions;
    }

    /// <summary>
    /// One after the other as they come: a reading joins the session that covers its time, else one within the timeout
    /// that it does not make too long, of several the earliest, else it opens one. Sessions never become one.
    /// </summary>
    public static IReadOnlyList<Reading[]> AsTheyCome(IEnumerable<Reading> log, TimeSpan idleTimeout)
    {
        List<Reading[]> sessions = [];
        foreach (var reader in log.GroupBy(reading => reading.Reader))
        {
            List<Open> open = [];
            foreach (Reading reading in reader)
            {
                Open? joined = open.Where(session => session.Covers(reading.At)).MinBy(session => session.From)
                    ?? open.Where(session => session.IsNear(reading.At, idleTimeout) && session.LengthWith(reading.At) <= Longest)
                        .MinBy(session => session.From);
                if (joined is null)
                {
                    joined = new Open();
                    open.Add(joined);
                }

                joined.Readings.Add(reading);
            }

            sessions.AddRange(open.Select(session => session.Readings.ToArray()));
        }

        return sessions;
    }

    private sealed class Open
    {
        public List<Reading> Readings { get; } = [];

        public DateTimeOffset From => Readings.Min(reading => reading.At);

        public DateTimeOffset To => Readings.Max(reading => reading.At);

        public bool Covers(DateTimeOffset at) => From <= at && at <= To;

        public bool IsNear(DateTimeOffset at, TimeSpan idleTimeout) => From - at <= idleTimeout && at - To <= idleTimeout;

        public TimeSpan LengthWith(DateTimeOffset at) => (at > To ? at : To) - (at < From ? at : From);
    }
}
