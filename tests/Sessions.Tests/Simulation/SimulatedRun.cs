using System.Text.Json;
using Sessions.Database.Properties;
using Sessions.Domain.Events;
using Sessions.Domain.Folding;
using Sessions.Silo.Checkpoints;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Traffic;
using Sessions.Tests.Simulation.Cluster;
using Sessions.Tests.Simulation.Store;
using Sessions.Tests.Simulation.Traffic;

namespace Sessions.Tests.Simulation;

/// <summary>
/// A cluster of the product's own devices and sessions with their clients, on one thread. A seed decides all that is left to
/// chance: what visitors do, what goes wrong, and in which order everything happens. Then all faults stop, clients go on until
/// each event is answered, sessions idle, and the audit follows.
/// </summary>
internal sealed class SimulatedRun
{
    public const string Project = "shop";

    private static readonly TimeSpan MostAnswered = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan MostIdle = TimeSpan.FromHours(6);

    private readonly SeededScheduler _scheduler;
    private readonly MemoryTables _tables;
    private readonly SimulatedCluster _cluster;
    private readonly SimulatedClients _clients;

    private SimulatedRun(int seed, Switches switches, bool isTraced)
    {
        _scheduler = new SeededScheduler(seed) { Trace = { IsKept = isTraced } };
        var postgres = new SimulatedProcess(_scheduler, "postgres");
        _tables = new MemoryTables(postgres.Clock) { HasFence = switches.Fence, BeginsOnce = switches.BeginsOnce };
        _cluster = new SimulatedCluster(_scheduler, _tables, silos: _scheduler.Random.Next(1, 4), switches);
        Weather weather = Weather.Of(_scheduler);
        Habits[] habits = [.. Enumerable.Range(0, _scheduler.Random.Next(1, 4)).Select(_ => Habits.Any(_scheduler.Random.Next(8)))];
        // Some habits meet known limits while a device has two activations: KnownLimitTests.
        if (switches.OnlyVisitor is { } only)
        {
            habits = [only];
            weather = weather with { SecondActivationOfDevices = 0.3, Doubled = 0.3 };
        }
        else
        {
            habits = [.. habits.Select(one => one with { Forgets = false })];
            weather = habits.Any(one => one.Identifies) ? weather with { SecondActivationOfDevices = 0 } : weather;
        }

        _cluster.Begin(weather);
        _clients = new SimulatedClients(_cluster) { ClocksOff = weather.HasClockSteps ? TimeSpan.FromHours(1) : TimeSpan.Zero };
        for (int i = 0; i < habits.Length; i++)
        {
            _clients.Add($"visitor-{i}", habits[i], batches: _scheduler.Random.Next(2, 9));
        }
    }

    /// <summary>Runs the simulation of a seed.</summary>
    public static Outcome Run(int seed, Switches? switches = null, bool isTraced = false)
    {
        var simulation = new SimulatedRun(seed, switches ?? Switches.None, isTraced);
        IReadOnlyList<string> faults = simulation.Run();
        return new Outcome(seed, faults, simulation._scheduler.Trace, simulation._scheduler.Turns, simulation._clients.Records.Sent.Count);
    }

    private List<string> Run()
    {
        // Faults end at some time, at the latest when visitors have nothing more to send.
        _scheduler.RunUntil(() => _clients.AreDone, _scheduler.Between(TimeSpan.FromSeconds(30), TimeSpan.FromHours(2)));
        _cluster.BeFair();
        _scheduler.Say($"all faults stop");
        if (!_scheduler.RunUntil(() => _clients.AreDone, MostIdle))
        {
            return ["some events were never answered", .. _cluster.Unexpected];
        }

        bool hasIdled = _scheduler.RunUntil(() => !_tables.HasLive, MostIdle);
        _scheduler.RunUntil(() => !_tables.Behind.Any(), MostAnswered);
        CloseGaps();
        return
        [
            .. _clients.Failures.Select(failure => $"a client failed: {failure}"),
            .. _cluster.Unexpected,
            .. _clients.OldAnswers,
            .. hasIdled ? [] : _tables.Rows.Where(row => row.State.Status == SessionStatus.Live).Select(row => $"session {row.Session.SessionId} never ends"),
            .. Audit(),
        ];
    }

