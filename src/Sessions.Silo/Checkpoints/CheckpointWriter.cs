using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Database;
using Sessions.Domain;
using Sessions.Domain.Folding;
using Sessions.Silo.Damage;
using Sessions.Silo.Journal;
using Sessions.Silo.Outbox;
using Sessions.Silo.Rows;

namespace Sessions.Silo.Checkpoints;

/// <summary>
/// Writes the sessions' current states into their rows every few seconds, many rows in one statement. Durability does
/// not depend on it: a grain completes an outdated row from the journal when it loads.
/// </summary>
internal sealed partial class CheckpointWriter : IHostedService, IAsyncDisposable
{
    private static readonly string Mark = SqlFile.Read("checkpoint_mark.sql");
    private static readonly string Unmark = SqlFile.Read("checkpoint_unmark.sql");

    // Holds only states that were committed since the last round, so it can't grow while Postgres is away.
    private readonly ConcurrentDictionary<SessionKey, QueuedState> _queued = new();
    private readonly string _silo = $"{Environment.MachineName}:{Environment.ProcessId}:{Stopwatch.GetTimestamp()}";
    private readonly NpgsqlDataSource _database;
    private readonly WebhookOutbox _outbox;
    private readonly JournalOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<CheckpointWriter> _log;
    private readonly DamagedSessions? _damaged;
    private readonly PeriodicTimer _timer;
    private readonly Outage _outage = new();
    private readonly Task _loop;
    private long _doneUntil;

    public CheckpointWriter(
        NpgsqlDataSource database,
        WebhookOutbox outbox,
        IOptions<JournalOptions> options,
        TimeProvider clock,
        JournalMetrics metrics,
        ILogger<CheckpointWriter> log,
        DamagedSessions? damaged = null)
    {
        _database = database;
        _outbox = outbox;
        _options = options.Value;
        _clock = clock;
        _log = log;
        _damaged = damaged;
        _doneUntil = clock.GetTimestamp();
        metrics.ObserveCheckpoints(() => _clock.GetElapsedTime(Volatile.Read(ref _doneUntil)).TotalSeconds, () => _queued.Count);
        _timer = new PeriodicTimer(TimeSpan.FromSeconds(_options.CheckpointSeconds), clock);
        _loop = Task.Run(Loop);
    }

    /// <summary>
    /// Writes the silo's mark before the host continues. Without a mark, the other silos would not look for outdated
    /// rows of a silo that dies before its first round.
    /// </summary>
    /// <exception cref="NpgsqlException">Postgres is away.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => Stay(_clock.GetTimestamp());

    /// <summary>
    /// Does nothing: grains work until the silo has stopped. The last round is in <see cref="DisposeAsync"/>.
    /// </summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Queues a committed state for the next round. It replaces an older queued state of the session.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="state">The state.</param>
    /// <param name="rules">The project's rules.</param>
    /// <param name="history">The store's history in which the state was committed. In another one it is not written.</param>
    /// <param name="mark">Learns that the row has the state.</param>
    public void Add(SessionKey session, SessionState state, SessionRules rules, StoreHistory? history = null, RowMark? mark = null) =>
        Add(session, new QueuedState(state, rules, _clock.GetTimestamp(), history, mark));

    /// <summary>Writes one state now and completes when the row has it.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public async Task WriteNow(SessionKey session, SessionState state, SessionRules rules)
    {
        try
        {
            await Write([(session, new QueuedState(state, rules, Since: 0, History: null, Mark: null))]);
        }
        catch (Exception failure) when (PostgresAway.Is(failure))
        {
            throw new SessionsUnavailableException("The session's row can't be written now.", failure);
        }
    }

    /// <summary>Writes all queued states.</summary>
    public Task Flush() => Write(_queued.ToArray());

    private void Add(SessionKey session, QueuedState added) => _queued.AddOrUpdate(
        session,
        static (_, added) => added,
        static (_, queued, added) =>
            (queued.State.Number > added.State.Number && queued.History is not { IsOver: true } ? queued : added) with { Since = Math.Min(queued.Since, added.Since) },
        added);

    /// <summary>
    /// Writes all queued states, or only the oldest ones when many are queued. Returns the timestamp of the oldest
    /// change that is still queued.
    /// </summary>
    private async Task<long> WriteDue()
    {
        long begun = _clock.GetTimestamp();
        // ConcurrentDictionary's own ToArray: LINQ's copy fails when an item is added at the same time.
        KeyValuePair<SessionKey, QueuedState>[] all = _queued.ToArray();
        if (all.Length <= _options.BusyRows)
        {
            await Write(all);
            return begun;
        }

        long due = begun - (long)(_options.BusyCheckpointSeconds * _clock.TimestampFrequency);
        await Write([.. all.Where(queued => queued.Value.Since <= due)]);
        return all.Where(queued => queued.Value.Since > due).Select(queued => queued.Value.Since).DefaultIfEmpty(begun).Min();
    }

