using Sessions.Domain;
using Sessions.Grains;

namespace Sessions.Tests.Grains.Ledger;

/// <summary>
/// One session's journal that fails as the real one may, at random. As with the real one, a run's entries commit all
/// or none, a number that is taken makes it a conflict, and a chain takes nothing after a run that did not commit.
/// Runs lie in it until they are let go, so that several are on their way at once.
/// </summary>
internal sealed class FailingJournal(Random random) : IJournal
{
    /// <summary>The name of an event that the journal refuses for what is in it.</summary>
    public const string Poison = "poison";

    private readonly List<(Run Run, TaskCompletionSource<RunResult> Done)> _waiting = [];

    /// <summary>What is durable.</summary>
    public List<JournalEntry> Entries { get; } = [];

    /// <summary>The state at the last checkpoint, as stored.</summary>
    public byte[]? Checkpoint { get; set; }

    /// <summary>How likely something fails.</summary>
    public double FailureRate { get; set; }

    public bool HasWaiting => _waiting.Count > 0;

    public Task<RunResult> Append(Run run)
    {
        if (Fails())
        {
            run.Chain.Break();
            return Task.FromResult(RunResult.Of(RunOutcome.Unavailable));
        }

        var done = new TaskCompletionSource<RunResult>();
        _waiting.Add((run, done));
        return done.Task;
    }

    /// <summary>Brings one run to its end: of each chain the oldest goes first, between chains chance decides.</summary>
    public void LetOneGo()
    {
        int next = random.Next(_waiting.Count);
        next = _waiting.FindIndex(waiting => waiting.Run.Chain == _waiting[next].Run.Chain);
        (Run run, TaskCompletionSource<RunResult> done) = _waiting[next];
        _waiting.RemoveAt(next);
        RunOutcome outcome = Write(run);
        if (outcome != RunOutcome.Committed)
        {
            run.Chain.Break();
        }

        int[] refused = [.. run.Entries.Where(entry => entry.Name == Poison).Select(entry => entry.Number)];
        done.SetResult(new RunResult(outcome, outcome == RunOutcome.Refused ? refused : []));
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

    /// <summary>What durable entries say. Others get their turns meanwhile.</summary>
    public async Task<IReadOnlyDictionary<int, EventContent>> Contents(IReadOnlyCollection<int> numbers)
    {
        await Task.Yield();
        return Entries.Where(entry => numbers.Contains(entry.Number)).ToDictionary(entry => entry.Number, EventContent.Of);
    }

    private RunOutcome Write(Run run)
    {
        if (run.Chain.IsBroken)
        {
            return RunOutcome.Superseded;
        }

        if (Entries.Any(entry => run.Entries.Any(ours => ours.Number == entry.Number)))
        {
            return RunOutcome.Conflict;
        }

        if (run.Entries.Any(entry => entry.Name == Poison))
        {
            return RunOutcome.Refused;
        }

        if (Fails())
        {
            if (random.Next(2) == 0)
            {
                return random.Next(2) == 0 ? RunOutcome.Unavailable : RunOutcome.Unknown;
            }

            // The connection breaks after the commit: nobody hears of it.
            Commit(run);
            return RunOutcome.Unknown;
        }

        Commit(run);
        return RunOutcome.Committed;
    }

    private void Commit(Run run)
    {
        Entries.AddRange(run.Entries);
        if (run.Row != RowChange.None)
        {
            Checkpoint = FoldCodec.Write(run.After);
        }
    }

    private bool Fails() => random.NextDouble() < FailureRate;
}
