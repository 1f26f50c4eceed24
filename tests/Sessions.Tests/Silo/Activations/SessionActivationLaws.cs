using System.Text;
using System.Text.Json;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Sessions.Domain.Folding;
using Sessions.Domain.Tests;
using Sessions.Domain.Tests.Folding;
using Sessions.Silo.Sessions;

namespace Sessions.Tests.Silo.Activations;

/// <summary>
/// Laws for a session that two activations write at once, each with several calls in flight, while appends fail,
/// conflict, or have an unknown outcome. Clients give one id to several events.
/// </summary>
public sealed class SessionActivationLaws
{
    private static readonly SessionKey Key = SessionKey.Create("shop", new Guid(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
    private static readonly DeviceEpoch Phone = new(UserDeviceKey.Create("shop", "ann", "phone"), 1);

    private static readonly Gen<Step> Steps = Gen.Select(
        Gen.Frequency(
            (5, Gen.Const(Do.Append)),
            (6, Gen.Const(Do.LetOneGo)),
            (1, Gen.Const(Do.End)),
            (1, Gen.Const(Do.Checkpoint)),
            (1, Gen.Const(Do.Get))),
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
        Get,
    }

    [Fact]
    public void Acknowledged_events_are_stored_once_with_dense_numbers_and_fold_to_what_a_recount_gives() =>
        Gen.Select(Steps.Array[1, 40], Gen.OneOf(0, 0.1, 0.4), Gen.Int).Sample(
            (steps, failureRate, seed) => Turns.Run(turns =>
            {
                var journal = new FailingJournal(new Random(seed)) { FailureRate = failureRate };
                Activation[] activations = [Activation.Of(journal), Activation.Of(journal)];
                var calls = new List<(int[] Events, Task<AppendResult?> Answer)>();
                var ends = new List<Task>();
                var reads = new List<(int Durable, Task<Session?> Answer)>();
                foreach (Step step in steps)
                {
                    switch (step.What)
                    {
                        case Do.Append:
                            calls.Add((step.Events, activations[step.Activation].Append(step.Events)));
                            break;
                        case Do.LetOneGo when journal.HasWaiting:
                            journal.LetOneGo();
                            break;
                        case Do.End:
                            ends.Add(activations[step.Activation].End());
                            break;
                        case Do.Checkpoint:
                            activations[step.Activation].Store.Write();
                            break;
                        case Do.Get:
                            reads.Add((EventsOf(journal).Length, activations[step.Activation].Session.Get()));
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

                Assert.All(
                    calls.Select(call => call.Answer).Concat(ends).Concat(reads.Select(read => read.Answer)),
                    call => Assert.True(call.IsCompletedSuccessfully));
                Assert.All(reads, read => Assert.InRange(read.Answer.Result?.EventCount ?? 0, read.Durable, Events));
                AllAcknowledgedIsStoredOnce(calls, journal);
                FoldsToARecount(journal);
            }),
            iter: Laws.Cases);

    [Fact]
    public void Every_event_is_stored_in_the_end_when_its_sender_retries() =>
        Gen.Select(Gen.Int[1, Events].Array[1, 4].Array[1, 6], Gen.Int).Sample(
            (batches, seed) => Turns.Run(turns =>
            {
                var journal = new FailingJournal(new Random(seed)) { FailureRate = 0.3 };
                Activation[] activations = [Activation.Of(journal), Activation.Of(journal)];
                var receipts = new List<(int Event, EventReceipt Receipt)>();
                for (int i = 0; i < batches.Length; i++)
                {
                    AppendResult? answer = null;
                    for (int attempt = 0; answer is null; attempt++)
                    {
                        journal.FailureRate = attempt < 5 ? 0.3 : 0;
                        Task<AppendResult?> call = activations[(i + attempt) % 2].Append(batches[i]);
                        turns.RunAll();
                        while (journal.HasWaiting)
                        {
                            journal.LetOneGo();
                            turns.RunAll();
                        }

                        Assert.True(call.IsCompletedSuccessfully);
                        answer = call.Result;
                    }

                    receipts.AddRange(batches[i].Zip(answer.Receipts));
                }

                Assert.All(receipts, made => Assert.Equal(
                    made.Receipt.Outcome == EventOutcome.Invalid ? 0 : 1, journal.Entries.Count(entry => NumberOf(entry) == made.Event)));
                Assert.All(receipts, made => Assert.Equal(
                    Event(made.Event).Name == FailingJournal.Poison, made.Receipt.Outcome == EventOutcome.Invalid));
                Assert.All(receipts, made => Assert.Equal(Event(made.Event).Id, made.Receipt.EventId));
            }),
            iter: Laws.Cases);

    private static void AllAcknowledgedIsStoredOnce(
        IEnumerable<(int[] Events, Task<AppendResult?> Answer)> calls, FailingJournal journal)
    {
        JournalEntry[] events = EventsOf(journal);
        HashSet<int> stored = [.. events.Select(NumberOf)];
        Assert.Equal(events.Length, stored.Count);
        Assert.Equal(events.Length, events.Select(entry => entry.EventId).Distinct().Count());
        Assert.Equal(Enumerable.Range(1, journal.Entries.Count), journal.Entries.Select(entry => entry.Number));
        foreach ((int[] sent, Task<AppendResult?> answer) in calls.Where(call => call.Answer.IsCompletedSuccessfully))
        {
            foreach ((int one, EventReceipt receipt) in sent.Zip(answer.Result?.Receipts ?? []))
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

        SessionState loaded = SessionMachine.Load(Key, stored, Folded.Rules, stored.Born).Committed!;
        Assert.Equal(FoldHistories.Stored(FoldHistories.Fold(journal.Entries)), FoldHistories.Stored(loaded));
        IEnumerable<Happened> events = EventsOf(journal)
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

    private static JournalEntry[] EventsOf(FailingJournal journal) =>
        [.. journal.Entries.Where(entry => entry.Kind != EntryKind.End)];

    private static int NumberOf(JournalEntry entry) =>
        JsonDocument.Parse(entry.Properties).RootElement.GetProperty("number").GetInt32();

    /// <summary>One of the session's activations, with a store of its own.</summary>
    private sealed record Activation(SessionActivation Session, JournalStore Store)
    {
        public static Activation Of(FailingJournal journal)
        {
            var store = new JournalStore(journal);
            return new Activation(
                new SessionActivation(
                    Key,
                    new LoneHost(Folded.Rules),
                    new SessionPorts(journal, store, Nobody.Forgotten, new FakeTimeProvider(Happened.Noon), new SessionOpenings())),
                store);
        }

        public Task<AppendResult?> Append(int[] events)
        {
            SessionEvent[] sent = [.. events.Select(Event)];
            return OrNull(Session.Append(new AppendRequest(
                Phone, sent[0].Timestamp!.Value, [.. sent.Select(one => new PlacedEvent(one, true, one.Timestamp))])));
        }

        public Task End() => OrNull(Session.End(Phone, EndReason.Idle, Happened.At(4)));

        /// <summary>Null when nothing can be made durable now.</summary>
        private static async Task<T?> OrNull<T>(Task<T> call)
            where T : class
        {
            try
            {
                return await call;
            }
            catch (SessionsUnavailableException)
            {
                return null;
            }
        }
    }

    private sealed record Step(Do What, int Activation, int[] Events)
    {
        public override string ToString() => $"{What} by {Activation} of {string.Join(',', Events)}";
    }
}