    private async Task Write(KeyValuePair<SessionKey, QueuedState>[] due)
    {
        foreach (KeyValuePair<SessionKey, QueuedState>[] chunk in due.Chunk(_options.CheckpointRows))
        {
            var taken = new List<KeyValuePair<SessionKey, QueuedState>>(chunk.Length);
            foreach ((SessionKey key, _) in chunk)
            {
                // The state may be newer than the one in the list by now. That is fine.
                if (_queued.TryRemove(key, out QueuedState? queued))
                {
                    taken.Add(new(key, queued));
                }
            }

            try
            {
                await Write([.. taken.Select(one => (one.Key, one.Value))]);
            }
            catch
            {
                taken.ForEach(one => Add(one.Key, one.Value));
                throw;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _loop;
        await TryFlush(FlushAll, Leave);
    }

    private async Task Loop()
    {
        while (await _timer.WaitForNextTickAsync())
        {
            await TryFlush(WriteDue, Stay);
        }
    }

    private async Task<long> FlushAll()
    {
        long begun = _clock.GetTimestamp();
        await Flush();
        return begun;
    }

    private async Task TryFlush(Func<Task<long>> flush, Func<long, Task> mark)
    {
        try
        {
            long doneUntil = await flush();
            await mark(doneUntil);
            Volatile.Write(ref _doneUntil, doneUntil);
            if (_outage.End())
            {
                LogUp();
            }
        }
        catch (Exception failure)
        {
            if (_outage.Begin())
            {
                LogDown(failure);
            }
        }
    }

    /// <summary>
    /// Renews the silo's mark: the silo is alive, and its rows contain everything that was committed until then.
    /// </summary>
    private async Task Stay(long doneUntil)
    {
        await using NpgsqlCommand command = _database.CreateCommand(Mark);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _silo });
        command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = _clock.GetElapsedTime(doneUntil).TotalSeconds });
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Removes the silo's mark: it has written everything and stops.</summary>
    private async Task Leave(long doneUntil)
    {
        await using NpgsqlCommand command = _database.CreateCommand(Unmark);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _silo });
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Writes states. If Postgres refuses one for its content, the others are still written.</summary>
    private async Task Write(IReadOnlyList<(SessionKey Key, QueuedState State)> states)
    {
        try
        {
            await WriteTogether(states);
        }
        catch (PostgresException refusal) when (Failures.IsOfTheRows(refusal))
        {
            if (states.Count == 1)
            {
                // The session's next event tries again, with another state.
                _damaged?.RowIsRefused(states[0].Key, refusal);
                return;
            }

            await Write([.. states.Take(states.Count / 2)]);
            await Write([.. states.Skip(states.Count / 2)]);
        }
    }

    private async Task WriteTogether(IReadOnlyList<(SessionKey Key, QueuedState State)> states)
    {
        if (states.Count == 0)
        {
            return;
        }

        await using NpgsqlConnection connection = await _database.OpenConnectionAsync();
        // Only now it is certain which server will be written: another one may lack what these states were made of.
        // A session that has ended since has written its row itself.
        (SessionKey Key, QueuedState State)[] valid =
        [
            .. states.Where(one => one.State.History is not { IsOver: true } && one.State.Mark?.Has(one.State.State.Number) != true),
        ];
        SessionSnapshot[] snapshots =
            [.. valid.Select(one => new SessionSnapshot(one.Key, default, one.State.State, one.State.Rules))];
        if (snapshots.Length == 0)
        {
            return;
        }

        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(
            _outbox.Checkpoint(snapshots, _clock.GetUtcNow()) ?? SessionColumns.Update(snapshots));
        ReplayColumns.Add(batch.BatchCommands, snapshots);
        await batch.ExecuteNonQueryAsync();
        foreach ((_, QueuedState written) in valid)
        {
            written.Mark?.Set(written.State.Number, written.Rules);
        }
    }

    [LoggerMessage(1010, LogLevel.Error, "The rows of sessions can't be brought up to date now. The silo tries again every few seconds, and nothing is lost: "
        + "the journal has all events. Check that Postgres runs and has room.")]
    private partial void LogDown(Exception failure);

    [LoggerMessage(1011, LogLevel.Information, "The rows of sessions are brought up to date again.")]
    private partial void LogUp();

    /// <summary>A queued state.</summary>
    /// <param name="State">The state.</param>
    /// <param name="Rules">The project's rules, from which the row's columns are computed.</param>
    /// <param name="Since">The timestamp of the first change that the row lacks.</param>
    /// <param name="History">The store's history in which the state was committed; null when the store has only one.</param>
    /// <param name="Mark">Learns that the row has the state.</param>
    private sealed record QueuedState(SessionState State, SessionRules Rules, long Since, StoreHistory? History, RowMark? Mark);
}
