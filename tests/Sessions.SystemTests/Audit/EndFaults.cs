namespace Sessions.SystemTests.Audit;

/// <summary>What is wrong with the ends of sessions in the journal. It reads no database, as <see cref="StoredFaults"/>.</summary>
public static class EndFaults
{
    private const int EndEntry = 2;

    /// <summary>
    /// No session ended twice within one period of activity, none after an end that is final, and the entries of each
    /// are numbered without a gap.
    /// </summary>
    public static IReadOnlyList<string> Of(IEnumerable<StoredEntry> all, TimeSpan idleTimeout)
    {
        List<string> faults = [];
        foreach (var session in all.GroupBy(entry => entry.Session))
        {
            StoredEntry[] entries = [.. session.OrderBy(entry => entry.Number)];
            if (!entries.Select(entry => entry.Number).SequenceEqual(Enumerable.Range(1, entries.Length)))
            {
                faults.Add($"session {session.Key} has the numbers {string.Join(' ', entries.Select(entry => entry.Number))}");
            }

            StoredEntry? end = null;
            foreach (StoredEntry entry in entries)
            {
                if (entry.Kind == EndEntry)
                {
                    if (end is not null)
                    {
                        faults.Add($"session {session.Key} ended twice: {end.Name} at {end.ReceivedAt:O}, {entry.Name} at {entry.ReceivedAt:O}");
                    }

                    end = entry;
                }
                else if (end?.Name == "idle" && entry.ReceivedAt - entry.Time <= idleTimeout)
                {
                    // A timely event revives what has idled, and only that.
                    end = null;
                }
            }
        }

        return faults;
    }
}

/// <summary>A row of the journal.</summary>
public sealed record StoredEntry(Guid Session, int Number, int Kind, string Name, DateTime Time, DateTime ReceivedAt);
