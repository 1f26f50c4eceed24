namespace Sessions.Capture;

/// <summary>The result of a request.</summary>
/// <param name="Refusal">
/// Why the request was refused. Null when events were accepted, or when the project filters all of them.
/// </param>
/// <param name="Dropped">The dropped events, in the body's order.</param>
/// <param name="Warnings">The events that were kept with a change.</param>
internal sealed record CaptureOutcome(
    CaptureRefusal? Refusal, IReadOnlyList<EventNote> Dropped, IReadOnlyList<EventNote> Warnings)
{
    /// <summary>How many events are durable.</summary>
    public int Kept { get; private init; }

    /// <summary>The outcome when the parser found nothing usable.</summary>
    public static CaptureOutcome Refused(CaptureVerdict.Refused refused) => new(refused.Refusal, refused.Dropped, []);

    /// <summary>
    /// The outcome when the project filters all events. The request is correct, so the answer is no error: a 400 would
    /// make developers look for a fault, and would tell a bot that it was recognized.
    /// </summary>
    public static CaptureOutcome AllFiltered(IEnumerable<EventNote> dropped) =>
        new(null, [.. dropped.OrderBy(note => note.Index)], []);

    /// <summary>The outcome when all events that are left are dropped for one reason. It is no error either.</summary>
    public static CaptureOutcome AllDropped(CaptureVerdict.Taken batch, string reason) =>
        AllFiltered([.. batch.Dropped, .. batch.Events.Select(one => new EventNote(one.Index, reason))]);

    /// <summary>Combines the results of the earlier steps and of the devices.</summary>
    /// <param name="taken">The events that were tracked, and those that were dropped before.</param>
    /// <param name="receipts">A receipt for each event.</param>
    public static CaptureOutcome Of(CaptureVerdict.Taken taken, IReadOnlyList<EventReceipt> receipts)
    {
        if (IsAllUnchanged(taken, receipts))
        {
            return new CaptureOutcome(null, [], []) { Kept = receipts.Count };
        }

        SortedDictionary<int, EventNote> dropped = ByIndex(taken.Dropped);
        SortedDictionary<int, EventNote> warnings = ByIndex(taken.Warnings);
        int kept = 0;
        foreach (EventNote note in taken.Dropped)
        {
            warnings.Remove(note.Index);
        }

        for (int i = 0; i < receipts.Count; i++)
        {
            (int index, EventReceipt receipt) = (taken.Events[i].Index, receipts[i]);
            if (receipt.Outcome == EventOutcome.Invalid)
            {
                dropped[index] = new EventNote(index, receipt.Reason ?? DropReason.InvalidProperties);
                warnings.Remove(index);
                continue;
            }

            kept++;
            if (receipt.Reason is string reason)
            {
                // The parser's warning comes first: it is the cause when the event is in another session.
                warnings.TryAdd(index, new EventNote(index, reason));
            }
        }

        CaptureRefusal? refusal = kept > 0 ? null : CaptureRefusal.Malformed("The body holds no usable event.");
        return new CaptureOutcome(refusal, InOrder(dropped), InOrder(warnings)) { Kept = kept };
    }

    /// <summary>Whether all events were kept unchanged, which is the common case.</summary>
    private static bool IsAllUnchanged(CaptureVerdict.Taken taken, IReadOnlyList<EventReceipt> receipts)
    {
        bool hasNothing = receipts.Count > 0 && taken.Dropped.Count == 0 && taken.Warnings.Count == 0;
        for (int i = 0; i < receipts.Count && hasNothing; i++)
        {
            hasNothing = receipts[i].Outcome != EventOutcome.Invalid && receipts[i].Reason is null;
        }

        return hasNothing;
    }

    private static SortedDictionary<int, EventNote> ByIndex(IReadOnlyList<EventNote> notes)
    {
        var byIndex = new SortedDictionary<int, EventNote>();
        foreach (EventNote note in notes)
        {
            byIndex.Add(note.Index, note);
        }

        return byIndex;
    }

    private static IReadOnlyList<EventNote> InOrder(SortedDictionary<int, EventNote> notes) =>
        notes.Count == 0 ? [] : [.. notes.Values];
}
