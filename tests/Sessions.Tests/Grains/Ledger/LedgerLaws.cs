using System.Text;
using System.Text.Json;
using CsCheck;
using Sessions.Domain;
using Sessions.Domain.Tests;
using Sessions.Domain.Tests.Folding;
using Sessions.Grains;

namespace Sessions.Tests.Grains.Ledger;

/// <summary>
/// What holds for a session's journal when two activations write it at once, each with several calls on their way, and
/// writing fails, conflicts, or ends in a way that nobody knows. Clients give one id to several events.
/// </summary>
public sealed class LedgerLaws
{
    private static readonly Gen<Step> Steps = Gen.Select(
        Gen.Frequency((5, Gen.Const(Do.Append)), (6, Gen.Const(Do.LetOneGo)), (1, Gen.Const(Do.End)), (1, Gen.Const(Do.Checkpoint))),
        Gen.Int[0, 1],
        Gen.Int[1, Events].Array[1, 4],
        (what, activation, events) => new Step(what, activation, events));

    private const int Events = 30;
    private const int Ids = 12;

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
                var calls = new List<(int[] Events, Task<IReadOnlyList<EventReceipt>?> Answer)>();
                var ends = new List<Task>();
                foreach (Step step in steps)
                {
                    switch (step.What)
                    {
                        case Do.Append:
                            calls.Add((step.Events, activations[step.Activation].Append([.. step.Events.Select(Event)])));
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

                Assert.All(calls.Select(call => call.Answer).Concat(ends), call => Assert.True(call.IsCompletedSuccessfully));
                AllAcknowledgedIsStoredOnce(calls, journal);
                FoldsToARecount(journal);
            }),
            iter: Laws.Cases);

    [Fact]
    public void Every_event_is_taken_in_the_end_when_its_sender_tries_again() =>
        Gen.Select(Gen.Int[1, Events].Array[1, 4].Array[1, 6], Gen.Int).Sample(
            (batches, seed) => Turns.Run(turns =>
            {
                var journal = new FailingJournal(new Random(seed)) { FailureRate = 0.3 };
                Activation[] activations = [new(journal), new(journal)];
                var receipts = new List<(int Event, EventReceipt Receipt)>();
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

                    receipts.AddRange(batches[i].Zip(answer));
                }

                Assert.All(receipts, made => Assert.Equal(
                    made.Receipt.Outcome == EventOutcome.Invalid ? 0 : 1, journal.Entries.Count(entry => NumberOf(entry) == made.Event)));
                Assert.All(receipts, made => Assert.Equal(
                    Event(made.Event).Name == FailingJournal.Poison, made.Receipt.Outcome == EventOutcome.Invalid));
                Assert.All(receipts, made => Assert.Equal(Event(made.Event).Id, made.Receipt.EventId));
            }),
            iter: Laws.Cases);

    private static void AllAcknowledgedIsStoredOnce(
        IEnumerable<(int[] Events, Task<IReadOnlyList<EventReceipt>?> Answer)> calls, FailingJournal journal)
    {
        JournalEntry[] events = [.. journal.Entries.Where(entry => entry.Kind != EntryKind.End)];
        HashSet<int> stored = [.. events.Select(NumberOf)];
        Assert.Equal(events.Length, stored.Count);
        Assert.Equal(events.Length, events.Select(entry => entry.EventId).Distinct().Count());
        Assert.Equal(Enumerable.Range(1, journal.Entries.Count), journal.Entries.Select(entry => entry.Number));
        foreach ((int[] sent, Task<IReadOnlyList<EventReceipt>?> answer) in calls.Where(call => call.Answer.IsCompletedSuccessfully))
        {
            foreach ((int one, EventReceipt receipt) in sent.Zip(answer.Result ?? []))
            {
                Assert.Equal(receipt.Outcome != EventOutcome.Invalid, stored.Contains(one));
            }
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
            .Select(entry => new Happened(entry.Name, (entry.Time - Happened.Noon).TotalSeconds, "{}")
            {
                Id = entry.EventId,
                SenderOrder = entry.SenderOrder,
            });
        Assert.Equal(NaiveRecount.Of(events), NaiveRecount.Of(SessionView.Of(Guid.Empty, loaded, Folded.Rules)));
    }

    /// <summary>Some of those with one id differ in everything, others in the properties alone.</summary>
    private static SessionEvent Event(int number) => new()
    {
        Id = new Guid(number % Ids, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
        Name = number % 7 == 0 ? FailingJournal.Poison : number % 2 == 0 ? "$pageview" : "click",
        Timestamp = Happened.At(number % 4),
        // Against the order of their ids.
        SenderOrder = number % 3 == 0 ? 0 : 100 - number,
        DistinctId = "ann",
        DeviceId = "phone",
        Properties = Encoding.UTF8.GetBytes($$"""{"number":{{number}}}"""),
    };

    private static int NumberOf(JournalEntry entry) =>
        JsonDocument.Parse(entry.Properties).RootElement.GetProperty("number").GetInt32();

    private sealed record Step(Do What, int Activation, int[] Events)
    {
        public override string ToString() => $"{What} by {Activation} of {string.Join(',', Events)}";
    }
}
