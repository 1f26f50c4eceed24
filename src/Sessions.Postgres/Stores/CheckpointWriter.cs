using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Domain;

namespace Sessions.Postgres;

/// <summary>
/// Brings sessions' rows up to their grains every few seconds, many rows in one statement. It is never needed for
/// anything to be durable: a row that is behind is completed from the journal.
/// </summary>
internal sealed class CheckpointWriter : IAsyncDisposable
{
    private static readonly string UpdateSessions = QueryText.Read("session_checkpoint.sql");
    private static readonly string Mark = QueryText.Read("checkpoint_mark.sql");
    private static readonly string Unmark = QueryText.Read("checkpoint_unmark.sql");

    // Only what was committed since the last round waits here, so it can't grow while Postgres is away.
    private readonly ConcurrentDictionary<SessionKey, (SessionState State, SessionRules Rules)> _waiting = new();
    private readonly string _silo = $"{Environment.MachineName}:{Environment.ProcessId}:{Stopwatch.GetTimestamp()}";
    private readonly NpgsqlDataSource _database;
    private readonly JournalOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<CheckpointWriter> _log;
    private readonly PeriodicTimer _timer;
    private readonly Task _loop;
    private bool _isFailing;
    private long _roundBegun;

    public CheckpointWriter(
        NpgsqlDataSource database, IOptions<JournalOptions> options, TimeProvider clock, JournalMetrics metrics, ILogger<CheckpointWriter> log)
    {
        _database = database;
        _options = options.Value;
        _clock = clock;
        _log = log;
        _roundBegun = clock.GetTimestamp();
        metrics.ObserveCheckpoints(() => _clock.GetElapsedTime(Volatile.Read(ref _roundBegun)).TotalSeconds, () => _waiting.Count);
        _timer = new PeriodicTimer(TimeSpan.FromSeconds(_options.CheckpointSeconds), clock);
        _loop = Task.Run(Loop);
    }

    /// <summary>Takes a committed state. A newer one replaces one that waits.</summary>
    public void Add(SessionKey session, SessionState state, SessionRules rules) =>
        _waiting.AddOrUpdate(
            session,
            (state, rules),
            (_, waiting) => waiting.State.Number > state.Number ? waiting : (state, rules));

    /// <summary>Writes all that waits.</summary>
    public async Task Flush()
    {
        foreach (SessionKey[] keys in _waiting.Keys.Chunk(_options.CheckpointRows))
        {
            var taken = new List<SessionSnapshot>(keys.Length);
            foreach (SessionKey key in keys)
            {
                if (_waiting.TryRemove(key, out (SessionState State, SessionRules Rules) waiting))
                {
                    taken.Add(new SessionSnapshot(key, default, waiting.State, waiting.Rules));
                }
            }

            try
            {
                await Write(taken);
            }
            catch
            {
                taken.ForEach(snapshot => Add(snapshot.Key, snapshot.State, snapshot.Rules));
                throw;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _loop;
        await TryFlush(Leave);
    }

    private async Task Loop()
    {
        while (await _timer.WaitForNextTickAsync())
        {
            await TryFlush(Stay);
        }
    }

    private async Task TryFlush(Func<long, Task> mark)
    {
        try
        {
            long begun = _clock.GetTimestamp();
            await Flush();
            await mark(begun);
            Volatile.Write(ref _roundBegun, begun);
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

    /// <summary>The silo lives, and its rows have what was committed before the round began.</summary>
    private async Task Stay(long begun)
    {
        await using NpgsqlCommand command = _database.CreateCommand(Mark);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _silo });
        command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = _clock.GetElapsedTime(begun).TotalSeconds });
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The silo has written all and goes.</summary>
    private async Task Leave(long begun)
    {
        await using NpgsqlCommand command = _database.CreateCommand(Unmark);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [_silo] });
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
        batch.BatchCommands.Add(SessionColumns.Command(UpdateSessions, snapshots));
        await batch.ExecuteNonQueryAsync();
    }
}
