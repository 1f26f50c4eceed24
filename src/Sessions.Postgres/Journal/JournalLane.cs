using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sessions.Grains;

namespace Sessions.Postgres;

/// <summary>One writer: takes all that waits, commits it as a group, and takes again.</summary>
internal sealed class JournalLane
{
    // A rough size of what an entry costs beside its properties.
    private const int EntryOverhead = 256;

    private readonly Channel<Waiting> _queue = Channel.CreateUnbounded<Waiting>(new() { SingleReader = true });
    private readonly JournalTransaction _transaction;
    private readonly ForgottenPersons _forgotten;
    private readonly JournalOptions _options;
    private readonly JournalMetrics _metrics;
    private readonly ILogger _log;
    private readonly Task _loop;
    private long _queuedBytes;
    private bool _isDown;

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

    /// <summary>What waits or is on its way, in bytes.</summary>
    public long QueuedBytes => Interlocked.Read(ref _queuedBytes);

    public Task<RunResult> Append(Run run)
    {
        var waiting = new Waiting(run);
        if (Interlocked.Add(ref _queuedBytes, waiting.Bytes) > _options.MaxQueuedBytes || !_queue.Writer.TryWrite(waiting))
        {
            Interlocked.Add(ref _queuedBytes, -waiting.Bytes);
            // What its session appends from now on is numbered on top of this run.
            run.Chain.Break();
            return Task.FromResult(RunResult.Of(RunOutcome.Unavailable));
        }

        return waiting.Done.Task;
    }

    /// <summary>Writes what waits and ends.</summary>
    public Task Stop()
    {
        _queue.Writer.TryComplete();
        return _loop;
    }

    private async Task Loop()
    {
        var batch = new List<Waiting>();
        while (await _queue.Reader.WaitToReadAsync())
        {
            Fill(batch);
            await Write(batch);
            Interlocked.Add(ref _queuedBytes, -batch.Sum(waiting => waiting.Bytes));
            batch.Clear();
        }
    }

    private void Fill(List<Waiting> batch)
    {
        int entries = 0;
        long bytes = 0;
        while (entries < _options.MaxFlushEntries
            && bytes < _options.MaxFlushBytes
            && _queue.Reader.TryRead(out Waiting? waiting))
        {
            batch.Add(waiting);
            entries += waiting.Run.Entries.Count;
            bytes += waiting.Bytes;
        }
    }

    /// <summary>
    /// Writes runs in one transaction. When Postgres refuses it, both halves are tried on their own, down to the run
    /// that is to blame: one bad run costs a few transactions more, and only itself fails.
    /// </summary>
    private async Task Write(IReadOnlyList<Waiting> batch)
    {
        long generation = _forgotten.Generation;
        RefuseForgotten(batch, generation);
        Waiting[] runs = Whole(batch);
        if (runs.Length == 0)
        {
            return;
        }

        try
        {
            long begun = Stopwatch.GetTimestamp();
            Run[] group = runs.Select(waiting => waiting.Run).ToArray();
            using (JournalMetrics.Start(runs.Select(waiting => waiting.Caller)))
            {
                await _transaction.Commit(group, generation);
            }

            _metrics.Committed(group, Stopwatch.GetElapsedTime(begun));
            IsUp();
            foreach (Waiting waiting in runs)
            {
                waiting.Done.TrySetResult(RunResult.Of(RunOutcome.Committed));
            }
        }
        catch (Exception failure)
        {
            if (failure is PostgresException { SqlState: Failures.Forgotten } && await TryLearnForgotten())
            {
                await Write(runs);
                return;
            }

            _metrics.Failed();
            Failure kind = Failures.Classify(failure);
            if (kind is Failure.OfThisTransaction && runs.Length > 1)
            {
                await Write(runs[..(runs.Length / 2)]);
                await Write(runs[(runs.Length / 2)..]);
            }
            else if (kind is Failure.OfThisTransaction)
            {
                Fail(runs[0], await _transaction.Diagnose(runs[0].Run, failure));
            }
            else
            {
                IsDown(failure);
                var result = RunResult.Of(kind is Failure.Unknown ? RunOutcome.Unknown : RunOutcome.Unavailable);
                foreach (Waiting waiting in runs)
                {
                    Fail(waiting, result);
                }
            }
        }
    }

    /// <summary>Refuses runs with events of persons who have been forgotten since the events were found welcome.</summary>
    private void RefuseForgotten(IReadOnlyList<Waiting> batch, long generation)
    {
        foreach (Waiting waiting in batch)
        {
            if (waiting.Run.WelcomeAt < generation
                && waiting.Run.Entries.Any(entry => _forgotten.Covers(waiting.Run.Session.Project, entry.DistinctId, entry.Time)))
            {
                // Its session sorts the events anew.
                Fail(waiting, RunResult.Of(RunOutcome.Conflict));
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
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or IOException)
        {
            return false;
        }
    }

    /// <summary>The runs whose chains are whole; the others are refused.</summary>
    private static Waiting[] Whole(IReadOnlyList<Waiting> batch)
    {
        foreach (Waiting waiting in batch)
        {
            if (waiting.Run.Chain.IsBroken)
            {
                waiting.Done.TrySetResult(RunResult.Of(RunOutcome.Superseded));
            }
        }

        return batch.Where(waiting => !waiting.Done.Task.IsCompleted).ToArray();
    }

    private static void Fail(Waiting waiting, RunResult result)
    {
        waiting.Run.Chain.Break();
        waiting.Done.TrySetResult(result);
    }

    private void IsDown(Exception failure)
    {
        if (!_isDown)
        {
            _isDown = true;
            _log.LogError(failure, "The journal can't be written; events are answered as unavailable until it can");
        }
    }

    private void IsUp()
    {
        if (_isDown)
        {
            _isDown = false;
            _log.LogInformation("The journal is written again");
        }
    }

    private sealed class Waiting(Run run)
    {
        public Run Run { get; } = run;

        /// <summary>The trace of who waits; the loop has none of its own.</summary>
        public ActivityContext Caller { get; } = Activity.Current?.Context ?? default;

        public long Bytes { get; } = run.Entries.Sum(entry => (long)entry.Properties.Length + EntryOverhead);

        public TaskCompletionSource<RunResult> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
