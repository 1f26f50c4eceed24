using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Sessions.Database;

namespace Sessions.Capture.Replay;

/// <summary>Stores replay blocks. Each lane writes all blocks in its queue with one statement in one commit.</summary>
public sealed partial class ReplayBlockWriter : IAsyncDisposable
{
    private static readonly string Insert = SqlFile.Read("replay_blocks_insert.sql");

    private readonly NpgsqlDataSource _database;
    private readonly ReplayOptions _options;
    private readonly ILogger<ReplayBlockWriter> _log;
    private readonly Outage _outage = new();
    private readonly Lane[] _lanes;

    public ReplayBlockWriter(NpgsqlDataSource database, IOptions<ReplayOptions> options, ILogger<ReplayBlockWriter> log)
    {
        _database = database;
        _options = options.Value;
        _log = log;
        _lanes = Enumerable.Range(0, _options.Lanes).Select(_ => new Lane(this)).ToArray();
    }

    /// <summary>
    /// Completes when all of the blocks are durable. They count once their summaries are in the journal.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">
    /// Postgres is unavailable, or the queue is full. Some blocks may be written.
    /// </exception>
    public Task Write(IReadOnlyList<ReplayBlock> blocks) => Task.WhenAll(blocks.Select(block =>
    {
        // The same block always goes to the same lane: two lanes that write the same row would wait for each other.
        uint lane = (uint)block.BlockId.GetHashCode() % (uint)_lanes.Length;
        return _lanes[lane].Write(block);
    }));

    public async ValueTask DisposeAsync() => await Task.WhenAll(_lanes.Select(lane => lane.Stop()));

    private async Task Commit(IReadOnlyCollection<ReplayBlock> blocks)
    {
        // One statement can't update the same key twice.
        ReplayBlock[] rows = blocks
            .DistinctBy(block => (block.Session, block.BlockId, block.Born))
            .OrderBy(block => block.BlockId)
            .ToArray();
        await using NpgsqlCommand command = _database.CreateCommand(Insert);
        command.CommandTimeout = _options.CommitTimeoutSeconds;
        command.Parameters.Add(Columns.Text(rows, row => row.Session.Project));
        command.Parameters.Add(Columns.Of(rows, row => row.Session.SessionId, NpgsqlDbType.Uuid));
        command.Parameters.Add(Columns.Of(rows, row => row.BlockId, NpgsqlDbType.Uuid));
        command.Parameters.Add(Columns.Of(rows, row => row.Born, NpgsqlDbType.Date));
        command.Parameters.Add(Columns.Text(rows, row => row.WindowId));
        command.Parameters.Add(Columns.Of(rows, row => row.PlainSize, NpgsqlDbType.Integer));
        command.Parameters.Add(Columns.Of(rows, row => row.Data, NpgsqlDbType.Bytea));
        await command.ExecuteNonQueryAsync();
    }

    private void IsDown(Exception failure)
    {
        if (_outage.Begin())
        {
            LogDown(failure);
        }
    }

    private void IsUp()
    {
        if (_outage.End())
        {
            LogUp();
        }
    }

    [LoggerMessage(3040, LogLevel.Error, "Recordings can't be written now. The gateway tries again with the next recording, and senders get 503 until then. "
        + "Check that Postgres runs and has room.")]
    private partial void LogDown(Exception failure);

    [LoggerMessage(3041, LogLevel.Information, "Recordings are written again.")]
    private partial void LogUp();

    /// <summary>One writer: takes all blocks in its queue, commits them, and starts again.</summary>
    private sealed class Lane
    {
        private readonly Channel<Waiting> _queue = Channel.CreateUnbounded<Waiting>(new() { SingleReader = true });
        private readonly ReplayBlockWriter _writer;
        private readonly Task _loop;
        private long _queuedBytes;

        public Lane(ReplayBlockWriter writer)
        {
            _writer = writer;
            _loop = Task.Run(Loop);
        }

        public Task Write(ReplayBlock block)
        {
            var waiting = new Waiting(block);
            long bytes = block.Data.Length;
            // A block larger than the limit is accepted when the queue is empty.
            long queued = Interlocked.Add(ref _queuedBytes, bytes);
            if ((queued > _writer._options.MaxQueuedBytes && queued > bytes) || !_queue.Writer.TryWrite(waiting))
            {
                Interlocked.Add(ref _queuedBytes, -bytes);
                throw new SessionsUnavailableException("The queue of replay blocks is full.");
            }

            return waiting.Done.Task;
        }

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
                long bytes = 0;
                while (_queue.Reader.TryPeek(out Waiting? next)
                    && (batch.Count == 0 || bytes + next.Block.Data.Length <= _writer._options.MaxFlushBytes)
                    && _queue.Reader.TryRead(out Waiting? waiting))
                {
                    batch.Add(waiting);
                    bytes += waiting.Block.Data.Length;
                }

                await Commit(batch);
                Interlocked.Add(ref _queuedBytes, -bytes);
                batch.Clear();
            }
        }

        private async Task Commit(List<Waiting> batch)
        {
            try
            {
                await _writer.Commit([.. batch.Select(waiting => waiting.Block)]);
                _writer.IsUp();
                batch.ForEach(waiting => waiting.Done.TrySetResult());
            }
            catch (Exception failure)
            {
                // Postgres refuses no content of a block, so the next attempt can succeed with the same blocks.
                _writer.IsDown(failure);
                batch.ForEach(waiting => waiting.Done.TrySetException(
                    new SessionsUnavailableException("Replay blocks can't be written now.", failure)));
            }
        }
    }

    private sealed class Waiting(ReplayBlock block)
    {
        public ReplayBlock Block { get; } = block;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
