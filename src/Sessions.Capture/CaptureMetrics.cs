using System.Diagnostics.Metrics;

namespace Sessions.Capture;

/// <summary>Capture's metrics: the meter <c>Sessions.Gateway</c>.</summary>
internal sealed class CaptureMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Sessions.Gateway";

    private readonly Counter<long> _tracked;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _recorded;

    public CaptureMetrics(IMeterFactory meters, Body.BodyBudget budget)
    {
        Meter meter = meters.Create(MeterName);
        _tracked = meter.CreateCounter<long>("sessions.capture.events", "{event}", "Events that are durable.");
        DroppedEvents = meter.CreateCounter<long>("sessions.capture.dropped", "{event}", "Events that can't be kept, by reason.");
        _refused = meter.CreateCounter<long>("sessions.capture.refused", "{request}", "Requests _refused as a whole, by status.");
        _recorded = meter.CreateCounter<long>("sessions.replay.stored", "By", "Bytes of recordings that are stored, compressed.");
        meter.CreateObservableGauge("sessions.capture.in_hand", () => budget.InHand, "By", "Bytes of bodies in hand.");
    }

    /// <summary>Counts dropped events.</summary>
    internal Counter<long> DroppedEvents { get; }

    public void Tracked(int events) => _tracked.Add(events);

    public void Dropped(IEnumerable<EventNote> notes)
    {
        foreach (EventNote note in notes)
        {
            DroppedEvents.Add(1, new KeyValuePair<string, object?>("reason", note.Reason));
        }
    }

    public void Recorded(long bytes) => _recorded.Add(bytes);

    public void Refused(int status) => _refused.Add(1, new KeyValuePair<string, object?>("status", status));
}
