using System.Diagnostics.Metrics;

namespace Sessions.Grains;

/// <summary>What grains count: the meter <c>Sessions.Grains</c>. One addition a call, none for each event.</summary>
public sealed class GrainMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Sessions.Grains";

    private static readonly KeyValuePair<string, object?>[] Outcomes =
        [Outcome("new"), Outcome("duplicate"), Outcome("invalid")];

    private readonly Counter<long> _events;
    private readonly UpDownCounter<long> _live;

    /// <summary>Makes the instruments.</summary>
    public GrainMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(MeterName);
        _events = meter.CreateCounter<long>("sessions.events", "{event}", "Events that devices have answered, by outcome: new, duplicate or invalid.");
        _live = meter.CreateUpDownCounter<long>("sessions.live", "{session}", "Live sessions whose devices are in this silo's memory.");
        foreach (KeyValuePair<string, object?> outcome in Outcomes)
        {
            // There from the start: a rate needs a value before the first.
            _events.Add(0, outcome);
        }
    }

    /// <summary>Counts what became of a call's events.</summary>
    public void Answered(TrackReceipt receipt)
    {
        Span<int> counts = stackalloc int[Outcomes.Length];
        foreach (EventReceipt made in receipt.Events)
        {
            counts[(int)made.Outcome]++;
        }

        for (int outcome = 0; outcome < counts.Length; outcome++)
        {
            if (counts[outcome] > 0)
            {
                _events.Add(counts[outcome], Outcomes[outcome]);
            }
        }
    }

    /// <summary>A device has a live session more, or one less.</summary>
    public void Live(int change) => _live.Add(change);

    private static KeyValuePair<string, object?> Outcome(string word) => new("outcome", word);
}
