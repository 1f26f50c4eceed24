using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Domain;

namespace Sessions.Postgres;

/// <summary>
/// Brings sessions' rows up to their grains every few seconds, many rows in one statement. It is never needed for
/// anything to be durable: a row that is behind is completed from the journal.
/// </summary>
internal sealed class CheckpointWriter : IHostedService, IAsyncDisposable
{
    private static readonly string UpdateSessions = QueryText.Read("session_checkpoint.sql");
    private static readonly string Mark = QueryText.Read("checkpoint_mark.sql");
    private static readonly string Unmark = QueryText.Read("checkpoint_unmark.sql");

    // Only what was committed since the last round waits here, so it can't grow while Postgres is away.
    private readonly ConcurrentDictionary<SessionKey, Waiting> _waiting = new();
    private readonly string _silo = $"{Environment.MachineName}:{Environment.ProcessId}:{Stopwatch.GetTimestamp()}";
    private readonly NpgsqlDataSource _database;
    private readonly WebhookOutbox _outbox;
    private readonly JournalOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<CheckpointWriter> _log;
    private readonly PeriodicTimer _timer;
    private readonly Task _loop;
    private bool _isFailing;
    private long _doneUntil;

    public CheckpointWriter(
        NpgsqlDataSource database,
        WebhookOutbox outbox,
        IOptions<JournalOptions> options,
        TimeProvider clock,
        JournalMetrics metrics,
        ILogger<CheckpointWriter> log)
    {
        _database = database;
        _outbox = outbox;
        _options = options.Value;
        _clock = clock;
        _log = log;
        _doneUntil = clock.GetTimestamp();
        metrics.ObserveCheckpoints(() => _clock.GetElapsedTime(Volatile.Read(ref _doneUntil)).TotalSeconds, () => _waiting.Count);
        _timer = new PeriodicTimer(TimeSpan.FromSeconds(_options.CheckpointSeconds), clock);
        _loop = Task.Run(Loop);
    }

    /// <summary>
    /// Marks the silo before the host goes on: without a mark nobody would look for the rows of one that dies before its
    /// first round.
    /// </summary>
    /// <exception cref="NpgsqlException">Postgres is away.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => Stay(_clock.GetTimestamp());

    /// <summary>Nothing yet: grains go on until the silo has stopped, and the last round comes after.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Takes a committed state. A newer one replaces one that waits.</summary>
    public void Add(SessionKey session, SessionState state, SessionRules rules) =>
        Add(session, new Waiting(state, rules, _clock.GetTimestamp()));

    /// <summary>Writes one now.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public async Task WriteNow(SessionKey session, SessionState state, SessionRules rules)
    {
        try
        {
            await Write([new SessionSnapshot(session, default, state, rules)]);
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or IOException)
        {
            throw new SessionsUnavailableException("The session's row can't be written now.", failure);
        }
    }

    /// <summary>Writes all that waits.</summary>
    public Task Flush() => Write(_waiting.ToArray());

    private void Add(SessionKey session, Waiting added) => _waiting.AddOrUpdate(
        session,
        static (_, added) => added,
        static (_, waiting, added) =>
            (waiting.State.Number > added.State.Number ? waiting : added) with { Since = Math.Min(waiting.Since, added.Since) },
        added);

    /// <summary>Writes what waits; when much does, what has waited for long. Says since when the oldest waits that still does.</summary>
    private async Task<long> WriteDue()
    {
        long begun = _clock.GetTimestamp();
        // The dictionary's own: a copy by its count fails when one is added meanwhile.
        KeyValuePair<SessionKey, Waiting>[] all = _waiting.ToArray();
        if (all.Length <= _options.BusyRows)
        {
            await Write(all);
            return begun;
        }

        long due = begun - (long)(_options.BusyCheckpointSeconds * _clock.TimestampFrequency);
        await Write([.. all.Where(waiting => waiting.Value.Since <= due)]);
        return all.Where(waiting => waiting.Value.Since > due).Select(waiting => waiting.Value.Since).DefaultIfEmpty(begun).Min();
    }

    private async Task Write(KeyValuePair<SessionKey, Waiting>[] due)
    {
        foreach (KeyValuePair<SessionKey, Waiting>[] chunk in due.Chunk(_options.CheckpointRows))
        {
            var taken = new List<KeyValuePair<SessionKey, Waiting>>(chunk.Length);
            foreach ((SessionKey key, _) in chunk)
            {
                // By now it may be a newer state, which is as good.
                if (_waiting.TryRemove(key, out Waiting? waiting))
                {
                    taken.Add(new(key, waiting));
                }
            }

            try
            {
                await Write([.. taken.Select(one => new SessionSnapshot(one.Key, default, one.Value.State, one.Value.Rules))]);
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
            _isFailing = false;
        }
        catch (Exception failure)
        {
            if (!_isFailing)
            {
                _isFailing = true;
                _log.LogError(failure, "Sessions' rows can't be brought up to date; it is tried again");
            }
        }
    }

    /// <summary>The silo lives, and its rows have what was committed until then.</summary>
    private async Task Stay(long doneUntil)
    {
        await using NpgsqlCommand command = _database.CreateCommand(Mark);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _silo });
        command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = _clock.GetElapsedTime(doneUntil).TotalSeconds });
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The silo has written all and goes.</summary>
    private async Task Leave(long doneUntil)
    {
        await using NpgsqlCommand command = _database.CreateCommand(Unmark);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _silo });
        await command.ExecuteNonQueryAsync();
    }

    private async Task Write(List<SessionSnapshot> snapshots)
    {
        if (snapshots.Count == 0)
        {
            return;
        }

        await using NpgsqlConnection connection = await _database.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(
            _outbox.Checkpoint(snapshots, _clock.GetUtcNow()) ?? SessionColumns.Command(UpdateSessions, snapshots));
        ReplayColumns.Add(batch.BatchCommands, snapshots);
        await batch.ExecuteNonQueryAsync();
    }

    /// <summary>A state on its way into its row.</summary>
    /// <param name="State">The state.</param>
    /// <param name="Rules">By which the row's columns follow from it.</param>
    /// <param name="Since">When the first change came that the row lacks.</param>
    private sealed record Waiting(SessionState State, SessionRules Rules, long Since);
}
