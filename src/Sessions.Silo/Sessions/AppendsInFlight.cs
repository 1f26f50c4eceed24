using Sessions.Domain.Folding;
using Sessions.Silo.Journal;

namespace Sessions.Silo.Sessions;

/// <summary>The appends of one session that have no result yet.</summary>
internal sealed class AppendsInFlight(IJournal journal)
{
    private readonly List<(JournalAppend Append, Task<JournalResult> Result)> _sent = new(1);

    /// <summary>Sends an append to the journal, and its result to the session.</summary>
    /// <param name="session">The session.</param>
    /// <param name="append">The append, as the journal gets it.</param>
    /// <param name="decided">The append, as the session decided it.</param>
    public Task<JournalResult> Write(SessionMachine session, JournalAppend append, JournalAppend decided)
    {
        Task<JournalResult> result = WriteAndComplete(session, append, decided);
        if (!result.IsCompleted)
        {
            _sent.Add((decided, result));
        }

        return result;
    }

    /// <summary>Whether all of these appends commit.</summary>
    public async Task<bool> AllCommitted(IReadOnlyList<JournalAppend> appends)
    {
        JournalResult[] results = await Task.WhenAll(
            appends.Select(append => _sent.Find(sent => ReferenceEquals(sent.Append, append)).Result));
        return results.All(result => result.Outcome == JournalOutcome.Committed);
    }

    /// <summary>Completes when all appends have their results.</summary>
    public Task Settled() => Task.WhenAll(_sent.Select(sent => (Task)sent.Result).ToArray());

    private async Task<JournalResult> WriteAndComplete(SessionMachine session, JournalAppend append, JournalAppend decided)
    {
        JournalResult result = await journal.Append(append);
        session.Complete(decided, result);
        for (int i = _sent.Count - 1; i >= 0; i--)
        {
            if (ReferenceEquals(_sent[i].Append, decided))
            {
                _sent.RemoveAt(i);
            }
        }

        return result;
    }
}
