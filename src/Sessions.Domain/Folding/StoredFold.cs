using Sessions.Domain.Events;
using Sessions.Domain.Replay;
using Sessions.Domain.Replay.Clicks;

namespace Sessions.Domain.Folding;

/// <summary>
/// Folds a session from what is stored. An entry that can't be read is passed over, so that it takes nothing but itself:
/// the session goes on, and so do its device and all other sessions.
/// </summary>
public static class StoredFold
{
    private static readonly Dictionary<string, EndReason> EndReasons = Enum.GetValues<EndReason>().ToDictionary(reason => reason.ToWord());

    // No client's event has such a time. Rules add timeouts to times, which must not overflow.
    private static readonly DateTimeOffset Latest = DateTimeOffset.MaxValue.AddYears(-10);

    /// <summary>Folds a stored session.</summary>
    /// <param name="stored">The stored session.</param>
    /// <param name="rules">The project's rules.</param>
    /// <returns>
    /// The state, null when the session has no entries; the number of the last entry that its row has; and what could not be
    /// read, null when all could.
    /// </returns>
    public static (SessionState? State, int InRow, SessionDamage? Damage) Of(StoredSession stored, SessionRules rules)
    {
        SessionState? state = stored.Checkpoint;
        SessionDamage? damage = stored.StateFault is { } stateFault ? new SessionDamage(stateFault) { IsOfNewerVersion = stored.IsOfNewerVersion } : null;
        int last = Math.Max(stored.Checkpoint?.Number ?? 0, stored.Row?.Number ?? 0);
        foreach (JournalEntry entry in stored.After)
        {
            last = Math.Max(last, entry.Number);
            if (state is null && entry.Kind is (EntryKind.PersonForgotten or EntryKind.ReplayClicks))
            {
                // All earlier entries were erased, and the session begins again.
                continue;
            }

            (state, string? fault) = Next(state, entry, rules);
            if (fault is not null)
            {
                damage = (damage ?? new SessionDamage(null)).With(entry.Number, fault);
            }
        }

        if (state is null && stored.Row is { } row)
        {
            // The row is all that is left. Without a state no device could end the session, and its next event would be
            // refused, because the row exists.
            return (row.ToState(last), row.Number, damage ?? new SessionDamage("its journal is empty"));
        }

        return (state, stored.Checkpoint?.Number ?? 0, damage);
    }

    /// <summary>The reason that a stored word says. A word that this version does not know counts as idle, which takes nothing away.</summary>
    public static EndReason EndReasonOf(string? word) => EndReasons.GetValueOrDefault(word ?? "", EndReason.Idle);

    private static (SessionState? State, string? Fault) Next(SessionState? state, JournalEntry entry, SessionRules rules)
    {
        if (FaultOf(state, entry) is { } fault)
        {
            return (PassedOver(state, entry), fault);
        }

        bool isReadable = IsReadable(entry, out EventFacts facts);
        try
        {
            JournalEntry known = entry.Kind == EntryKind.End && !EndReasons.ContainsKey(entry.Name)
                ? entry with { Name = EndReason.Idle.ToWord() }
                : entry;
            return (
                SessionFold.Apply(state, known, facts, rules),
                ReferenceEquals(known, entry) ? isReadable ? null : "its properties can't be read" : "its end has an unknown reason, and counts as idle");
        }
        catch (Exception unexpected) when (unexpected is not OutOfMemoryException)
        {
            // No entry that this version has written fails here.
            return (PassedOver(state, entry), unexpected.Message);
        }
    }

    /// <summary>Why an entry can't be folded at all; null when it can.</summary>
    private static string? FaultOf(SessionState? state, JournalEntry entry) => entry switch
    {
        { Kind: EntryKind.Unreadable } => entry.Name,
        { Kind: < EntryKind.NamedEvent or > EntryKind.ReplayClicks } => $"its kind {(int)entry.Kind} is unknown; a newer version may have written it",
        { Time: var time, ReceivedAt: var receivedAt } when time > Latest || receivedAt > Latest => "its time is impossible",
        { Kind: EntryKind.End or EntryKind.ReplayForgotten } when state is null => "no event is left before it",
        _ => null,
    };

    /// <summary>Its number stays taken.</summary>
    private static SessionState? PassedOver(SessionState? state, JournalEntry entry) =>
        state is null ? null : state with { Number = entry.Number };

    /// <summary>Reads the facts. Properties that can't be read say nothing, but the event counts.</summary>
    private static bool IsReadable(JournalEntry entry, out EventFacts facts)
    {
        if (entry.Kind is not (EntryKind.Replay or EntryKind.ReplayClicks))
        {
            return EventFactsReader.TryRead(entry.Properties.Span, out facts);
        }

        facts = EventFacts.None;
        return entry.Kind == EntryKind.Replay
            ? ReplaySummary.TryRead(entry.Properties.Span, out _)
            : ReplayClicks.TryRead(entry.Properties.Span, out _);
    }
}

/// <summary>What could not be read of a stored session.</summary>
/// <param name="StateFault">Why its state could not be read, so that it was folded again; null when it could.</param>
public sealed record SessionDamage(string? StateFault)
{
    /// <summary>Whether its state is of a newer version, and so not damaged.</summary>
    public bool IsOfNewerVersion { get; init; }

    /// <summary>How many journal entries could not be read, or not whole.</summary>
    public int Entries { get; init; }

    /// <summary>The number of the first of them; 0 when there is none.</summary>
    public int First { get; init; }

    /// <summary>Why the first of them could not be read.</summary>
    public string? EntryFault { get; init; }

    /// <summary>The damage with one more entry.</summary>
    public SessionDamage With(int number, string fault) => this with
    {
        Entries = Entries + 1,
        First = First == 0 ? number : First,
        EntryFault = EntryFault ?? fault,
    };
}
