using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Domain.Folding;
using Sessions.Silo.Outbox;
using Sessions.Silo.PersonData;
using Sessions.Silo.Reminders;

namespace Sessions.Silo.Journal;

/// <summary>
/// The silo's journal. A lane writes all of its queued appends in one transaction. <see cref="Append"/> never throws:
/// its result says how the append ended.
/// </summary>
internal sealed class JournalWriter : IJournal, IAsyncDisposable
{
    private readonly JournalLane[] _lanes;

    public JournalWriter(
        WriterDataSource database,
        StuckWriters stuck,
        WebhookOutbox outbox,
        ForgottenPersons forgotten,
        ReminderRows reminders,
        IOptions<JournalOptions> options,
        JournalMetrics metrics,
        ILogger<JournalWriter> log)
    {
        var transaction = new JournalTransaction(database, stuck, outbox, reminders, options.Value);
        _lanes = Enumerable.Range(0, options.Value.Lanes)
            .Select(_ => new JournalLane(transaction, forgotten, options.Value, metrics, log))
            .ToArray();
        metrics.ObserveQueue(() => _lanes.Sum(lane => lane.QueuedBytes));
    }

    public Task<JournalResult> Append(JournalAppend append)
    {
        // A session always uses the same lane, so that its appends commit in order. Ids from one generator may differ
        // in few bits, so the hash is mixed before its upper bits choose the lane.
        ulong spread = (uint)append.Session.SessionId.GetHashCode() * 0x9E3779B97F4A7C15;
        return _lanes[(int)((spread >> 32) % (uint)_lanes.Length)].Append(append);
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(_lanes.Select(lane => lane.Stop()));
}
