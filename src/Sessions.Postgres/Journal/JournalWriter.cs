using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Grains;

namespace Sessions.Postgres;

/// <summary>
/// The silo's journal: everything that waits in a lane goes in one transaction, one commit. It never throws: how a
/// run ended is its result.
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

    public Task<RunResult> Append(Run run)
    {
        // The same session always in the same lane: its runs commit in their order.
        // Ids of one maker may differ in few bits, so these are spread before some of them decide.
        ulong spread = (uint)run.Session.SessionId.GetHashCode() * 0x9E3779B97F4A7C15;
        return _lanes[(int)((spread >> 32) % (uint)_lanes.Length)].Append(run);
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(_lanes.Select(lane => lane.Stop()));
}
