using System.Diagnostics;
using System.Diagnostics.Metrics;
using Sessions.Domain.Folding;

namespace Sessions.Silo.Journal;

/// <summary>
/// The journal's metrics: the meter <c>Sessions.Journal</c>, and the source of its spans, which has the same name. Each
/// batch adds a few times, not once for each event.
/// </summary>
public sealed class JournalMetrics
{
    /// <summary>The name of the meter and of the spans' source.</summary>
    public const string MeterName = "Sessions.Journal";

    private static readonly ActivitySource Source = new(MeterName);

    private readonly Histogram<int> _batchEntries;
    private readonly Histogram<double> _batchDuration;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _started;
    private readonly Counter<long> _ended;
    private readonly Histogram<double> _expiryLag;
    private readonly Meter _meter;

    /// <summary>Makes the instruments.</summary>
    public JournalMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _batchEntries = _meter.CreateHistogram(
            "sessions.journal.batch.entries",
            "{entry}",
            "Journal entries in one transaction.",
            advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000] });
        _batchDuration = _meter.CreateHistogram(
            "sessions.journal.batch.duration",
            "s",
            "How long a transaction of the journal took, commit included.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10] });
        _failures = _meter.CreateCounter<long>("sessions.journal.failures", "{transaction}", "Transactions of the journal that Postgres did not take.");
        _started = _meter.CreateCounter<long>("sessions.started", "{session}", "Sessions that began.");
        _ended = _meter.CreateCounter<long>("sessions.ended", "{session}", "Sessions that ended, by reason.");
        _expiryLag = _meter.CreateHistogram(
            "sessions.expiry.lag",
            "s",
            "How long after its idle timeout a session ended.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [.1, .2, .5, 1, 2, 5, 10, 30, 60, 120, 300] });
        _failures.Add(0);
        _started.Add(0);
        foreach (EndReason reason in Enum.GetValues<EndReason>())
        {
            _ended.Add(0, new KeyValuePair<string, object?>("reason", reason.ToWord()));
        }
    }

    /// <summary>Adds the gauge of the journal's queue. The function returns its size in bytes.</summary>
    public void ObserveQueue(Func<long> bytes) =>
        _meter.CreateObservableGauge("sessions.journal.queue.size", bytes, "By", "Bytes that wait for the journal or are on their way.");

    /// <summary>
    /// Adds the gauges of the checkpoints: how far the rows are behind, in seconds, and how many are queued.
    /// </summary>
    public void ObserveCheckpoints(Func<double> lag, Func<int> rows)
    {
        _meter.CreateObservableGauge("sessions.checkpoint.lag", lag, "s", "How long ago the last round of checkpoints began that is written whole: rows are that far behind their grains at most.");
        _meter.CreateObservableGauge("sessions.checkpoint.waiting", rows, "{row}", "Rows that wait for the next round of checkpoints.");
    }

    /// <summary>
    /// Starts a span for a transaction. Its parent is the first call in the batch; it links to the others.
    /// </summary>
    public static Activity? Start(IEnumerable<ActivityContext> callers)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        ActivityContext[] known = [.. callers.Where(caller => caller != default)];
        return known.Length == 0
            ? null
            : Source.StartActivity("journal.commit", ActivityKind.Internal, known[0], links: known.Skip(1).Distinct().Select(caller => new ActivityLink(caller)));
    }

    /// <summary>Counts a transaction that is durable.</summary>
    internal void Committed(IReadOnlyList<JournalAppend> appends, TimeSpan duration)
    {
        int entries = 0;
        int started = 0;
        foreach (JournalAppend append in appends)
        {
            entries += append.Entries.Count;
            started += append.Row == RowChange.Insert ? 1 : 0;
            if (append.Entries.Count > 0 && append.Entries[^1] is { Kind: EntryKind.End } end)
            {
                Ended(append, end);
            }
        }

        _batchEntries.Record(entries);
        _batchDuration.Record(duration.TotalSeconds);
        if (started > 0)
        {
            _started.Add(started);
        }
    }

    /// <summary>Counts a transaction that failed.</summary>
    internal void Failed() => _failures.Add(1);

    private void Ended(JournalAppend append, JournalEntry end)
    {
        _ended.Add(1, new KeyValuePair<string, object?>("reason", end.Name));
        if (end.Name == EndReason.Idle.ToWord())
        {
            TimeSpan lag = end.ReceivedAt - append.After.LastActivityAt - SessionFold.IdleTimeoutOf(append.After, append.Rules);
            _expiryLag.Record(Math.Max(0, lag.TotalSeconds));
        }
    }
}
