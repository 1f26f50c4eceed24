using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Domain.Persons;
using Sessions.Grains;

namespace Sessions.Postgres;

/// <summary>
/// Whose events a silo refuses: the table in memory, brought up to date every second, and at once when the journal finds
/// that it is behind.
/// </summary>
internal sealed class ForgottenPersons(
    NpgsqlDataSource database, IOptions<PersonOptions> options, TimeProvider clock, ILogger<ForgottenPersons> log)
    : BackgroundService, IForgottenPersons
{
    private static readonly string Since = QueryText.Read("forgotten_since.sql");

    // The events of one call are nearly always one person's: its mark is made once for all of them.
    [ThreadStatic]
    private static (ForgottenPersons By, string Project, string DistinctId, UInt128 Mark) s_last;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<UInt128, DateTimeOffset>> _projects = new();
    private byte[] _key = [];
    private long _generation = -1;
    private bool _isFailing;

    public long Generation => Volatile.Read(ref _generation);

    public bool Covers(string project, string distinctId, DateTimeOffset time) =>
        _projects.TryGetValue(project, out ConcurrentDictionary<UInt128, DateTimeOffset>? forgotten)
        && !forgotten.IsEmpty
        && forgotten.TryGetValue(MarkOf(project, distinctId), out DateTimeOffset until)
        && time <= until;

    /// <summary>Reads what has changed.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task Refresh()
    {
        await _turn.WaitAsync();
        try
        {
            await Read();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Reads all before the silo takes anything; without it the journal would only find that it is behind.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await TryRefresh();
        await base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TryRefresh();
            Prune();
        }
    }

    private async Task TryRefresh()
    {
        try
        {
            await Refresh();
            _isFailing = false;
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or IOException)
        {
            if (!_isFailing)
            {
                _isFailing = true;
                log.LogWarning("Whose events are to be refused can't be read now ({Reason}); the journal asks for itself", failure.Message);
            }
        }
    }

    private async Task Read()
    {
        await using NpgsqlCommand command = database.CreateCommand(Since);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = _generation });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        long generation = _generation;
        while (await reader.ReadAsync())
        {
            generation = reader.GetInt64(0);
            _key = reader.GetFieldValue<byte[]>(1);
            if (!reader.IsDBNull(2))
            {
                _projects.GetOrAdd(reader.GetString(2), static _ => new())[Mark(reader.GetFieldValue<byte[]>(3))] =
                    reader.GetFieldValue<DateTimeOffset>(4);
            }
        }

        // At last: whoever sees the number finds all that it stands for.
        Volatile.Write(ref _generation, generation);
    }

    private void Prune()
    {
        DateTimeOffset kept = clock.GetUtcNow() - options.Value.RefuseFor;
        foreach ((string project, ConcurrentDictionary<UInt128, DateTimeOffset> forgotten) in _projects)
        {
            foreach ((UInt128 mark, DateTimeOffset until) in forgotten)
            {
                if (until < kept)
                {
                    forgotten.TryRemove(new KeyValuePair<UInt128, DateTimeOffset>(mark, until));
                }
            }
        }
    }

    private UInt128 MarkOf(string project, string distinctId)
    {
        if (s_last.DistinctId != distinctId || s_last.Project != project || s_last.By != this)
        {
            s_last = (this, project, distinctId, Mark(PersonMark.Of(_key, project, distinctId)));
        }

        return s_last.Mark;
    }

    // Half of it tells as many persons apart as there will ever be.
    private static UInt128 Mark(byte[] mark) => MemoryMarshal.Read<UInt128>(mark);
}
