namespace Sessions;

/// <summary>Decides the order of events in one list that have the same time.</summary>
internal static class SenderOrders
{
    /// <summary>
    /// Whether the order of the list applies: all events have 0 as their <see cref="SessionEvent.SenderOrder"/>. If any
    /// event has another number, the sender's numbers apply, and 0 is a number like any other.
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
