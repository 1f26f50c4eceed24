using Sessions.SystemTests.Traffic;

namespace Sessions.SystemTests.Audit;

/// <summary>
/// Which session each event should be in: the one it names, and for a visitor that names none by the gaps between the
/// events and by resets.
/// </summary>
public static class Placing
{
    /// <summary>What is not where it belongs.</summary>
    public static IEnumerable<string> Faults(IReadOnlyCollection<StoredEvent> stored, WriterRecords records, TimeSpan idleTimeout)
    {
        foreach (StoredEvent e in stored.Where(e => records.Sent.ContainsKey(e.EventId)))
        {
            SentEvent made = records.Sent[e.EventId];
            if (made.SessionId is { } named && Guid.Parse(named) != e.SessionId)
            {
                yield return $"{made} is in session {e.SessionId}";
            }

            if (made.Timestamp.UtcDateTime != e.Timestamp)
            {
                yield return $"{made} is stored at {e.Timestamp:O}";
            }
        }

        ILookup<string, Reset> resets = records.Resets.ToLookup(reset => reset.Visitor);
        foreach (var visitor in stored.Where(e => records.Sent.ContainsKey(e.EventId)).GroupBy(e => records.Sent[e.EventId].Visitor))
        {
            if (visitor.All(e => records.Sent[e.EventId].SessionId is null))
            {
                foreach (string fault in ServerMade(visitor, [.. resets[visitor.Key]], idleTimeout))
                {
                    yield return fault;
                }
            }
        }
    }

    private static IEnumerable<string> ServerMade(IGrouping<string, StoredEvent> visitor, Reset[] resets, TimeSpan idleTimeout)
    {
        StoredEvent[] inOrder = StoredEvent.InOrder(visitor);
        foreach ((StoredEvent before, StoredEvent after) in inOrder.Zip(inOrder.Skip(1)))
        {
            bool isSame = before.SessionId == after.SessionId;
            bool isFar = after.Timestamp - before.Timestamp > idleTimeout;
            bool mayBeReset = resets.Any(reset => reset.Asked <= after.Timestamp && reset.Answered >= before.Timestamp);
            if (isSame && isFar)
            {
                yield return $"{visitor.Key}: {before.Timestamp:O} and {after.Timestamp:O} are in one session, {before.SessionId}";
            }
            else if (!isSame && !isFar && !mayBeReset)
            {
                yield return $"{visitor.Key}: {before.Timestamp:O} is in session {before.SessionId}, {after.Timestamp:O} in {after.SessionId}";
            }
        }

        foreach (Reset reset in resets.Where(reset => reset.IsSure))
        {
            StoredEvent? before = inOrder.LastOrDefault(e => e.Timestamp < reset.Asked);
            StoredEvent? after = inOrder.FirstOrDefault(e => e.Timestamp > reset.Answered);
            if (before is not null && after is not null && before.SessionId == after.SessionId)
            {
                yield return $"{visitor.Key}: session {before.SessionId} goes on after its reset at {reset.Asked:O}";
            }
        }
    }
}
