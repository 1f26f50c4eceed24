using Sessions.Domain.Folding;
using Sessions.Silo.Journal;

namespace Sessions.Tests.Simulation.Store;

/// <summary>
/// A silo's journal on <see cref="MemoryTables"/>: one lane, which takes all that waits and commits it as a group, as
/// <c>JournalLane</c> does.
/// </summary>
internal sealed class MemoryJournal(MemoryTables tables, IStoreLink link) : IJournal
{
    private readonly Queue<Waiting> _queue = [];
    private bool _isWriting;

    /// <summary>
    /// What a broken connection is taken for. Anything but <see cref="JournalOutcome.Unknown"/> is wrong; only a test of the
    /// simulation itself says so.
    /// </summary>
    public JournalOutcome OutcomeOfABrokenConnection { get; init; } = JournalOutcome.Unknown;

    public Task<JournalResult> Append(JournalAppend append)
    {
        var waiting = new Waiting(append);
        _queue.Enqueue(waiting);
        Write();
        return waiting.Done.Task;
    }

    private void Write()
    {
        if (_isWriting || _queue.Count == 0)
        {
            return;
        }

        _isWriting = true;
        List<Waiting> group = [];
        while (_queue.TryDequeue(out Waiting? waiting))
        {
            if (waiting.Append.Chain.IsBroken)
            {
                waiting.Done.SetResult(JournalResult.Of(JournalOutcome.Superseded));
            }
            else
            {
                group.Add(waiting);
            }
        }

        if (group.Count == 0)
        {
            _isWriting = false;
            return;
        }

        link.Send("commit", () => group.ForEach(Commit), reached =>
        {
            foreach (Waiting waiting in group)
            {
                JournalOutcome outcome = reached switch
                {
                    Reached.Answered => waiting.Outcome,
                    Reached.NotSent => JournalOutcome.Unavailable,
                    _ => OutcomeOfABrokenConnection,
                };
                if (outcome != JournalOutcome.Committed)
                {
                    waiting.Append.Chain.Break();
                }

                waiting.Done.SetResult(JournalResult.Of(outcome));
            }

            _isWriting = false;
            Write();
        });
    }

    private void Commit(Waiting waiting)
    {
        waiting.Outcome = _failed.Contains(waiting.Append.Chain) || waiting.Append.Chain.IsBroken ? JournalOutcome.Superseded : tables.Commit(waiting.Append);
        if (waiting.Outcome != JournalOutcome.Committed)
        {
            _failed.Add(waiting.Append.Chain);
        }
    }

    // Chains of which Postgres refused an append. The silo learns that later.
    private readonly HashSet<AppendChain> _failed = [];

    private sealed class Waiting(JournalAppend append)
    {
        public JournalAppend Append { get; } = append;

        public JournalOutcome Outcome { get; set; }

        public TaskCompletionSource<JournalResult> Done { get; } = new();
    }
}