    /// <summary>Wakes the sessions whose rows a dead silo left behind, as <c>GapCloser</c> does.</summary>
    private void CloseGaps()
    {
        if (!_cluster.HasLostSilos)
        {
            return;
        }

        SimulatedSilo silo = _cluster.Members.First(silo => !silo.Process.IsDead);
        foreach (OutdatedRow row in _tables.Behind.ToArray())
        {
            _ = GrainCalls.Session(silo, row.Session.SessionId).GetStandingSince(row.Number);
        }

        _scheduler.RunUntil(() => !_tables.Behind.Any(), MostAnswered);
    }

    private IEnumerable<string> Audit()
    {
        TimeSpan idleTimeout = _cluster.Rules.IdleTimeout;
        (SessionKey Session, JournalEntry Entry)[] entries = [.. _tables.Entries];
        StoredEvent[] stored = [.. entries.Where(one => one.Entry.Kind is EntryKind.NamedEvent or EntryKind.PlacedEvent).Select(one => Stored(one.Session, one.Entry))];
        var rows = _tables.Rows.ToDictionary(
            row => row.Session.SessionId, row => Columns(SessionView.Of(row.Session.SessionId, row.State, row.Rules)));
        return
        [
            .. StoredFaults.Of(stored, _clients.Records, idleTimeout),
            .. StoredFaults.WrongSums(stored, rows),
            .. EndFaults.Of(
                entries.Select(one => new StoredEntry(
                    one.Session.SessionId,
                    one.Entry.Number,
                    (int)one.Entry.Kind,
                    one.Entry.Name,
                    one.Entry.Time.UtcDateTime,
                    one.Entry.ReceivedAt.UtcDateTime)),
                idleTimeout),
            .. _tables.Rows.Where(row => !IsFoldOfItsEntries(row.Session, row.State)).Select(row => $"the row of session {row.Session.SessionId} is not the fold of its entries"),
        ];
    }

    private bool IsFoldOfItsEntries(SessionKey session, SessionState state)
    {
        SessionState? folded = null;
        foreach ((SessionKey _, JournalEntry entry) in _tables.Entries.Where(one => one.Session == session))
        {
            _ = EventFactsReader.TryRead(entry.Properties.Span, out EventFacts facts);
            folded = SessionFold.Apply(folded, entry, facts, _cluster.Rules);
        }

        return FoldCodec.Write(folded!).AsSpan().SequenceEqual(FoldCodec.Write(state));
    }

    private static StoredEvent Stored(SessionKey session, JournalEntry entry) => new(
        session.SessionId,
        entry.EventId,
        entry.Name,
        entry.Time.UtcDateTime,
        entry.DistinctId,
        JsonElement.Parse(entry.Properties.Span),
        entry.ReceivedAt.UtcDateTime,
        entry.SenderOrder);

    /// <summary>A session as the view <c>sessions</c> shows it.</summary>
    private static IReadOnlyDictionary<string, object?> Columns(Session session) => SessionProperties.All.ToDictionary(
        property => property.Column,
        property => property.Of(session) switch
        {
            DateTimeOffset time => time.UtcDateTime,
            object value => value,
            null => (object?)null,
        });
}

/// <summary>What a simulation came to.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Faults">What the audit found.</param>
/// <param name="Trace">What happened.</param>
/// <param name="Turns">How many turns it took.</param>
/// <param name="Events">How many events were sent.</param>
internal sealed record Outcome(int Seed, IReadOnlyList<string> Faults, Trace Trace, long Turns, int Events);
