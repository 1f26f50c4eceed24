namespace Sessions;

/// <summary>Which order holds between the events of one list that have the same time.</summary>
internal static class SenderOrders
{
    /// <summary>
    /// Whether the list's own order holds: no event of it says its place. Once one does, the sender has an order of its
    /// own, in which 0 is a place like any other.
    /// </summary>
    public static bool AreOfTheList(IReadOnlyList<SessionEvent> events)
    {
        for (int i = 0; i < events.Count; i++)
        {
            if (events[i].SenderOrder != 0)
            {
                return false;
            }
        }

        return events.Count > 1;
    }
}
