using System.Diagnostics.Metrics;

namespace Sessions.Silo;

/// <summary>
/// The grains' metrics: the meter <c>Sessions.Grains</c>. Each call adds to a counter once, not once for each event.
/// </summary>
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
            // The counters exist from the start: a rate over a counter needs a value before the first event.
            _events.Add(0, outcome);
        }
    }

    /// <summary>Counts a call's events by their outcome.</summary>
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

    /// <summary>Changes the number of live sessions: +1 when a device gets one, -1 when it has none any more.</summary>
    public void Live(int change) => _live.Add(change);

    private static KeyValuePair<string, object?> Outcome(string word) => new("outcome", word);
}
