using System.Text;
using CsCheck;
using Sessions.Domain;
using Sessions.Domain.Tests;
using Sessions.Domain.Tests.Folding;
using Sessions.Grains;

namespace Sessions.Tests.Grains.Ledger;

/// <summary>
/// What holds for a session's journal when two activations write it at once, each with several calls on their way, and
/// writing fails, conflicts, or ends in a way that nobody knows.
/// </summary>
public sealed class LedgerLaws
{
    private static readonly Gen<Step> Steps = Gen.Select(
        Gen.Frequency((5, Gen.Const(Do.Append)), (6, Gen.Const(Do.LetOneGo)), (1, Gen.Const(Do.End)), (1, Gen.Const(Do.Checkpoint))),
        Gen.Int[0, 1],
        Gen.Int[1, 15].Array[1, 4],
        (what, activation, ids) => new Step(what, activation, ids));

    private enum Do
    {
        Append,
        LetOneGo,
        End,
        Checkpoint,
    }

    [Fact]
    public void What_is_acknowledged_is_stored_once_under_dense_numbers_and_folds_to_what_a_recount_gives() =>
        Gen.Select(Steps.Array[1, 40], Gen.OneOf(0, 0.1, 0.4), Gen.Int).Sample(
            (steps, failureRate, seed) => Turns.Run(turns =>
            {
                var journal = new FailingJournal(new Random(seed)) { FailureRate = failureRate };
                Activation[] activations = [new(journal), new(journal)];
                var calls = new List<Task<IReadOnlyList<EventReceipt>?>>();
                var ends = new List<Task>();
                foreach (Step step in steps)
                {
                    switch (step.What)
                    {
                        case Do.Append:
                            calls.Add(activations[step.Activation].Append([.. step.Ids.Select(Event)]));
                            break;
                        case Do.LetOneGo when journal.HasWaiting:
                            journal.LetOneGo();
                            break;
                        case Do.End:
                            ends.Add(activations[step.Activation].End());
                            break;
                        case Do.Checkpoint:
                            activations[step.Activation].Checkpoint();
                            break;
                    }

                    turns.RunAll();
                    AllAcknowledgedIsStoredOnce(calls, journal);
                }

                journal.FailureRate = 0;
                while (journal.HasWaiting)
                {
                    journal.LetOneGo();
                    turns.RunAll();
                }

                Assert.All(calls.Concat(ends), call => Assert.True(call.IsCompletedSuccessfully));
                AllAcknowledgedIsStoredOnce(calls, journal);
                FoldsToARecount(journal);
            }),
            iter: Laws.Cases);

    [Fact]
    public void Every_event_is_taken_in_the_end_when_its_sender_tries_again() =>
        Gen.Select(Gen.Int[1, 15].Array[1, 4].Array[1, 6], Gen.Int).Sample(
            (batches, seed) => Turns.Run(turns =>
            {
                var journal = new FailingJournal(new Random(seed)) { FailureRate = 0.3 };
                Activation[] activations = [new(journal), new(journal)];
                var receipts = new List<EventReceipt>();
                for (int i = 0; i < batches.Length; i++)
                {
                    IReadOnlyList<EventReceipt>? answer = null;
                    for (int attempt = 0; answer is null; attempt++)
                    {
                        journal.FailureRate = attempt < 5 ? 0.3 : 0;
                        Task<IReadOnlyList<EventReceipt>?> call = activations[(i + attempt) % 2].Append([.. batches[i].Select(Event)]);
                        turns.RunAll();
                        while (journal.HasWaiting)
                        {
                            journal.LetOneGo();
                            turns.RunAll();
                        }

                        Assert.True(call.IsCompletedSuccessfully);
                        answer = call.Result;
                    }

                    receipts.AddRange(answer);
                }

                Assert.All(receipts, receipt => Assert.Equal(
                    receipt.Outcome == EventOutcome.Invalid ? 0 : 1, journal.Entries.Count(entry => entry.EventId == receipt.EventId)));
                Assert.All(receipts, receipt => Assert.Equal(Event(receipt.EventId).Name == FailingJournal.Poison, receipt.Outcome == EventOutcome.Invalid));
            }),
            iter: Laws.Cases);

    private static void AllAcknowledgedIsStoredOnce(IEnumerable<Task<IReadOnlyList<EventReceipt>?>> calls, FailingJournal journal)
    {
        Guid[] stored = [.. journal.Entries.Where(entry => entry.Kind != EntryKind.End).Select(entry => entry.EventId)];
        HashSet<Guid> distinct = [.. stored];
        Assert.Equal(distinct.Count, stored.Length);
        Assert.Equal(Enumerable.Range(1, journal.Entries.Count), journal.Entries.Select(entry => entry.Number));
        foreach (EventReceipt receipt in calls.Where(call => call.IsCompletedSuccessfully).SelectMany(call => call.Result ?? []))
        {
            Assert.Equal(receipt.Outcome != EventOutcome.Invalid, distinct.Contains(receipt.EventId));
        }
    }

    private static void FoldsToARecount(FailingJournal journal)
    {
        if (journal.Load() is not { } stored)
        {
            return;
        }

        var key = SessionKey.Create("shop", Guid.AllBitsSet);
        SessionState loaded = SessionLedger.Of(key, stored, Folded.Rules, stored.Born).Committed!;
        Assert.Equal(FoldHistories.Stored(FoldHistories.Fold(journal.Entries)), FoldHistories.Stored(loaded));
        IEnumerable<Happened> events = journal.Entries
            .Where(entry => entry.Kind != EntryKind.End)
            .Select(entry => new Happened(entry.Name, (entry.Time - Happened.Noon).TotalSeconds, "{}") { Id = entry.EventId });
        Assert.Equal(NaiveRecount.Of(events), NaiveRecount.Of(SessionView.Of(Guid.Empty, loaded, Folded.Rules)));
    }

    private static SessionEvent Event(Guid id) => Event(BitConverter.ToInt32(id.ToByteArray()));

    private static SessionEvent Event(int id) => new()
    {
        Id = new Guid(id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
        Name = id % 7 == 0 ? FailingJournal.Poison : id % 2 == 0 ? "$pageview" : "click",
        Timestamp = Happened.At(id % 5),
        DistinctId = "ann",
        DeviceId = "phone",
        Properties = Encoding.UTF8.GetBytes("{}"),
    };

    private sealed record Step(Do What, int Activation, int[] Ids)
    {
        public override string ToString() => $"{What} by {Activation} of {string.Join(',', Ids)}";
    }
}
