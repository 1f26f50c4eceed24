using Sessions.Domain;
using Sessions.Domain.Folding;
using Sessions.Silo.Sessions;

namespace Sessions.Tests.Silo.Activations;

/// <summary>The store of one activation beside a <see cref="FailingJournal"/>: the test says when its checkpoints are written.</summary>
internal sealed class JournalStore(FailingJournal journal) : ISessionStore
{
    private SessionState? _checkpoint;

    public StoreHistory? History => null;

    public async Task<StoredSession?> Load(SessionKey session)
    {
        await Task.Yield();
        return journal.Load();
    }

    public async Task<int> LastNumber(SessionKey session, DateOnly born)
    {
        await Task.Yield();
        return journal.Entries.Count;
    }

    public async Task<IReadOnlyDictionary<int, EventContent>> Contents(
        SessionKey session, DateOnly born, IReadOnlyCollection<int> numbers)
    {
        await Task.Yield();
        return journal.Entries.Where(entry => numbers.Contains(entry.Number)).ToDictionary(entry => entry.Number, EventContent.Of);
    }

    public void Checkpoint(SessionKey session, SessionState state, SessionRules rules, StoreHistory? history, RowMark? mark = null)
    {
        if (_checkpoint is null || _checkpoint.Number < state.Number)
        {
            _checkpoint = state;
        }
    }

    public Task CheckpointNow(SessionKey session, SessionState state, SessionRules rules) =>
        throw new NotSupportedException("Only an erasure writes a checkpoint at once.");

    /// <summary>Writes the checkpoint, unless the row has a newer state.</summary>
    public void Write()
    {
        if (_checkpoint is { } state && !(journal.Checkpoint is { } row && FoldCodec.TryRead(SessionFold.FoldVersion, row)!.Number >= state.Number))
        {
            journal.Checkpoint = FoldCodec.Write(state);
        }
    }
}
