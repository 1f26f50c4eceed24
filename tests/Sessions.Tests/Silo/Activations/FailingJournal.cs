using Sessions.Domain.Folding;
using Sessions.Silo.Journal;

namespace Sessions.Tests.Silo.Activations;

/// <summary>
/// One session's journal that fails at random, in the ways in which the real one may. As there, the entries of an append
/// commit all or none, a number that is taken makes a conflict, and a chain takes nothing after an append that did not
/// commit. Appends stay in flight until the test lets them go, so that there are several at once.
/// </summary>
internal sealed class FailingJournal(Random random) : IJournal
{
    /// <summary>The name of an event that the journal refuses for what is in it.</summary>
    public const string Poison = "poison";

    private readonly List<(JournalAppend Append, TaskCompletionSource<JournalResult> Done)> _waiting = [];

    /// <summary>What is durable.</summary>
    public List<JournalEntry> Entries { get; } = [];

    /// <summary>The state at the last checkpoint, as stored.</summary>
    public byte[]? Checkpoint { get; set; }

    /// <summary>How likely something fails.</summary>
    public double FailureRate { get; set; }

    public bool HasWaiting => _waiting.Count > 0;

    public Task<JournalResult> Append(JournalAppend append)
    {
        if (Fails())
        {
            append.Chain.Break();
            return Task.FromResult(JournalResult.Of(JournalOutcome.Unavailable));
        }

        var done = new TaskCompletionSource<JournalResult>();
        _waiting.Add((append, done));
        return done.Task;
    }

    /// <summary>Brings one append to its end: of each chain the oldest goes first, between chains chance decides.</summary>
    public void LetOneGo()
    {
        int next = random.Next(_waiting.Count);
        next = _waiting.FindIndex(waiting => waiting.Append.Chain == _waiting[next].Append.Chain);
        (JournalAppend append, TaskCompletionSource<JournalResult> done) = _waiting[next];
        _waiting.RemoveAt(next);
        JournalOutcome outcome = Write(append);
        if (outcome != JournalOutcome.Committed)
        {
            append.Chain.Break();
        }

        int[] refused = [.. append.Entries.Where(entry => entry.Name == Poison).Select(entry => entry.Number)];
        done.SetResult(new JournalResult(outcome, outcome == JournalOutcome.Refused ? refused : []));
    }

    public StoredSession? Load()
    {
        if (Entries.Count == 0)
        {
            return null;
        }

        SessionState? state = Checkpoint is null ? null : FoldCodec.TryRead(SessionFold.FoldVersion, Checkpoint);
        return new StoredSession(
            new DateOnly(2026, 3, 1),
            state,
            [.. Entries.Where(entry => entry.Number > (state?.Number ?? 0))],
            [.. Entries.Where(entry => entry.Kind != EntryKind.End).Select(entry => new SeenEvent(entry.EventId, entry.Device, entry.Number))]);
    }

    private JournalOutcome Write(JournalAppend append)
    {
        if (append.Chain.IsBroken)
        {
            return JournalOutcome.Superseded;
        }

        if (Entries.Any(entry => append.Entries.Any(ours => ours.Number == entry.Number)))
        {
            return JournalOutcome.Conflict;
        }

        if (append.Entries.Any(entry => entry.Name == Poison))
        {
            return JournalOutcome.Refused;
        }

        if (Fails())
        {
            if (random.Next(2) == 0)
            {
                return random.Next(2) == 0 ? JournalOutcome.Unavailable : JournalOutcome.Unknown;
            }

            // The connection breaks after the commit: nobody hears of it.
            Commit(append);
            return JournalOutcome.Unknown;
        }

        Commit(append);
        return JournalOutcome.Committed;
    }

    private void Commit(JournalAppend append)
    {
        Entries.AddRange(append.Entries);
        if (append.Row != RowChange.None)
        {
            Checkpoint = FoldCodec.Write(append.After);
        }
    }

    private bool Fails() => random.NextDouble() < FailureRate;
}
