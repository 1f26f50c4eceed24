using System.Diagnostics.Metrics;
using Sessions.Capture;

namespace Sessions.Web.Webhooks;

/// <summary>The metrics of webhook deliveries, in the gateway's meter.</summary>
internal sealed class WebhookMetrics
{
    private const string Delivered = "delivered";
    private const string Failed = "failed";
    private const string Dead = "dead";

    private readonly Counter<long> _deliveries;
    private readonly Histogram<double> _duration;
    private long _waiting;
    private double _oldest;

    public WebhookMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(CaptureMetrics.MeterName);
        _deliveries = meter.CreateCounter<long>(
            "sessions.webhook.deliveries", "{delivery}", "Delivery attempts, by outcome: delivered, failed (and retried), dead (given up).");
        _duration = meter.CreateHistogram(
            "sessions.webhook.duration",
            "s",
            "How long a webhook took to answer.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [.01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 20] });
        meter.CreateObservableGauge(
            "sessions.webhook.waiting", () => Volatile.Read(ref _waiting), "{delivery}", "Pending deliveries in the outbox. Each gateway reports the same number.");
        meter.CreateObservableGauge(
            "sessions.webhook.oldest", () => Volatile.Read(ref _oldest), "s", "Age of the oldest pending delivery.");
        foreach (string outcome in new[] { Delivered, Failed, Dead })
        {
            Count(outcome, 0);
        }
    }

    public void Attempted(TimeSpan duration) => _duration.Record(duration.TotalSeconds);

    public void Settled(bool isTaken, bool isDead) => Count(isTaken ? Delivered : isDead ? Dead : Failed, 1);

    public void GaveUp(long deliveries) => Count(Dead, deliveries);

    public void Waiting(long deliveries, TimeSpan oldest)
    {
        Volatile.Write(ref _waiting, deliveries);
        Volatile.Write(ref _oldest, oldest.TotalSeconds);
    }

    private void Count(string outcome, long deliveries) =>
        _deliveries.Add(deliveries, new KeyValuePair<string, object?>("outcome", outcome));
}
