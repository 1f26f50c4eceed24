using System.Text;
using BenchmarkDotNet.Attributes;
using Sessions.Benchmarks.Load;
using Sessions.Domain;
using Sessions.Domain.Events;
using Sessions.Domain.Folding;

namespace Sessions.Benchmarks.Rules;

/// <summary>What the domain does for one event of a browser, 700 bytes of properties.</summary>
public class RulesOfAnEvent
{
    private static readonly DateTimeOffset Now = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);

    private readonly byte[] _properties = Encoding.UTF8.GetBytes(EventText.PropertiesOf(0));
    private readonly SessionRules _rules = new();
    private readonly Guid _session = Guid.CreateVersion7(Now);
    private EventFacts _facts = EventFacts.None;
    private SessionState _state = null!;
    private JournalEntry _entry = null!;

    /// <summary>A session that has had a hundred events, and the next one.</summary>
    [GlobalSetup]
    public void HaveASession()
    {
        EventFactsReader.TryRead(_properties, out _facts);
        SessionState? state = null;
        for (int number = 1; number <= 100; number++)
        {
            state = SessionFold.Apply(state, Entry(number), _facts, _rules);
        }

        _state = state!;
        _entry = Entry(101);
    }

    [Benchmark(Description = "reading its facts")]
    public bool ReadFacts() => EventFactsReader.TryRead(_properties, out _);

    [Benchmark(Description = "folding it in")]
    public SessionState Fold() => SessionFold.Apply(_state, _entry, _facts, _rules);

    [Benchmark(Description = "the session's properties with its channel")]
    public Session View() => SessionView.Of(_session, _state, _rules);

    [Benchmark(Description = "the fold's state as bytes")]
    public byte[] Checkpoint() => FoldCodec.Write(_state);

    private JournalEntry Entry(int number) => new(
        number,
        EntryKind.NamedEvent,
        Guid.CreateVersion7(Now.AddSeconds(number)),
        Now.AddSeconds(number),
        Now.AddSeconds(number),
        EventText.NameOf(number),
        "device-00000000",
        "visitor-00000000",
        "device-00000000",
        "w-00000000",
        _properties);
}
