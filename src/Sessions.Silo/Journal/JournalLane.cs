using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sessions.Database;
using Sessions.Domain.Folding;
using Sessions.Silo.PersonData;

namespace Sessions.Silo.Journal;

/// <summary>One journal writer: it takes all queued appends, commits them as a group, and repeats.</summary>
internal sealed partial class JournalLane
{
    // An entry's approximate size without its properties, in bytes.
    private const int EntryOverhead = 256;

    private readonly Channel<QueuedAppend> _queue = Channel.CreateUnbounded<QueuedAppend>(new() { SingleReader = true });
    private readonly JournalTransaction _transaction;
    private readonly ForgottenPersons _forgotten;
    private readonly JournalOptions _options;
    private readonly JournalMetrics _metrics;
    private readonly ILogger _log;
    private readonly Outage _outage = new();
    private readonly Task _loop;
    private long _queuedBytes;

    public JournalLane(
        JournalTransaction transaction, ForgottenPersons forgotten, JournalOptions options, JournalMetrics metrics, ILogger log)
    {
        _transaction = transaction;
        _forgotten = forgotten;
        _options = options;
        _metrics = metrics;
        _log = log;
        _loop = Task.Run(Loop);
    }

    /// <summary>The size of all appends that are queued or being written, in bytes.</summary>
    public long QueuedBytes => Interlocked.Read(ref _queuedBytes);

    public Task<JournalResult> Append(JournalAppend append)
    {
        var queued = new QueuedAppend(append);
        if (Interlocked.Add(ref _queuedBytes, queued.Bytes) > _options.MaxQueuedBytes || !_queue.Writer.TryWrite(queued))
        {
            Interlocked.Add(ref _queuedBytes, -queued.Bytes);
            // The session numbers its later appends after this one, so they must be refused too.
            append.Chain.Break();
            return Task.FromResult(JournalResult.Of(JournalOutcome.Unavailable));
        }

        return queued.Done.Task;
    }

    /// <summary>Writes all queued appends and stops.</summary>
    public Task Stop()
    {
        _queue.Writer.TryComplete();
        return _loop;
    }

    private async Task Loop()
    {
        var batch = new List<QueuedAppend>();
        while (await _queue.Reader.WaitToReadAsync())
        {
            Fill(batch);
            await Write(batch);
            Interlocked.Add(ref _queuedBytes, -batch.Sum(queued => queued.Bytes));
            batch.Clear();
        }
    }

    private void Fill(List<QueuedAppend> batch)
    {
        int entries = 0;
        long bytes = 0;
        while (entries < _options.MaxFlushEntries
            && bytes < _options.MaxFlushBytes
            && _queue.Reader.TryRead(out QueuedAppend? queued))
        {
            batch.Add(queued);
            entries += queued.Append.Entries.Count;
            bytes += queued.Bytes;
        }
    }

    /// <summary>
    /// Writes appends in one transaction. When Postgres refuses the batch, the lane writes each half on its own, down
    /// to the bad append. One bad append costs a few more transactions, and only that append fails.
    /// </summary>
    private async Task Write(IReadOnlyList<QueuedAppend> batch)
    {
        long generation = _forgotten.Generation;
        RefuseForgotten(batch, generation);
        QueuedAppend[] appends = Whole(batch);
        if (appends.Length == 0)
        {
            return;
        }

        try
        {
            long begun = Stopwatch.GetTimestamp();
            JournalAppend[] group = appends.Select(queued => queued.Append).ToArray();
            using (JournalMetrics.Start(appends.Select(queued => queued.Caller)))
            {
                await _transaction.Commit(group, generation);
            }

            _metrics.Committed(group, Stopwatch.GetElapsedTime(begun));
            if (_outage.End())
            {
                LogUp();
            }

            foreach (QueuedAppend queued in appends)
            {
                queued.Done.TrySetResult(JournalResult.Of(JournalOutcome.Committed));
            }
        }
        catch (Exception failure)
        {
            if (failure is BrokenChainException || (failure is PostgresException { SqlState: Failures.Forgotten } && await TryLearnForgotten()))
            {
                await Write(appends);
                return;
            }

            _metrics.Failed();
            Failure kind = Failures.Classify(failure);
            if (kind is Failure.OfThisTransaction && appends.Length > 1)
            {
                await Write(appends[..(appends.Length / 2)]);
                await Write(appends[(appends.Length / 2)..]);
            }
            else if (kind is Failure.OfThisTransaction)
            {
                Fail(appends[0], await _transaction.Diagnose(appends[0].Append, failure));
            }
            else
            {
                if (_outage.Begin())
                {
                    LogDown(failure);
                }

                var result = JournalResult.Of(kind is Failure.Unknown ? JournalOutcome.Unknown : JournalOutcome.Unavailable);
                foreach (QueuedAppend queued in appends)
                {
                    Fail(queued, result);
                }
            }
        }
    }

    /// <summary>
    /// Refuses appends with events of persons who were erased after the events had been checked, appends of projects that are
    /// being deleted, and those that continue a session of a deleted project whose id another one has now.
    /// </summary>
    private void RefuseForgotten(IReadOnlyList<QueuedAppend> batch, long generation)
    {
        foreach (QueuedAppend queued in batch)
        {
            string project = queued.Append.Session.Project;
            if (_forgotten.IsLeaving(project)
                || queued.Append.LoadedIn < _forgotten.MadeIn(project)
                || (queued.Append.ErasureGeneration < generation
                    && queued.Append.Entries.Any(entry => _forgotten.Covers(project, entry.DistinctId, entry.Time))))
            {
                // The session then checks the events again.
                Fail(queued, JournalResult.Of(JournalOutcome.Conflict));
            }
        }
    }

    private async Task<bool> TryLearnForgotten()
    {
        try
        {
            await _forgotten.Refresh();
            return true;
        }
        catch (Exception failure) when (PostgresAway.Is(failure))
        {
            return false;
        }
    }

    /// <summary>The appends whose chains are unbroken. The others are refused.</summary>
    private static QueuedAppend[] Whole(IReadOnlyList<QueuedAppend> batch)
    {
        foreach (QueuedAppend queued in batch)
        {
            if (queued.Append.Chain.IsBroken)
            {
                queued.Done.TrySetResult(JournalResult.Of(JournalOutcome.Superseded));
            }
        }

        return batch.Where(queued => !queued.Done.Task.IsCompleted).ToArray();
    }

    private static void Fail(QueuedAppend queued, JournalResult result)
    {
        queued.Append.Chain.Break();
        queued.Done.TrySetResult(result);
    }

    [LoggerMessage(1001, LogLevel.Error, "The journal can't be written now. The silo tries again with the next events, and their senders get 503 until then. "
        + "Check that Postgres runs and has room.")]
    private partial void LogDown(Exception failure);

    [LoggerMessage(1002, LogLevel.Information, "The journal is written again. Events are taken.")]
    private partial void LogUp();

    private sealed class QueuedAppend(JournalAppend append)
    {
        public JournalAppend Append { get; } = append;

        /// <summary>The caller's trace. The writing loop has none of its own.</summary>
        public ActivityContext Caller { get; } = Activity.Current?.Context ?? default;

        public long Bytes { get; } = append.Entries.Sum(entry => (long)entry.Properties.Length + EntryOverhead);

        public TaskCompletionSource<JournalResult> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
